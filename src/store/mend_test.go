package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
	"chord/value"
)

// rowsOf returns the rows of items of one bucket, as they are on disk.
func rowsOf(t testing.TB, s *store.Store, b keyspace.Bucket) (rows [][2][]byte) {
	t.Helper()
	mustView(t, s, func(v *store.View) error {
		rows = v.Rows(b)
		return nil
	})
	return rows
}

// raw writes a row behind the back of everything; no content: it is deleted.
func raw(t testing.TB, s *store.Store, table string, k, content []byte) {
	t.Helper()
	mustUpdate(t, s, func(tx *store.Tx) error {
		return tx.Raw(table, func(put func(k, row []byte) error) error { return put(k, content) })
	})
}

func mend(t testing.TB, s *store.Store, b keyspace.Bucket) (lost int) {
	t.Helper()
	mustUpdate(t, s, func(tx *store.Tx) (err error) {
		lost, err = tx.Mend(b)
		return err
	})
	return lost
}

// isDamaged has one bucket scrubbed.
func isDamaged(t testing.TB, s *store.Store, b keyspace.Bucket) (damaged bool) {
	t.Helper()
	enough := errors.New("enough")
	err := s.Scrub(t.Context(), 0, b, func(_ keyspace.Bucket, is bool) error {
		damaged = is
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return damaged
}

// exchange sends all of a bucket.
func exchange(t testing.TB, from, to *store.Store, b keyspace.Bucket) {
	t.Helper()
	var cursor *store.Cursor
	send(t, from, to, b, b, &cursor, 1<<20)
}

func bucketOf(t testing.TB, s *store.Store, b keyspace.Bucket) (stats store.BucketStats) {
	t.Helper()
	mustView(t, s, func(v *store.View) (err error) {
		stats, err = v.Bucket(b)
		return err
	})
	return stats
}

// damageRow damages a random row of a bucket in a random way, and says how.
func damageRow(rt *rapid.T, t testing.TB, s *store.Store, b keyspace.Bucket) string {
	r := rapid.SampledFrom(rowsOf(t, s, b)).Draw(rt, "row")
	how := rapid.SampledFrom([]string{"a bit", "cut off", "lost", "another's", "a bit of the bucket", "stray", "no such key"}).Draw(rt, "how")
	k, content := r[0], slices.Clone(r[1])
	switch how {
	case "a bit":
		content[rapid.IntRange(0, len(content)-1).Draw(rt, "at")] ^= 1
		raw(t, s, "items", k, content)
	case "cut off":
		raw(t, s, "items", k, content[:rapid.IntRange(0, len(content)-1).Draw(rt, "to")])
	case "lost":
		raw(t, s, "items", k, nil)
	case "another's":
		k = slices.Clone(k)
		k[len(k)-1] ^= 1
		raw(t, s, "items", k, content)
	case "a bit of the bucket":
		raw(t, s, "buckets", k[:2], []byte("garbage"))
	case "stray":
		k = append(slices.Clone(k[:20]), make([]byte, 20)...)
		e := value.AppendElement(nil, value.Element{Dots: []value.Dot{{Seq: 1}}})
		raw(t, s, "items", k, store.Seal(k, e))
	case "no such key":
		raw(t, s, "items", k[:19], content)
	}
	return how
}

// However a bucket is damaged: a scrub sees it, mending leaves a bucket that
// agrees with itself, and what another replica has comes back, the same as it was
// there, with nothing removed there and nothing that was removed back.
func TestMend(t *testing.T) {
	s, other := storetest.Open(t, "ring", "node"), storetest.Open(t, "ring", "other")
	runs, hows := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		key := fmt.Appendf(nil, "key %d", runs)
		b := keyspace.BucketOf(keyspace.HashKey(key))
		for range rapid.IntRange(1, 12).Draw(rt, "changes") {
			val := []byte{byte(rapid.IntRange(0, 5).Draw(rt, "value"))}
			remove := rapid.IntRange(0, 2).Draw(rt, "remove") == 0
			mustUpdate(t, s, func(tx *store.Tx) (err error) {
				if remove {
					_, _, err = tx.Remove(key, val)
				} else {
					_, err = tx.Insert(key, val)
				}
				return err
			})
		}
		exchange(t, s, other, b)
		want := bucketOf(t, other, b)
		if len(rowsOf(t, s, b)) == 0 {
			return
		}
		if mend(t, s, b) != 0 || isDamaged(t, s, b) || bucketOf(t, s, b) != want {
			rt.Fatal("a bucket with nothing wrong was mended")
		}
		how := damageRow(rt, t, s, b)
		hows[how]++
		if !isDamaged(t, s, b) {
			rt.Fatalf("%s: the scrub sees no damage", how)
		}
		if lost := mend(t, s, b); lost == 0 || mend(t, s, b) != 0 || isDamaged(t, s, b) {
			rt.Fatalf("%s: %d rows mended, and the bucket still is not whole", how, lost)
		}
		exchange(t, s, other, b)
		if got := bucketOf(t, other, b); got != want {
			rt.Fatalf("%s: what was mended changed another replica: %v, want %v", how, got, want)
		}
		exchange(t, other, s, b)
		if got := bucketOf(t, s, b); got != want {
			rt.Fatalf("%s: it did not come back as it was: %v, want %v", how, got, want)
		}
	})
	if runs >= 100 && len(hows) < 7 {
		t.Errorf("seen only %v", hows)
	}
}

// What is left of a damaged key can be read, and claims to have seen nothing.
func TestMendedKeyIsPartial(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	for _, val := range []string{"a", "b", "c"} {
		if err := insert(s, "key", val); err != nil {
			t.Fatal(err)
		}
	}
	before := s.Stats()
	id := keyspace.HashKey([]byte("key"))
	rows := rowsOf(t, s, keyspace.BucketOf(id))
	rows[1][1][5] ^= 1
	raw(t, s, "items", rows[1][0], rows[1][1])
	mend(t, s, keyspace.BucketOf(id))
	got := set(t, s, "key")
	if len(got.Elements) != 2 || len(got.Context) != 0 || got.Complete() {
		t.Errorf("left: %v", got)
	}
	if after := s.Stats(); after.Values != before.Values-1 || after.Keys != 1 {
		t.Errorf("counted: %+v", after)
	}
	if err := insert(s, "key", "d"); !errors.Is(err, store.ErrPartial) {
		t.Error(err)
	}
}

// A key whose header is lost is not one that was never there.
func TestLostHeaderIsNoEmptyAnswer(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	if err := insert(s, "key", "v"); err != nil {
		t.Fatal(err)
	}
	id := keyspace.HashKey([]byte("key"))
	raw(t, s, "items", id[:], nil)
	mustView(t, s, func(v *store.View) error {
		_, err := v.Values([]byte("key"))
		_, _, err2 := v.Retrieve([]byte("key"))
		_, _, err3 := v.SetOf(id)
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, store.ErrCorrupt) {
				t.Error(err)
			}
		}
		return nil
	})
}

// A key that is lost with all its rows leaves a bucket that does not add up.
func TestScrubAddsUp(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	key := []byte("key")
	id := keyspace.HashKey(key)
	b := keyspace.BucketOf(id)
	if err := insert(s, "key", "v"); err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, s, func(tx *store.Tx) error { _, _, err := tx.Delete(key); return err })
	raw(t, s, "items", id[:], nil)
	if !isDamaged(t, s, b) || mend(t, s, b) != 1 || isDamaged(t, s, b) || mend(t, s, b) != 0 {
		t.Error("a lost row is not seen, or not mended")
	}
}

// A scrub keeps to its rate, goes on where it is told to, and ends when its
// context does.
func TestScrubRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		const size = 4 << 20
		for i := range 8 {
			if err := insert(s, fmt.Sprint(i), string(make([]byte, size/8))); err != nil {
				t.Fatal(err)
			}
		}
		began, buckets := time.Now(), 0
		report := func(b keyspace.Bucket, damaged bool) error {
			if buckets++; damaged {
				t.Errorf("bucket %d is damaged", b)
			}
			return nil
		}
		if err := s.Scrub(t.Context(), 1<<20, 100, report); err != nil || buckets != keyspace.Buckets-100 {
			t.Error(err, buckets)
		}
		if took := time.Since(began).Round(time.Second); took != 4*time.Second {
			t.Errorf("4 MiB took %v at 1 MiB a second", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Scrub(ctx, 1<<20, 0, report); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A bucket that changes between two views of it is not taken for damaged, and
// still is found out when it is.
func TestScrubOfABucketThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		key := "key"
		b := keyspace.BucketOf(keyspace.HashKey([]byte(key)))
		for i := range 10 {
			if err := insert(s, key, fmt.Sprintf("%d%0100000d", i, i)); err != nil {
				t.Fatal(err)
			}
		}
		go func() { // several changes a slice, in virtual time
			for i := range 100 {
				time.Sleep(50 * time.Millisecond)
				insert(s, key, fmt.Sprint(i))
			}
		}()
		began, enough := time.Now(), errors.New("enough")
		scrub := func(want bool) {
			err := s.Scrub(t.Context(), 1<<20, b, func(_ keyspace.Bucket, damaged bool) error {
				if damaged != want {
					t.Errorf("damaged: %v, want %v", damaged, want)
				}
				return enough
			})
			if !errors.Is(err, enough) {
				t.Error(err)
			}
		}
		scrub(false)
		if took := time.Since(began); took == 0 || took > 4*time.Second {
			t.Errorf("the bucket was read in %v: in one view at once, or only when nothing changed any more", took)
		}
		rows := rowsOf(t, s, b)
		raw(t, s, "items", rows[len(rows)-1][0], nil)
		scrub(true)
		time.Sleep(10 * time.Second) // until the changes have ended
	})
}
