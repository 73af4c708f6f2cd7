package value

import (
	"cmp"
	"slices"

	"chord/keyspace"
)

// Actor is who inserts: a node during one life of its database. The incarnation
// is new whenever a database is created or found to be an old copy.
type Actor struct {
	Node        keyspace.ID
	Incarnation uint64
}

// Compare orders actors by node, then by incarnation.
func (a Actor) Compare(b Actor) int {
	return cmp.Or(a.Node.Compare(b.Node), cmp.Compare(a.Incarnation, b.Incarnation))
}

// Dot names one insert. An actor uses its sequence numbers in order, starting
// at 1, over all keys, and never twice.
type Dot struct {
	Actor
	Seq uint64
}

// Compare orders dots by actor, then by sequence number.
func (d Dot) Compare(e Dot) int {
	return cmp.Or(d.Actor.Compare(e.Actor), cmp.Compare(d.Seq, e.Seq))
}

// Context says which dots have been seen: of each actor the largest one, in the
// order of the actors. Nil has seen nothing. Its methods leave it as it is.
type Context []Dot

func (c Context) find(a Actor) (int, bool) {
	return slices.BinarySearchFunc(c, a, func(d Dot, a Actor) int { return d.Actor.Compare(a) })
}

// Covers reports whether d has been seen.
func (c Context) Covers(d Dot) bool {
	i, ok := c.find(d.Actor)
	return ok && d.Seq <= c[i].Seq
}

// CoversAll reports whether every dot of o has been seen; o may be a context
// or the dots of an element.
func (c Context) CoversAll(o []Dot) bool {
	return !slices.ContainsFunc(o, func(d Dot) bool { return !c.Covers(d) })
}

// Add returns the context that has seen d as well.
func (c Context) Add(d Dot) Context {
	if c.Covers(d) {
		return c
	}
	i, ok := c.find(d.Actor)
	if ok {
		c = slices.Clone(c)
		c[i] = d
		return c
	}
	return slices.Insert(slices.Clone(c), i, d)
}

// Join returns the context that has seen what c or o has seen.
func (c Context) Join(o Context) Context {
	for _, d := range o {
		c = c.Add(d)
	}
	return c
}

// Equal reports whether both have seen the same.
func (c Context) Equal(o Context) bool { return slices.Equal(c, o) }
