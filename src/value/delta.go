package value

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

// Whole reports whether the delta carries the whole set.
func (d Delta) Whole() bool { return d.From.IsZero() && d.To.IsZero() && d.Last }
