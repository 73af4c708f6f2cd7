package node

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// nobody is a network without anybody.
type nobody struct{}

func (nobody) Dial(string) Peer { return nil }

func startAlone(t *testing.T) *Node {
	s, err := store.Open(filepath.Join(t.TempDir(), "chord.db"), store.Options{Ring: "test", Name: "a", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(Config{Addr: "10.0.0.1:4170", Store: s, Dialer: nobody{}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	n.Start(t.Context())
	t.Cleanup(func() { n.Close(); s.Close() })
	<-n.Ready()
	return n
}

// A loop that stands still is no health, and whoever waits for it is let go.
func TestAliveDetectsAStuckLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startAlone(t)
		goOn := make(chan struct{})
		n.post(func() { <-goOn })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := n.Alive(ctx)
		if KindOf(err) != Overloaded || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		close(goOn)
		if err := n.Alive(t.Context()); err != nil {
			t.Error("it goes on:", err)
		}
	})
}

// A process that stood still for a while goes on as what it was.
func TestAPauseIsNoDeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startAlone(t)
		n.post(func() { time.Sleep(time.Minute) })
		time.Sleep(time.Minute + 3*time.Second)
		if err := n.Insert(t.Context(), []byte("k"), []byte("v")); err != nil {
			t.Error(err)
		}
	})
}

// What an interrupted drop left is cleared at the next start, but not where
// something of it has come back.
func TestSweepSparesWhatIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startAlone(t)
		key := []byte("k")
		if err := n.Insert(t.Context(), key, []byte("v")); err != nil {
			t.Fatal(err)
		}
		b := keyspace.BucketOf(keyspace.HashKey(key))
		become := func(s replica.CopyState) {
			if err := n.changeCopies(func(tx *store.Tx, set setCopy) error {
				c, err := n.copyOf(&tx.View, b)
				if err != nil {
					return err
				}
				return set(b, c.To(s))
			}); err != nil {
				t.Fatal(err)
			}
		}
		has := func() (ok bool) {
			n.cfg.Store.View(func(v *store.View) (err error) { ok, err = v.Has(key, []byte("v")); return err })
			return ok
		}
		become(replica.Partial)
		if err := n.clear([]keyspace.Bucket{b}); err != nil || !has() {
			t.Fatal("what is back was cleared", err)
		}
		become(replica.Missing)
		if err := n.sweep(); err != nil || has() {
			t.Fatal("what was dropped is still there", err)
		}
	})
}

// The outcome of a write on a disk that fails is not known.
func TestKindsOfStoreErrors(t *testing.T) {
	for err, want := range map[error]Kind{
		store.ErrFatal: Unknown, store.ErrUnknown: Unknown, store.ErrClosed: Unavailable, store.ErrNoSpace: ReadOnly,
		store.ErrCorrupt: Corrupt, store.ErrOverloaded: Overloaded, store.ErrTooLarge: TooLarge, context.Canceled: Unavailable,
	} {
		if got := storeError(err); KindOf(got) != want || !strings.Contains(got.Error(), err.Error()) {
			t.Errorf("%v: %v, want %v", err, KindOf(got), want)
		}
	}
	if storeError(nil) != nil {
		t.Error("no error becomes one")
	}
}
