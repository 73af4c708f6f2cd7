package value

import (
	"slices"

	"chord/fault"
	"chord/keyspace"
)

// Hash returns the place of a value in its set: the first 20 bytes of its
// SHA-256.
func Hash(v []byte) keyspace.ID { return keyspace.HashKey(v) }

// Element is a value and the inserts of it that are in effect, in order.
type Element struct {
	Value []byte
	Dots  []Dot
}

// Set is a key's set of values as one replica knows it. The zero Set is empty.
// Methods that change it never write into slices that they were given.
type Set struct {
	Context  Context
	Elements []Element
}

func (s *Set) find(v []byte) (int, bool) {
	return slices.BinarySearchFunc(s.Elements, Hash(v), func(e Element, h keyspace.ID) int {
		return Hash(e.Value).Compare(h)
	})
}

// Insert adds v under the new dot d, which replaces the dots that v had.
func (s *Set) Insert(v []byte, d Dot) {
	e := Element{Value: v, Dots: []Dot{d}}
	if i, ok := s.find(v); ok {
		s.Elements = slices.Clone(s.Elements)
		s.Elements[i] = e
	} else {
		s.Elements = slices.Insert(slices.Clone(s.Elements), i, e)
	}
	s.Context = s.Context.Add(d)
}

// Remove takes v out and reports whether it was there.
func (s *Set) Remove(v []byte) bool {
	i, ok := s.find(v)
	if ok {
		s.Elements = slices.Delete(slices.Clone(s.Elements), i, i+1)
	}
	return ok
}

// Put makes v the only value, under the new dot d.
func (s *Set) Put(v []byte, d Dot) {
	s.Clear()
	s.Insert(v, d)
}

// Clear takes every value out and reports whether there was one.
func (s *Set) Clear() bool {
	some := len(s.Elements) > 0
	s.Elements = nil
	return some
}

// Values returns the values in the order of their hashes. They share memory
// with the set.
func (s Set) Values() [][]byte {
	values := make([][]byte, len(s.Elements))
	for i, e := range s.Elements {
		values[i] = e.Value
	}
	return values
}

// Complete reports whether the set has seen every dot that it holds. It has not
// while pieces are missing.
func (s Set) Complete() bool {
	return !slices.ContainsFunc(s.Elements, func(e Element) bool { return !s.Context.CoversAll(e.Dots) })
}

// Merge takes in what another replica knows and reports whether anything
// changed.
func (s *Set) Merge(o Set) bool {
	return s.MergePiece(Piece{Context: o.Context, Elements: o.Elements, Last: true})
}

// MergeDots returns what remains of the dots that two replicas have for one
// value: those that both have, and those of one that the other has not seen.
// No dots: the value goes.
func MergeDots(mine, theirs []Dot, my, their Context) []Dot {
	var kept []Dot
	for _, d := range mine {
		if !their.Covers(d) || slices.Contains(theirs, d) || fault.Planted(fault.RemovedKept) {
			kept = append(kept, d)
		}
	}
	for _, d := range theirs {
		if !my.Covers(d) && !slices.Contains(mine, d) {
			kept = append(kept, d)
		}
	}
	slices.SortFunc(kept, Dot.Compare)
	return kept
}
