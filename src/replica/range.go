package replica

import "chord/keyspace"

// Range is a run of buckets, First to Last, both included.
type Range struct{ First, Last keyspace.Bucket }

// Ranges returns buckets, which are sorted, as the fewest runs.
func Ranges(buckets []keyspace.Bucket) []Range {
	var runs []Range
	for _, b := range buckets {
		if n := len(runs); n > 0 && runs[n-1].Last+1 == b && b != 0 {
			runs[n-1].Last = b
			continue
		}
		runs = append(runs, Range{b, b})
	}
	return runs
}
