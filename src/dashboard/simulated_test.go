package dashboard

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
)

// simulated is a ring of many members that are as a seed says, seen by the first
// of them. It is a [Node] and [Peers]; what it says never changes by itself.
type simulated struct {
	members  []member.Member
	statuses map[string]node.Status // by address; who does not answer is missing
	self     node.Status
}

// simulate makes a ring of n members; well is false where some are not.
func simulate(n int, seed uint64, well bool) *simulated {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &simulated{statuses: map[string]node.Status{}}
	for i := range n {
		name := fmt.Sprintf("node%d", i)
		if i == 0 {
			name = "bootstrap"
		}
		m := member.Member{
			ID: s.choose(name), Name: name, Addr: fmt.Sprintf("10.0.%d.%d:4170", i/250, i%250+1),
			Domain: fmt.Sprintf("rack%d", i%8), State: member.Alive, Serving: true,
		}
		if !well {
			m.State, m.Serving = state(r, i, n)
		}
		at, _ := slices.BinarySearchFunc(s.members, m.ID, byID)
		s.members = slices.Insert(s.members, at, m)
	}
	for _, m := range s.members {
		st := s.status(m, r)
		if m.Name == "bootstrap" {
			s.self = st
		}
		if m.State < member.Down && r.Uint64()%40 > 0 || m.Name == "bootstrap" {
			s.statuses[m.Addr] = st
		}
	}
	return s
}

func byID(m member.Member, id keyspace.ID) int { return m.ID.Compare(id) }

// choose takes the one of a name's identifiers that splits the largest arc, as
// nodes do.
func (s *simulated) choose(name string) (best keyspace.ID) {
	largest := -1.0
	for choice := range keyspace.NodeChoices {
		id := keyspace.HashNode("library", name, choice)
		if len(s.members) == 0 {
			return id
		}
		at, _ := slices.BinarySearchFunc(s.members, id, byID)
		before := s.members[(at+len(s.members)-1)%len(s.members)].ID
		after := s.members[at%len(s.members)].ID
		if arc := min(fraction(before.Distance(id)), fraction(id.Distance(after))); arc > largest {
			best, largest = id, arc
		}
	}
	return best
}

// state makes a few of a hundred members unwell.
func state(r *rand.Rand, i, n int) (member.State, bool) {
	if i == 0 || i > n-1 {
		return member.Alive, true
	}
	switch at := r.IntN(100); {
	case at < 2 || i == 3:
		return member.Down, true
	case at < 3:
		return member.Suspect, true
	case at < 4:
		return member.Leaving, true
	case at < 5:
		return member.Alive, false
	}
	return member.Alive, true
}

func (s *simulated) status(m member.Member, r *rand.Rand) node.Status {
	at := slices.Index(s.members, m)
	peer := func(i int) ring.Peer {
		o := s.members[(at+i+len(s.members))%len(s.members)]
		return ring.Peer{ID: o.ID, Addr: o.Addr}
	}
	v := ring.View{Self: peer(0), Phase: ring.Member, Predecessor: peer(-1)}
	for i := 1; i < min(len(s.members), 17); i++ {
		v.Successors = append(v.Successors, peer(i))
	}
	for k := 0; k < keyspace.Bits; k++ {
		i, _ := slices.BinarySearchFunc(s.members, m.ID.AddPower(k), byID)
		o := s.members[i%len(s.members)]
		if last := len(v.Fingers) - 1; last >= 0 && v.Fingers[last].Peer.ID == o.ID {
			v.Fingers[last].To = k
			continue
		}
		v.Fingers = append(v.Fingers, ring.Finger{From: k, To: k, Peer: ring.Peer{ID: o.ID, Addr: o.Addr}})
	}
	share := fraction(s.members[(at+len(s.members)-1)%len(s.members)].ID.Distance(m.ID))
	st := node.Status{
		Ring: "library", Self: m, View: v, Members: s.members, Since: time.Now().Add(-50 * time.Hour), Ready: time.Now().Add(-50 * time.Hour),
		Quorums: replica.Default, Margin: node.Margin{Losses: 1},
		Buckets: node.BucketCounts{Held: int(3 * share * keyspace.Buckets)},
		Store:   node.StoreStatus{Path: "/var/lib/chord/chord.db", Keys: uint64(3e6 * share * (0.7 + 0.6*r.Float64())), FileBytes: 64 << 20},
		Repair:  node.Repair{Compared: 65536, Keys: 1204, Bytes: 3 << 20, Round: time.Now().Add(-40 * time.Second), Scrubbed: time.Now().Add(-26 * time.Hour)},
	}
	st.Purge.Waiting = r.IntN(200)
	st.Store.ValueBytes = 100 * st.Store.Keys
	if r.IntN(20) == 0 && len(s.members) > 8 {
		st.Buckets.Wanted, st.Buckets.Moving = r.IntN(100), r.IntN(40)
	}
	return st
}

func (s *simulated) loads() map[keyspace.ID]Load {
	loads := map[keyspace.ID]Load{}
	for _, st := range s.statuses {
		loads[st.Self.ID] = LoadOf(st)
	}
	return loads
}

func (s *simulated) Status() node.Status                 { return s.self }
func (s *simulated) Healthy(context.Context) node.Health { return node.Health{OK: true} }

// Lookup asks as many members as there are bits in their number, halving the way
// each time.
func (s *simulated) Lookup(_ context.Context, target keyspace.ID) (node.Trace, error) {
	t := node.Trace{Target: target}
	owner, _ := slices.BinarySearchFunc(s.members, target, byID)
	for i := range 17 {
		m := s.members[(owner+i)%len(s.members)]
		p := ring.Peer{ID: m.ID, Addr: m.Addr}
		if i == 0 {
			t.Owner = p
			continue
		}
		if i < len(s.members) {
			t.Successors = append(t.Successors, p)
		}
	}
	at := slices.IndexFunc(s.members, func(m member.Member) bool { return m.ID == s.self.Self.ID })
	for way := (owner - at + len(s.members)) % len(s.members) / 2; way > 0; way /= 2 {
		m := s.members[(owner-way+len(s.members))%len(s.members)]
		t.Steps = append(t.Steps, node.TraceStep{Asked: ring.Peer{ID: m.ID, Addr: m.Addr}, Took: time.Duration(300+way) * time.Microsecond})
	}
	return t, nil
}
