package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// purging is a ring that forgets removed keys after ten minutes.
func purging(t *testing.T, nodes, keys int) *nodetest.Ring {
	r := nodetest.Start(t, 1)
	r.Adjust = func(c *node.Config) { c.PurgeAfter = 10 * time.Minute }
	for r.Nodes[0] = r.Restart(r.Nodes[0]); len(r.Nodes) < nodes; {
		r.AwaitReady(r.Add())
	}
	r.AwaitWhole()
	insertAll(t, r, keys)
	return r
}

func removeAll(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for i := range keys {
		if err := r.Nodes[0].Delete(t.Context(), key(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// rows counts what is remembered of the keys, values or none.
func rows(t *testing.T, r *nodetest.Ring, keys int) (count int) {
	t.Helper()
	for _, n := range r.Nodes {
		if err := n.Store.View(func(v *store.View) error {
			for i := range keys {
				d, err := v.Digest(key(i))
				if err != nil {
					return err
				}
				if !d.IsZero() {
					count++
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return count
}

func awaitForgotten(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for range 120 {
		if rows(t, r, keys) == 0 {
			return
		}
		time.Sleep(time.Minute) // in virtual time: a look at the condition
	}
	t.Fatalf("%d rows are left; %+v", rows(t, r, keys), r.Nodes[0].Status().Purge)
}

func allGone(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for _, n := range r.Nodes {
		for i := range keys {
			if got := content(t, n, key(i)); got != "" {
				t.Fatalf("%s has %q again at %s", key(i), got, n.Options.Name)
			}
		}
	}
}

// A removed key leaves nothing behind, and can be used again.
func TestRemovedKeysAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 12
		r := purging(t, 4, keys)
		removeAll(t, r, keys)
		if rows(t, r, keys) < 3*keys {
			t.Fatal("the removes must be remembered at first")
		}
		awaitForgotten(t, r, keys)
		insertAll(t, r, keys)
		for i := range keys {
			if got := content(t, r.Nodes[i%4], key(i)); got != "v" {
				t.Fatalf("%s: %q", key(i), got)
			}
		}
		r.AwaitWhole()
	})
}

// Who was down with the old values keeps all from forgetting, until it is back
// or forgotten itself.
func TestWhoIsDownBlocksThePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, forget := range []bool{false, true} {
			const keys = 12
			r := purging(t, 4, keys)
			gone := r.Nodes[2]
			r.Crash(gone)
			time.Sleep(time.Minute)
			removeAll(t, r, keys)
			time.Sleep(2 * time.Hour)
			if rows(t, r, keys) == 0 {
				t.Fatal("forgotten though somebody who is down has the values")
			}
			blocked := false
			for _, n := range r.Nodes {
				blocked = blocked || len(n.Status().Purge.Blocked) > 0
			}
			if !blocked {
				t.Error("nobody says who blocks")
			}
			if forget {
				if err := r.Nodes[0].Forget(t.Context(), gone.Options.Name); err != nil {
					t.Fatal(err)
				}
			} else {
				r.AwaitReady(r.RunWith(gone.Options))
				r.AwaitWhole()
			}
			awaitForgotten(t, r, keys)
			allGone(t, r, keys)
			for len(r.Nodes) > 0 {
				r.Crash(r.Nodes[0])
			}
		}
	})
}

// A backup that is older than the purge brings nothing back, and loses nothing
// that the others have.
func TestABackupOlderThanThePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 12
		r := purging(t, 3, keys+1)
		old := r.Nodes[1]
		from := backup(t, old)
		removeAll(t, r, keys)
		awaitForgotten(t, r, keys)
		r.Crash(old)
		restore(t, from, old, node.RestoreOptions{})
		r.AwaitReady(r.RunWith(old.Options))
		r.AwaitWhole()
		allGone(t, r, keys)
		if n := rows(t, r, keys); n != 0 {
			t.Errorf("%d rows are back", n)
		}
		if got := content(t, r.Nodes[2], key(keys)); got != "v" {
			t.Errorf("what was never removed: %q", got)
		}
	})
}

// A write that was on its way when its value was removed and forgotten is not
// taken any more, and what is sent in its place comes from the store.
func TestALateWriteIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := purging(t, 3, 1)
		removeAll(t, r, 1)
		awaitForgotten(t, r, 1)
		k := key(0)
		n, from := r.Nodes[1], r.Nodes[0].Status().Self
		var epoch uint64
		reply, err := n.Compare(t.Context(), node.Compare{From: from, Ranges: []node.Range{{Last: keyspace.Buckets - 1}}})
		for _, b := range reply.Buckets {
			if b.Bucket == keyspace.BucketOf(keyspace.HashKey(k)) {
				epoch = b.Epoch
			}
		}
		if err != nil || epoch == 0 {
			t.Fatal(epoch, err)
		}
		sent := 0
		r.Net.Watch(func(c nodetest.Call) error {
			if c.Name == "purge" && c.Before {
				sent++
			}
			return nil
		})
		if err := r.Nodes[0].Insert(t.Context(), k, []byte("w")); err != nil {
			t.Fatal(err)
		}
		if got := content(t, n, k); got != "w" || sent != 0 {
			t.Errorf("%q; %d had to catch up", got, sent)
		}
	})
}
