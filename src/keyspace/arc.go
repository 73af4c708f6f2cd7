package keyspace

import "fmt"

// Between reports whether b lies strictly inside the arc clockwise from a to c.
// Between(a, b, a) is true for every b other than a: from a once around.
// This is Zave's definition ("Reasoning about identifier spaces", section 3).
func Between(a, b, c ID) bool {
	if a.Compare(c) < 0 {
		return a.Compare(b) < 0 && b.Compare(c) < 0
	}
	return a.Compare(b) < 0 || b.Compare(c) < 0
}

// Arc is the half-open piece (Start, End] of the circle, the shape of what a
// node is responsible for. Where Start equals End it is the whole circle.
type Arc struct{ Start, End ID }

// Contains reports whether id lies in (Start, End].
func (a Arc) Contains(id ID) bool { return id == a.End || Between(a.Start, id, a.End) }

// Length returns the number of points in the arc; zero stands for all 2^160.
func (a Arc) Length() ID { return a.Start.Distance(a.End) }

// String returns the arc as "(start, end]" with short identifiers.
func (a Arc) String() string { return fmt.Sprintf("(%s, %s]", a.Start.Short(), a.End.Short()) }
