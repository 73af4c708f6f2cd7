package replica

import "chord/keyspace"

// Catalog is all copies of a node, as its database has them. It is not safe for
// concurrent use.
type Catalog struct {
	copies  [keyspace.Buckets]Copy
	counts  [Synced + 1]int
	version uint64
}

// NewCatalog returns a catalog in which every bucket has the same copy: a
// missing one or, with the founder of a ring, a synced one.
func NewCatalog(all Copy) *Catalog {
	c := &Catalog{}
	for b := range c.copies {
		c.copies[b] = all
	}
	c.counts[all.State] = keyspace.Buckets
	return c
}

// Version grows with each change of a state.
func (c *Catalog) Version() uint64 { return c.version }

// At returns the copy of a bucket.
func (c *Catalog) At(b keyspace.Bucket) Copy { return c.copies[b] }

// Count returns how many buckets are in the state.
func (c *Catalog) Count(s CopyState) int { return c.counts[s] }

// Set notes a record that has become durable. Records of one bucket may come in
// another order than they became durable: an older one changes nothing.
func (c *Catalog) Set(b keyspace.Bucket, next Copy) {
	old := c.copies[b]
	if next.Version <= old.Version {
		return
	}
	c.copies[b] = next
	if next.State != old.State {
		c.counts[old.State]--
		c.counts[next.State]++
		c.version++
	}
}

// Wanted returns the buckets of whose groups self is a member and which are not
// synced here.
func (c *Catalog) Wanted(p Placement, self keyspace.ID) []keyspace.Bucket {
	var wanted []keyspace.Bucket
	p.walk(func(b keyspace.Bucket, g Group) {
		if c.copies[b].State != Synced && g.Contains(self) {
			wanted = append(wanted, b)
		}
	})
	return wanted
}

// Surplus returns the buckets of which something may be here though self is no
// member of their groups.
func (c *Catalog) Surplus(p Placement, self keyspace.ID) []keyspace.Bucket {
	var surplus []keyspace.Bucket
	p.walk(func(b keyspace.Bucket, g Group) {
		if c.copies[b].State != Missing && !g.Contains(self) {
			surplus = append(surplus, b)
		}
	})
	return surplus
}
