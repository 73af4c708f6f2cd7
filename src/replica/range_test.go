package replica

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		buckets := rapid.SliceOfDistinct(rapid.OneOf(rapid.Uint16Range(0, 20), rapid.Uint16Range(65520, 65535)), rapid.ID).Draw(t, "buckets")
		slices.Sort(buckets)
		var sorted, back []keyspace.Bucket
		for _, b := range buckets {
			sorted = append(sorted, keyspace.Bucket(b))
		}
		runs := Ranges(sorted)
		for i, r := range runs {
			if i > 0 && int(r.First) <= int(runs[i-1].Last)+1 {
				t.Fatalf("%v are not the fewest runs", runs)
			}
			for b := int(r.First); b <= int(r.Last); b++ {
				back = append(back, keyspace.Bucket(b))
			}
		}
		if !slices.Equal(back, sorted) {
			t.Fatalf("%v become %v", sorted, runs)
		}
	})
}
