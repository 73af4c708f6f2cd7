package replica

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// drawQuorums draws quorums that keep their promise.
func drawQuorums(t *rapid.T) Quorums {
	n := rapid.IntRange(1, 6).Draw(t, "copies")
	w := rapid.IntRange(1, n).Draw(t, "write")
	return Quorums{n, w, rapid.IntRange(n-w+1, n).Draw(t, "read")}
}

// In a ring of any size a read, and whoever fills a copy, meets every write.
func TestQuorumsMeetInEveryRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuorums(t)
		if err := q.Check(); err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= q.Copies+2; n++ {
			e := q.For(n)
			if err := e.Check(); err != nil {
				t.Fatalf("%v with %d members: %v", q, n, err)
			}
			if e.Copies != min(n, q.Copies) || n >= q.Copies && e != q {
				t.Fatalf("%v with %d members gives %v", q, n, e)
			}
			if e.Sources()+e.Write <= e.Copies || e.Sources() < 1 {
				t.Fatalf("%v: %d sources may miss a write", e, e.Sources())
			}
		}
	})
}

func TestQuorumsThatMakeNoSense(t *testing.T) {
	for _, q := range []Quorums{
		{}, {3, 0, 3}, {3, 4, 1}, {3, 2, 4}, {3, 3, 0}, {MaxCopies + 1, MaxCopies, 2}, {-1, -1, -1},
		{3, 1, 2}, {3, 2, 1}, {5, 2, 3},
	} {
		if err := q.Check(); !errors.Is(err, ErrQuorums) {
			t.Errorf("%v: %v", q, err)
		}
	}
	if err := Default.Check(); err != nil || Default.String() != "3/2/2" {
		t.Error(Default, err)
	}
}
