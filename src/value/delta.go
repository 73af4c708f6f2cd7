package value

import "chord/keyspace"

// Delta is a change of a key's set on its way to another replica: the elements
// of an interval as they are after it. A delta that covers the whole set carries
// all of it.
type Delta struct {
	// Before is what the sender had seen before the change, empty where the delta
	// covers the whole set. A receiver that has not seen all of that has a gap: it
	// must get the whole set instead.
	Before Context
	// Piece has the elements and the context after the change. Last is set in one
	// that covers the whole set.
	Piece
}

// NewDelta returns the change of the one value with the given hash: the context
// before and after it, and the element as it is then; none: it was removed.
func NewDelta(key []byte, hash keyspace.ID, before, after Context, elements ...Element) Delta {
	one := keyspace.ID{}.AddPower(0)
	return Delta{Before: before, Piece: Piece{
		Key: key, Context: after, From: one.Distance(hash), To: hash, Elements: elements,
	}}
}

// Delta returns the set as a delta that carries all of it.
func (s Set) Delta(key []byte) Delta {
	return Delta{Piece: Piece{Key: key, Context: s.Context, Elements: s.Elements, Last: true}}
}

// Order returns a number that is larger for what its sender did later: the last
// sequence number that it knew of.
func (d Delta) Order() uint64 {
	last := uint64(0)
	for _, dot := range d.Context {
		last = max(last, dot.Seq)
	}
	return last
}

// Whole reports whether the delta carries the whole set.
func (d Delta) Whole() bool { return d.From.IsZero() && d.To.IsZero() && d.Last }
