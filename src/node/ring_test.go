package node_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
)

func insertAll(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	insertMore(t, r, 0, keys)
}

func insertMore(t *testing.T, r *nodetest.Ring, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := r.Nodes[i%len(r.Nodes)].Insert(t.Context(), key(i), []byte("v")); err != nil {
			t.Fatalf("insert of %s: %v", key(i), err)
		}
	}
}

func key(i int) []byte { return fmt.Appendf(nil, "key %d", i) }

// retrieveAll reads every key from a node that neither wrote it nor holds it
// more often than others.
func retrieveAll(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for i := range keys {
		n := r.Nodes[(i*7+1)%len(r.Nodes)]
		got, err := n.Retrieve(t.Context(), key(i))
		if err != nil || len(got) != 1 || string(got[0]) != "v" {
			t.Fatalf("%s at %s: %q, %v", key(i), n.Options.Name, got, err)
		}
	}
}

func TestRingsForm(t *testing.T) {
	sizes := []int{1, 4}
	if *all {
		sizes = append(sizes, 12)
	}
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				r := nodetest.Start(t, size)
				took := time.Since(began)
				t.Log("ready after", took, "whole after another", r.AwaitWhole())
				if took > 500*time.Millisecond && size <= 4 {
					t.Errorf("a ring of %d was ready after %v of a network with a delay of 1 ms", size, took)
				}
				insertAll(t, r, 60)
				retrieveAll(t, r, 60)
				checkEntries(t, r, 60)
				if err := r.Nodes[size-1].Remove(t.Context(), key(3), []byte("v")); err != nil {
					t.Fatal(err)
				}
				got, err := r.Nodes[0].Retrieve(t.Context(), key(3))
				if err != nil || len(got) != 0 {
					t.Fatalf("a removed key: %q, %v", got, err)
				}
				checkEntries(t, r, 59)
				for _, n := range r.Nodes {
					if got := len(n.Members()); got != size {
						t.Errorf("%s knows %d members", n.Options.Name, got)
					}
				}
			})
		})
	}
}

// checkEntries checks that each node lists its keys in order, and that each key
// is listed by as many as keep copies.
func checkEntries(t *testing.T, r *nodetest.Ring, want int) {
	t.Helper()
	seen := map[string]int{}
	for _, n := range r.Nodes {
		var last keyspace.ID
		for e, err := range n.Entries(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Values) != 1 || e.ID.Compare(last) <= 0 {
				t.Fatalf("%s lists %q with %q after %v", n.Options.Name, e.Key, e.Values, last)
			}
			seen[string(e.Key)]++
			last = e.ID
		}
	}
	copies := min(3, len(r.Nodes))
	for k, times := range seen {
		if times != copies {
			t.Errorf("%s is listed by %d, want %d", k, times, copies)
		}
	}
	if len(seen) != want {
		t.Fatalf("%d keys are listed, want %d", len(seen), want)
	}
}

func TestEntriesOfManyPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 600)
		checkEntries(t, r, 600)
	})
}

func TestLookup(t *testing.T) {
	for _, fingers := range []bool{false, true} {
		t.Run(fmt.Sprint("fingers only ", fingers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 4)
				r.Adjust = func(c *node.Config) { c.FingersOnly = fingers }
				for range 4 {
					r.AwaitReady(r.Restart(r.Nodes[0]))
				}
				r.AwaitWhole()
				for i := range 100 {
					checkLookup(t, r, r.Nodes[i%4], keyspace.HashKey(key(i)), fingers)
				}
				insertAll(t, r, 30)
				retrieveAll(t, r, 30)
			})
		})
	}
}

func checkLookup(t *testing.T, r *nodetest.Ring, n *nodetest.Node, target keyspace.ID, fingers bool) {
	t.Helper()
	trace, err := n.Lookup(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range r.Nodes {
		if id := other.Status().Self.ID; id != trace.Owner.ID && keyspace.Between(target, id, trace.Owner.ID) {
			t.Fatalf("%v belongs to %v, not %v", target, id, trace.Owner)
		}
	}
	if len(trace.Steps) > 1 && !fingers {
		t.Errorf("a stable ring needs one question, not %+v", trace.Steps)
	}
}

func TestRequestsThatCanNotBeServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		insert := func(key, value []byte) error { return r.Nodes[1].Insert(t.Context(), key, value) }
		for _, c := range []struct {
			name   string
			err    error
			kind   node.Kind
			remedy bool
		}{
			{"empty key", insert(nil, nil), node.Invalid, true},
			{"large key", insert(make([]byte, 64<<10+1), nil), node.TooLarge, true},
			{"large value", insert([]byte("k"), make([]byte, 1<<20+1)), node.TooLarge, true},
		} {
			e, ok := c.err.(*node.Error)
			if !ok || e.Kind != c.kind || e.Text == "" || (e.Hint() != "") != c.remedy {
				t.Errorf("%s: %#v", c.name, c.err)
			}
		}
		if err := insert(make([]byte, 64<<10), make([]byte, 1<<20)); err != nil {
			t.Error("the largest key with the largest value:", err)
		}
		if err := insert([]byte("k"), nil); err != nil {
			t.Error("an empty value:", err)
		}
	})
}

// A context that ends is honoured, and what it ends with is no success.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		a, b := r.Nodes[0], r.Nodes[1]
		r.Net.Cut(b.Options.Addr, a.Options.Addr, true) // answers get lost
		kinds := map[node.Kind]int{}
		for i := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			err := a.Insert(ctx, key(i), []byte("v"))
			cancel()
			if took := time.Since(began); took > time.Second {
				t.Fatalf("an insert with a second took %v", took)
			}
			if err != nil {
				kinds[node.KindOf(err)]++
			}
		}
		if kinds[node.Unknown] == 0 || len(kinds) > 1 {
			t.Errorf("lost answers to writes count as %v", kinds)
		}
	})
}
