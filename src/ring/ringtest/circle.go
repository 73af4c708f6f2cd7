package ringtest

import (
	"slices"

	"chord/keyspace"
)

// circle returns all nodes in order of their identifiers.
func (s *Sim) circle() []int {
	for i := len(s.order); i < len(s.nodes); i++ {
		at, _ := slices.BinarySearchFunc(s.order, s.nodes[i].self.ID, s.compare)
		s.order = slices.Insert(s.order, at, i)
	}
	return s.order
}

func (s *Sim) compare(i int, id keyspace.ID) int { return s.nodes[i].self.ID.Compare(id) }

// Alive returns the nodes that are up, in clockwise order.
func (s *Sim) Alive() []int {
	return slices.DeleteFunc(slices.Clone(s.circle()), func(i int) bool { return !s.nodes[i].up })
}

// Owner returns the node, out of all that are up, that follows target; negative
// where none is up.
func (s *Sim) Owner(target keyspace.ID) int {
	circle := s.circle()
	at, _ := slices.BinarySearchFunc(circle, target, s.compare)
	for k := range circle {
		if i := circle[(at+k)%len(circle)]; s.nodes[i].up {
			return i
		}
	}
	return -1
}

// owner returns the member, out of some in clockwise order, that follows target.
func (s *Sim) owner(members []int, target keyspace.ID) int {
	at, _ := slices.BinarySearchFunc(members, target, s.compare)
	return members[at%len(members)]
}
