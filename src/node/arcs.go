package node

import (
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
)

// What passes between nodes of a bucket goes to those whose arcs it is in: nobody else
// gets anything of it, or begins a purge in it. Whom it comes from cannot be told so:
// who left the group long ago may have a write that reached nobody, so that nobody
// noted it, and must be able to hand it over.

// readers returns of which buckets a member may get something: those in whose groups
// it is, or would be if it served already, or if those who are dead did not count.
func (k *knowledge) readers(id keyspace.ID) func(b keyspace.Bucket) bool {
	m, ok := k.member(id)
	if !ok || m.State >= member.Left {
		return func(keyspace.Bucket) bool { return false }
	}
	var wider []replica.Placement // made when they are needed
	return func(b keyspace.Bucket) bool {
		if k.placement.Group(b).Contains(id) {
			return true
		}
		if wider == nil {
			wider = append(wider, k.placement.With(m))
			if k.hasDead() {
				wider = append(wider, k.living.With(m))
			}
		}
		return slices.ContainsFunc(wider, func(p replica.Placement) bool { return p.Group(b).Contains(id) })
	}
}

// mayPurge reports whether a member's purges of a bucket are taken in: it is one of
// the readers, or was, as the notes of the copy here have it.
func (n *Node) mayPurge(k *knowledge, id keyspace.ID, b keyspace.Bucket) bool {
	if k.readers(id)(b) {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.catalog.At(b).Knows(id)
}

func notTheirs(id keyspace.ID, b keyspace.Bucket) *Error {
	return failf(NotResponsible, "%s has no part in bucket %d, as far as is known here", id.Short(), b)
}
