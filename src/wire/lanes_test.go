package wire

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Every item comes out once, in order within its lane; a large one is alone in
// its message; no two messages of large ones follow each other while a small one
// waits, nor two of small ones while a large one does.
func TestLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lanes[int]
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 2000), rapid.IntRange(largeItem-2, largeItem*3)), 0, 1500).Draw(t, "sizes")
		for i, s := range sizes {
			l.put(i, s)
		}
		var gone, seen []int
		for i, s := range sizes {
			if i%17 == 3 {
				l.drop(i, s)
				gone = append(gone, i)
			}
		}
		wasLarge := -1
		for l.len() > 0 {
			smallWaits, largeWaits := len(l.small) > 0, len(l.large) > 0
			m := l.next(nil)
			bytes, large := 0, 0
			for _, i := range m {
				bytes += sizes[i]
				if sizes[i] >= largeItem {
					large++
				}
			}
			if len(m) == 0 || len(m) > batchCount || bytes > batchBytes && len(m) > 1 || large > 0 && len(m) > 1 {
				t.Fatalf("a message of %d items, %d bytes, %d large", len(m), bytes, large)
			}
			if wasLarge == 1 && large == 1 && smallWaits || wasLarge == 0 && large == 0 && largeWaits {
				t.Fatal("a lane was passed over twice")
			}
			wasLarge = large
			seen = append(seen, m...)
		}
		if l.bytes != 0 || len(seen)+len(gone) != len(sizes) {
			t.Fatalf("%d bytes left, %d of %d items came out", l.bytes, len(seen), len(sizes))
		}
		last := [2]int{-1, -1}
		for _, i := range seen {
			lane := min(1, sizes[i]/largeItem)
			if i <= last[lane] || slices.Contains(gone, i) {
				t.Fatalf("item %d after %d", i, last[lane])
			}
			last[lane] = i
		}
	})
}

// What comes back goes before what waits, in its order.
func TestLanesPutBack(t *testing.T) {
	var l lanes[int]
	l.put(5, 1)
	l.putBack([]sized[int]{{3, 1}, {4, 1}})
	if got := l.next(nil); !slices.Equal(got, []int{3, 4, 5}) || l.bytes != 0 {
		t.Errorf("%v, %d bytes left", got, l.bytes)
	}
}
