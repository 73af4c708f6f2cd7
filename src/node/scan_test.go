package node_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
)

// scanAll reads keys page after page.
func scanAll(t *testing.T, n *nodetest.Node, limit int) (keys map[string]uint64, pages int, count uint64) {
	t.Helper()
	keys = make(map[string]uint64)
	for from, more := (keyspace.ID{}), true; more; pages++ {
		r, err := n.ScanRing(t.Context(), node.Scan{From: from, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if limit > 0 && len(r.Keys) > limit {
			t.Fatalf("%d keys, the limit is %d", len(r.Keys), limit)
		}
		for _, k := range r.Keys {
			keys[string(k.Key)] += k.Values
		}
		from, more, count = r.Next, !r.Next.IsZero(), count+r.Count
	}
	return keys, pages, count
}

// A scan of the ring gives every key once, through a node that holds few of
// them, and not those that were removed; counting finds as many.
func TestScanRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, large)
		for i := range 200 {
			key := fmt.Append(nil, "key", i)
			for v := range i%3 + 1 {
				if err := r.Nodes[i%large].Insert(t.Context(), key, []byte{byte(v)}); err != nil {
					t.Fatal(err)
				}
			}
			if i%4 == 0 {
				if err := r.Nodes[0].Delete(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, n := range r.Nodes[:2] {
			keys, pages, _ := scanAll(t, n, 10)
			if len(keys) != 150 || pages < 15 {
				t.Errorf("%d keys on %d pages", len(keys), pages)
			}
			for i := range 200 {
				if got := keys[fmt.Sprint("key", i)]; i%4 > 0 && got != uint64(i%3+1) || i%4 == 0 && got != 0 {
					t.Errorf("key %d has %d values", i, got)
				}
			}
			if _, _, count := scanAll(t, n, 0); count != 150 {
				t.Errorf("counted %d", count)
			}
		}
		// Without one member the others answer for it.
		r.Crash(r.Nodes[large-1])
		if keys, _, _ := scanAll(t, r.Nodes[0], 50); len(keys) != 150 {
			t.Errorf("%d keys with a node down", len(keys))
		}
	})
}

// A node says whether an operation made a difference.
func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		for i, c := range []struct {
			kind node.OpKind
			want bool
		}{{node.Insert, true}, {node.Insert, false}, {node.Remove, true}, {node.Remove, false}, {node.Delete, false}, {node.Put, false}, {node.Delete, true}} {
			got, err := r.Nodes[i%3].Operate(t.Context(), node.Op{Kind: c.kind, Key: k, Value: v})
			if err != nil || got.Changed != c.want {
				t.Errorf("step %d: changed %v, want %v; %v", i, got.Changed, c.want, err)
			}
		}
	})
}
