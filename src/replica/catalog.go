package replica

import "chord/keyspace"

// Catalog is all copies of a node, as its database has them, without their
// peers: those are read from there. It is not safe for concurrent use.
type Catalog struct {
	states   [keyspace.Buckets]CopyState
	versions [keyspace.Buckets]uint64
	epochs   map[keyspace.Bucket]uint64 // those that are not zero
	doubted  map[keyspace.Bucket]bool
	counts   [Synced + 1]int
	version  uint64
}

// NewCatalog returns a catalog in which every bucket has the same copy: a
// missing one or, with the founder of a ring, a synced one.
func NewCatalog(all Copy) *Catalog {
	c := &Catalog{epochs: make(map[keyspace.Bucket]uint64), doubted: make(map[keyspace.Bucket]bool)}
	for b := range c.states {
		c.states[b], c.versions[b] = all.State, all.Version
	}
	c.counts[all.State] = keyspace.Buckets
	return c
}

// Version grows with each change of a state.
func (c *Catalog) Version() uint64 { return c.version }

// At returns the copy of a bucket, its peers and since when it is former left out.
func (c *Catalog) At(b keyspace.Bucket) Copy {
	return Copy{State: c.states[b], Version: c.versions[b], Epoch: c.epochs[b], Doubted: c.doubted[b]}
}

// Count returns how many buckets are in the state.
func (c *Catalog) Count(s CopyState) int { return c.counts[s] }

// Set notes a record that has become durable. Records of one bucket may come in
// another order than they became durable: an older one changes nothing.
func (c *Catalog) Set(b keyspace.Bucket, next Copy) {
	if next.Version <= c.versions[b] {
		return
	}
	c.versions[b] = next.Version
	if next.Epoch != c.epochs[b] {
		c.epochs[b] = next.Epoch
	}
	if next.Doubted {
		c.doubted[b] = true
	} else {
		delete(c.doubted, b)
	}
	if old := c.states[b]; next.State != old {
		c.states[b] = next.State
		c.counts[old]--
		c.counts[next.State]++
		c.version++
	}
}

// Wanted returns the buckets of whose groups self is a member and which are not
// synced here.
func (c *Catalog) Wanted(p Placement, self keyspace.ID) []keyspace.Bucket {
	return c.find(p, func(g Group) (CopyState, bool) { return Synced, g.Contains(self) })
}

// Leaving returns the buckets whose copies may have to be noted otherwise where
// the node is outside of these, given in order: synced ones among them, and all
// that are former already.
func (c *Catalog) Leaving(outside []Range) []keyspace.Bucket {
	var leaving []keyspace.Bucket
	for b := range c.states {
		for len(outside) > 0 && int(outside[0].Last) < b {
			outside = outside[1:]
		}
		out := len(outside) > 0 && int(outside[0].First) <= b
		if at := c.states[b]; at == Former || at == Synced && out {
			leaving = append(leaving, keyspace.Bucket(b))
		}
	}
	return leaving
}

// Surplus returns the buckets of which something may be here though self is no
// member of their groups.
func (c *Catalog) Surplus(p Placement, self keyspace.ID) []keyspace.Bucket {
	return c.find(p, func(g Group) (CopyState, bool) { return Missing, !g.Contains(self) })
}

// find returns the buckets, of those whose group is looked for, that are in
// another state than they should be.
func (c *Catalog) find(p Placement, look func(Group) (should CopyState, found bool)) (found []keyspace.Bucket) {
	p.Runs(func(r Range, g Group) {
		should, ok := look(g)
		for b := int(r.First); ok && b <= int(r.Last); b++ {
			if c.states[b] != should {
				found = append(found, keyspace.Bucket(b))
			}
		}
	})
	return found
}
