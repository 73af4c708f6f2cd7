package ringtest

import (
	"fmt"
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/ring"
)

// Ideal returns a simulation in which all nodes are up and in their final
// places: o.Rings rings, interleaved on the circle, with fingers where wanted.
// Tables, where there are any, know everybody.
func Ideal(o Options) *Sim {
	s := New(o)
	order := s.circle()
	var all []member.Member
	if o.Memory == Tables {
		for i := range s.nodes {
			all = append(all, s.newTable(i, nil).Self())
		}
	}
	for r := range s.o.Rings {
		var members []int
		for at, i := range order {
			if at%s.o.Rings == r {
				members = append(members, i)
			}
		}
		for at, i := range members {
			s.place(i, s.ideal(members, at), all)
		}
	}
	s.checker.begin()
	return s
}

// place starts node i in a given state.
func (s *Sim) place(i int, v ring.View, all []member.Member) {
	n := s.start(i)
	n.member, n.settled = true, true
	if n.table != nil {
		n.table = s.newTable(i, all)
	}
	n.machine = ring.FromView(ring.Config{Self: n.self, Length: s.o.Length, NoFingers: !s.o.Fingers}, v)
}

// ideal returns the exact pointers of the at-th of members, which go clockwise.
func (s *Sim) ideal(members []int, at int) ring.View {
	n := len(members)
	v := ring.View{Self: s.nodes[members[at]].self, Phase: ring.Member, Successors: []ring.Peer{s.nodes[members[at]].self}}
	if n == 1 {
		return v
	}
	v.Predecessor = s.nodes[members[(at+n-1)%n]].self
	v.Successors = nil
	for k := 1; k <= min(s.o.Length, n-1); k++ {
		v.Successors = append(v.Successors, s.nodes[members[(at+k)%n]].self)
	}
	if s.o.Fingers {
		v.Fingers = s.fingers(v.Self, members)
	}
	return v
}

func (s *Sim) fingers(self ring.Peer, members []int) []ring.Finger {
	var list []ring.Finger
	for k := 0; k < keyspace.Bits; {
		p := s.nodes[s.owner(members, self.ID.AddPower(k))].self
		if p == self {
			break
		}
		to := self.ID.Distance(p.ID).Log2()
		list = append(list, ring.Finger{From: k, To: to, Peer: p})
		k = to + 1
	}
	return list
}

// AtRest returns nil where all nodes that are up form one ring with exact
// pointers (I10) and arcs that divide the circle (I11), else what is wrong.
func (s *Sim) AtRest() error { return s.atRest(s.Alive()) }

// atRest looks at the ring of some nodes only, in clockwise order.
func (s *Sim) atRest(alive []int) error {
	for at, i := range alive {
		have, want := s.nodes[i].machine.View(), s.ideal(alive, at)
		switch {
		case have.Phase != ring.Member:
			return s.unrest("I10", "n%d is %v", i, have.Phase)
		case !slices.Equal(have.Successors, want.Successors):
			return s.unrest("I10", "n%d has the successors %v, want %v", i, s.names(have.Successors), s.names(want.Successors))
		case have.Predecessor != want.Predecessor:
			return s.unrest("I11", "n%d has the predecessor %v, want %v", i,
				s.names([]ring.Peer{have.Predecessor}), s.names([]ring.Peer{want.Predecessor}))
		}
	}
	return nil
}

func (s *Sim) unrest(invariant, format string, args ...any) error {
	return &Broken{invariant, fmt.Sprintf(format, args...), s.now, s.events}
}

func (s *Sim) names(list []ring.Peer) (names []string) {
	for _, p := range list {
		names = append(names, fmt.Sprintf("n%d", s.number(p.ID)))
	}
	return names
}

// Settle lets periods go by until the ring is at rest, no more than limit, and
// returns how many it took. The error says what was still wrong.
func (s *Sim) Settle(limit int) (rounds int, err error) {
	for ; ; rounds++ {
		if err = s.AtRest(); err == nil || rounds == limit {
			return rounds, err
		}
		if err = s.Rounds(1); err != nil {
			return rounds, err
		}
	}
}
