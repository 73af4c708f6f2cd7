package node_test

import (
	"testing"
	"testing/synctest"

	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// A set of which some pieces came and nobody has the rest is whole once the copy
// is synced: it takes changes again, and what came of it stays.
func TestSetsThatBrokeOffBecomeWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, node.Insert, w)
		r.AwaitWhole()
		var gone value.Set
		for i, val := range []string{"one", "two"} {
			gone.Insert([]byte(val), value.Dot{Actor: value.Actor{Node: keyspace.ID{9}, Incarnation: 1}, Seq: uint64(i + 1)})
		}
		c := r.c
		if err := c.Store.Update(t.Context(), store.Change{Do: func(tx *store.Tx) error {
			if _, err := tx.Merge(gone.Pieces(k, 1)[0]); err != nil {
				return err
			}
			b := keyspace.BucketOf(keyspace.HashKey(k))
			return tx.SetNote(b, replica.Copy{State: replica.Partial, Version: 1 << 20}.Encode())
		}}); err != nil {
			t.Fatal(err)
		}
		c = r.Restart(c)
		await(t, "the copy is synced", func() bool { return noteOf(t, c, k).State == replica.Synced })
		if _, err := c.Do(t.Context(), node.Op{Kind: node.Insert, Key: k, Value: v}); err != nil {
			t.Fatalf("the set takes no insert: %v", err)
		}
		if got := do(t, c, node.Retrieve, nil); len(got) != 3 {
			t.Errorf("the set has %q", got)
		}
		r.AwaitWhole()
	})
}
