package ringtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"chord/keyspace"
	"chord/ring"
)

// liar is a member that answers whatever it likes while it lies. What it asks and
// how it moves is package ring's: else nobody would believe it to be a member.
type liar struct {
	*ring.Ring
	rand  *rand.Rand
	all   []ring.Peer // who there is
	lying *bool
}

func (l *liar) Handle(q ring.Request) ring.Response {
	honest := l.Ring.Handle(q)
	if !*l.lying {
		return honest
	}
	switch q.(type) {
	case ring.AskState:
		return l.state()
	case ring.AskRoute:
		return ring.Route{Found: l.rand.IntN(2) == 0, Hops: l.list(1 + l.rand.IntN(ring.RouteHops))}
	}
	return honest
}

func (l *liar) invented() ring.Peer {
	var id keyspace.ID
	for i := range id {
		id[i] = byte(l.rand.Uint32())
	}
	return ring.Peer{ID: id, Addr: fmt.Sprintf("nobody-%x:1", id[:2])}
}

func (l *liar) someone() ring.Peer {
	switch l.rand.IntN(4) {
	case 0:
		return l.invented()
	case 1:
		return l.View().Self
	}
	return l.all[l.rand.IntN(len(l.all))]
}

// list is in no order, and names some more than once.
func (l *liar) list(n int) (list []ring.Peer) {
	for range n {
		list = append(list, l.someone())
	}
	return list
}

func (l *liar) state() ring.State {
	s := ring.State{Self: l.View().Self, Predecessor: l.someone()}
	switch l.rand.IntN(5) {
	case 0:
		s.Pending = true
	case 1: // for ever the same
		s.Successors = make([]ring.Peer, 1_000_000)
		for i := range s.Successors {
			s.Successors[i] = s.Self
		}
	case 2: // out of the air, but in order, and very long
		at := s.Self.ID
		for range 5000 {
			at = at.AddPower(keyspace.Bits - 14)
			s.Successors = append(s.Successors, ring.Peer{ID: at, Addr: "nobody:1"})
		}
	case 3: // it claims to be another
		s.Self = l.someone()
		s.Successors = l.list(3)
	default:
		s.Successors = l.list(l.rand.IntN(40))
	}
	return s
}

// One member lies about its pointers, for as long as it likes. The lists of the
// others stay lists, and once it is gone the ring is whole again in a few rounds.
func TestLiar(t *testing.T) {
	const honest, rounds, patience = 11, 40, 60
	for seed := uint64(1); seed <= uint64(12/slowdown+1); seed++ {
		lying := false
		var all []ring.Peer
		var bad keyspace.ID
		o := Options{Seed: seed, Nodes: honest + 1, Length: 4, Memory: Tables}
		o.make = func(c ring.Config) machine {
			if c.Self.ID == bad {
				return &liar{ring.New(c), rand.New(rand.NewPCG(seed, 9)), all, &lying}
			}
			return ring.New(c)
		}
		s := New(o)
		for i := range s.Len() {
			all = append(all, s.Peer(i))
		}
		bad = s.Peer(honest).ID
		s.Found(0)
		for i := 1; i < s.Len(); i++ {
			s.Join(i, 0)
		}
		if _, err := s.Settle(patience); err != nil {
			t.Fatalf("seed %d: before: %v", seed, err)
		}
		lying = true
		for range rounds {
			if err := s.Rounds(1); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for i := range honest {
				if err := listed(s.View(i), o.Length); err != nil {
					t.Fatalf("seed %d: n%d: %v", seed, i, err)
				}
			}
		}
		lying = false
		s.Crash(honest)
		if n, err := s.Settle(patience); err != nil {
			t.Errorf("seed %d: %d rounds after it went: %v", seed, n, err)
		}
	}
}

// listed says what keeps a list from being one (I7).
func listed(v ring.View, length int) error {
	if len(v.Successors) > length {
		return fmt.Errorf("a list of %d", len(v.Successors))
	}
	prev := v.Self.ID
	for i, p := range v.Successors {
		if p.ID == v.Self.ID && len(v.Successors) > 1 || i > 0 && !keyspace.Between(prev, p.ID, v.Self.ID) {
			return fmt.Errorf("the list %v of %v is out of order", v.Successors, v.Self)
		}
		prev = p.ID
	}
	return nil
}
