package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
	"chord/value"
)

// Numbers follow the clock where it can be believed, and grow whatever it does,
// also over restarts.
func TestNumbersFollowTheClock(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	now := at("2030-01-01T00:00:00Z")
	o := store.Options{Ring: "ring", Name: "node", NoSync: true, Now: func() time.Time { return now }}
	path := filepath.Join(t.TempDir(), "chord.db")
	open := func() *store.Store {
		s, err := store.Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	storetest.SetID(t, s, keyspace.ID{1})
	next := func() (seq uint64) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			d, err := tx.Insert([]byte("key"), nil)
			if err == nil {
				seq = d.Elements[0].Dots[0].Seq
			}
			return err
		})
		return seq
	}
	last := uint64(0)
	for _, c := range []struct {
		clock string
		jumps bool // to the clock; else one more than before
	}{
		{"2030-01-01T00:00:00Z", true},
		{"2030-01-01T00:00:00Z", false},
		{"2030-01-01T00:00:01Z", true},
		{"2029-01-01T00:00:00Z", false},
		{"0001-01-01T00:00:00Z", false},
		{"2200-01-01T00:00:00Z", false},
		{"9999-01-01T00:00:00Z", false},
		{"2030-01-01T00:00:02Z", true},
		{"2199-12-31T23:59:59Z", true},
		{"2030-01-01T00:00:00Z", false},
	} {
		now = at(c.clock)
		want := last + 1
		if c.jumps {
			want = uint64(now.UnixMicro())
		}
		if last = next(); last != want {
			t.Errorf("at %s: %d, want %d", c.clock, last, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open()
	}
	s.Close()
}

func seen(t testing.TB, s *store.Store, a value.Actor) (seq uint64) {
	t.Helper()
	mustView(t, s, func(v *store.View) (err error) {
		seq, err = v.Seen(a)
		return err
	})
	return seq
}

// What was merged of an actor is known after the key is gone, a restart, a crash
// and a compaction; the larger counts, and what was rolled back does not.
func TestSeen(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	a, b := value.Actor{Node: keyspace.ID{1}, Incarnation: 7}, value.Actor{Node: keyspace.ID{1}, Incarnation: 8}
	merge := func(seqs ...uint64) error {
		return storetest.Update(t, s, func(tx *store.Tx) error {
			for _, seq := range seqs {
				dots := []value.Dot{{Actor: a, Seq: seq}}
				if _, err := tx.Merge(value.Piece{Key: []byte("key"), Context: dots, Last: true}); err != nil {
					return err
				}
				if seq > 100 {
					return store.ErrTooLarge
				}
			}
			return nil
		})
	}
	want := func(when string, of value.Actor, want uint64) {
		t.Helper()
		if got := seen(t, s, of); got != want {
			t.Errorf("%s: %d, want %d", when, got, want)
		}
	}
	want("at first", a, 0)
	if merge(5, 9, 3) != nil {
		t.Fatal("merge")
	}
	want("in memory", a, 9)
	if merge(20, 200) == nil {
		t.Fatal("the merge was to fail")
	}
	want("rolled back", a, 9)
	mustUpdate(t, s, func(tx *store.Tx) error {
		_, err := tx.Merge(value.Piece{Key: []byte("other"), Context: []value.Dot{{Actor: a, Seq: 4}}, Last: true})
		return err
	})
	want("a smaller one", a, 9)
	s = reopen(t, s)
	want("after a restart", a, 9)
	want("another incarnation", b, 0)
	mustUpdate(t, s, func(tx *store.Tx) error { return tx.DropBucket(keyspace.BucketOf(keyspace.HashKey([]byte("key")))) })
	want("dropped", a, 9)
	mustUpdate(t, s, func(tx *store.Tx) error { // of a piece that has elements
		_, err := tx.Merge(value.Piece{Key: []byte("k"), Elements: []value.Element{{Dots: []value.Dot{{Actor: b, Seq: 4}}}}})
		return err
	})
	want("an element", b, 4)
	path := s.Stats().Path
	copied := filepath.Join(t.TempDir(), "copy.db")
	image(t, path, copied)
	s.Close()
	if _, _, err := store.Compact(path, nil); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{"crash": copied, "compacted": path} {
		var err error
		if s, err = store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true}); err != nil {
			t.Fatal(err)
		}
		want(what, a, 9)
		want(what, b, 4)
		s.Close()
	}
}

// A database has seen its own dots, also those of its lives before.
func TestSeenOfItself(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	if err := insert(s, "key", "v"); err != nil {
		t.Fatal(err)
	}
	dot := set(t, s, "key").Elements[0].Dots[0]
	if got := seen(t, s, dot.Actor); got != dot.Seq {
		t.Errorf("%d, want %d", got, dot.Seq)
	}
	mustUpdate(t, s, (*store.Tx).Renew)
	if s.Identity().Actor() == dot.Actor || seen(t, s, dot.Actor) != dot.Seq {
		t.Errorf("of its life before: %d, want %d", seen(t, s, dot.Actor), dot.Seq)
	}
}

// Who saw a dot that lies between those of before and those of after an opening
// saw a later state than the one that was opened.
func TestUnmade(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	defer s.Close()
	if s.Unmade(0) || !s.Unmade(1) {
		t.Error("an empty database has made no dot")
	}
	mustUpdate(t, s, func(tx *store.Tx) error { _, err := tx.Insert([]byte("key"), []byte("value")); return err })
	made := seen(t, s, s.Identity().Actor())
	if s.Unmade(made) || s.Unmade(made+1) || !s.Unmade(made-1) {
		t.Errorf("%d is the first dot since the opening", made)
	}
}
