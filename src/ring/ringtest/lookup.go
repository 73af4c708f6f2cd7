package ringtest

import (
	"chord/keyspace"
	"chord/ring"
)

// Lookup is what a lookup came to.
type Lookup struct {
	Owner    int  // the node it named; negative where it came to nothing
	Hops     int  // other nodes that answered, without the owner unless it was asked
	Timeouts int  // questions to nodes that are not there
	OK       bool // the owner is up and is the true successor of the target
}

// Lookup has node from look up who follows target, as [ring.Search] does it, in
// no time: the ring does not change meanwhile. An owner that does not answer is
// passed over for the next in its line.
func (s *Sim) Lookup(from int, target keyspace.ID) Lookup {
	l := Lookup{Owner: -1}
	search := ring.NewSearch(target, s.known(from, target))
	for {
		p, ok := search.Next()
		if !ok {
			break
		}
		i := s.number(p.ID)
		if !s.reaches(from, i) {
			l.Timeouts++
			search.Fail(p)
			continue
		}
		if i != from {
			l.Hops++
		}
		search.Answer(p, s.nodes[i].machine.Handle(ring.AskRoute{Target: target}).(ring.Route))
	}
	owner, rest, _ := search.Result()
	for _, p := range append([]ring.Peer{owner}, rest...) {
		if i := s.number(p.ID); s.reaches(from, i) {
			l.Owner = i
			l.OK = i == s.Owner(target)
			return l
		}
		l.Timeouts++
	}
	return l
}

// known returns whom a search of node from starts with: itself where it knows
// the answer, else all its pointers.
func (s *Sim) known(from int, target keyspace.ID) []ring.Peer {
	n := s.nodes[from]
	first := []ring.Peer{n.self}
	if n.machine.Handle(ring.AskRoute{Target: target}).(ring.Route).Found {
		return first
	}
	v := n.machine.View()
	for _, f := range v.Fingers {
		first = append(first, f.Peer)
	}
	return append(first, v.Successors...)
}

func (s *Sim) reaches(from, to int) bool {
	return to >= 0 && s.nodes[to].up && s.network.side[from] == s.network.side[to] && s.nodes[to].until <= s.now
}

// Agree returns nil where every node that is up names the true owner of each of
// the targets (I12).
func (s *Sim) Agree(targets ...keyspace.ID) error {
	for _, from := range s.Alive() {
		for _, t := range targets {
			if l := s.Lookup(from, t); !l.OK {
				return s.unrest("I12", "n%d resolves %v to n%d, want n%d", from, t.Short(), l.Owner, s.Owner(t))
			}
		}
	}
	return nil
}
