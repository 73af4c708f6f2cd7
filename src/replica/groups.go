package replica

import "chord/keyspace"

// Runs calls visit for the runs of buckets that have the same group, in order.
func (p Placement) Runs(visit func(Range, Group)) {
	next := 0
	for i, at := range p.places {
		if last := keyspace.BucketOf(at.id); next <= int(last) {
			visit(Range{keyspace.Bucket(next), last}, p.groups[i])
			next = int(last) + 1
		}
	}
	if next < keyspace.Buckets && len(p.groups) > 0 {
		visit(Range{keyspace.Bucket(next), keyspace.Buckets - 1}, p.groups[0])
	}
}
