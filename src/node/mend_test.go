package node_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"chord/keyspace"
	"chord/node/nodetest"
	"chord/store"
)

// garble flips bits of all rows in a running node's file that have these bytes.
func garble(t *testing.T, n *nodetest.Node, row []byte) {
	t.Helper()
	path := filepath.Join(n.Options.Dir, "chord.db")
	all, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(all, row) {
		t.Fatal("no such row", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := 0; ; at++ {
		i := bytes.Index(all[at:], row)
		if i < 0 {
			return
		}
		at += i
		if _, err := f.WriteAt([]byte{row[0] ^ 1}, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
}

// A damaged row may have been a note of whom the node gave something to: the node
// says so durably, in the transaction that makes its copy partial, and the copy is
// filled again in the epoch in which it was.
func TestADamagedNoteIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, 0, v)
		r.AwaitWhole()
		n := r.Restart(r.b) // what its log had is in the file now
		r.AwaitReady(n)
		r.AwaitWhole()
		told := func() (told bool) {
			if err := n.Store.View(func(v *store.View) error {
				note, err := v.Meta("notes lost")
				told = note != nil
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return told
		}
		var stats store.BucketStats
		if err := n.Store.View(func(s *store.View) (err error) {
			stats, err = s.Bucket(keyspace.BucketOf(keyspace.HashKey(k)))
			return err
		}); err != nil || told() {
			t.Fatal(err, told())
		}
		garble(t, n, stats.Digest[:])
		do(t, r.a, 0, w)
		await(t, "the damage is noticed", func() bool { return n.Status().Repair.Damaged > 0 })
		if !told() {
			t.Error("the node knows nothing of the notes that it lost")
		}
		r.AwaitWhole()
		if c := noteOf(t, n, k); c.State.String() != "synced" || c.Version == 0 {
			t.Errorf("%+v", c)
		}
		if got := content(t, n, k); got != "other value value" {
			t.Errorf("%q", got)
		}
	})
}
