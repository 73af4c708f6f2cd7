package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
	"chord/value"
)

// crowded returns a store with so many keys in few buckets, in order, key i with i%3
// values; those without had one.
func crowded(t testing.TB, keys int) (s *store.Store, names [][]byte) {
	t.Helper()
	s = storetest.Open(t, "ring", "node")
	for i := 0; len(names) < keys; i++ {
		key := fmt.Appendf(nil, "key %d", i)
		if at := keyspace.BucketOf(keyspace.HashKey(key)); at>>4 == 7 { // one of 16
			names = append(names, key)
		}
	}
	slices.SortFunc(names, func(a, b []byte) int { return keyspace.HashKey(a).Compare(keyspace.HashKey(b)) })
	mustUpdate(t, s, func(tx *store.Tx) (err error) {
		for i, key := range names {
			for v := range max(1, i%3) {
				_, e := tx.Insert(key, []byte{byte(v)})
				err = errors.Join(err, e)
			}
			if i%3 == 0 {
				_, _, e := tx.Delete(key)
				err = errors.Join(err, e)
			}
		}
		return err
	})
	return s, names
}

func tombstones(t testing.TB, s *store.Store, b keyspace.Bucket, limit int) (found []store.Tombstone) {
	t.Helper()
	mustView(t, s, func(v *store.View) (err error) {
		found, err = v.Tombstones(b, limit)
		return err
	})
	return found
}

func TestTombstones(t *testing.T) {
	s, names := crowded(t, 60)
	buckets := map[keyspace.Bucket][][]byte{}
	for i, key := range names {
		b := keyspace.BucketOf(keyspace.HashKey(key))
		if i%3 == 0 {
			buckets[b] = append(buckets[b], key)
		}
	}
	for b, want := range buckets {
		for limit := range 4 {
			found := tombstones(t, s, b, limit)
			if len(found) != min(limit, len(want)) {
				t.Errorf("%d of at most %d, there are %d", len(found), limit, len(want))
			}
			for i, stone := range found {
				if !bytes.Equal(stone.Key, want[i]) || stone.ID != keyspace.HashKey(want[i]) || len(stone.Context) != 1 {
					t.Errorf("%v, want that of %s", stone, want[i])
				}
			}
		}
	}
}

// Only what has no values, and of which the tombstone has seen all, is forgotten;
// then it is as if it had never been.
func TestForget(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	key := []byte("key")
	b := keyspace.BucketOf(keyspace.HashKey(key))
	forget := func(when string, stone store.Tombstone, want int) {
		t.Helper()
		mustUpdate(t, s, func(tx *store.Tx) error {
			if n, err := tx.Forget(b, []store.Tombstone{stone}); n != want || err != nil {
				t.Errorf("%s: %d forgotten, %v", when, n, err)
			}
			return nil
		})
	}
	change := func(kind string) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			if kind == "delete" {
				_, _, err := tx.Delete(key)
				return err
			}
			_, err := tx.Insert(key, nil)
			return err
		})
	}
	change("insert")
	change("delete")
	old := tombstones(t, s, b, 9)[0]
	change("insert")
	forget("with a value", store.Tombstone{ID: old.ID, Context: set(t, s, "key").Context}, 0)
	change("delete")
	forget("an old tombstone", old, 0)
	forget("unknown key", store.Tombstone{ID: b.Last()}, 0)
	forget("the right one", tombstones(t, s, b, 9)[0], 1)
	if bucketOf(t, s, b) != (store.BucketStats{}) || len(rowsOf(t, s, b)) != 0 || isDamaged(t, s, b) {
		t.Error("something is left")
	}
	err := storetest.Update(t, s, func(tx *store.Tx) error {
		_, err := tx.Forget(b+1, []store.Tombstone{old})
		return err
	})
	if err == nil {
		t.Error("a key of another bucket")
	}
}

// A tombstone takes away what it has seen and nothing else.
func TestMergeTombstone(t *testing.T) {
	s, other := storetest.Open(t, "ring", "node"), storetest.Open(t, "ring", "other")
	key := []byte("key")
	b := keyspace.BucketOf(keyspace.HashKey(key))
	if err := insert(s, "key", "seen"); err != nil {
		t.Fatal(err)
	}
	exchange(t, s, other, b)
	mustUpdate(t, s, func(tx *store.Tx) error { _, _, err := tx.Delete(key); return err })
	stone := tombstones(t, s, b, 1)[0]
	if err := insert(other, "key", "unseen"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		mustUpdate(t, other, func(tx *store.Tx) error {
			if changed, err := tx.MergeTombstone(stone); err != nil || changed != want {
				t.Errorf("changed %v, %v", changed, err)
			}
			return nil
		})
	}
	if got := set(t, other, "key"); len(got.Elements) != 1 || string(got.Elements[0].Value) != "unseen" {
		t.Errorf("left: %v", got)
	}
}

// The ways to look a key up agree.
func TestLookups(t *testing.T) {
	s, names := crowded(t, 30)
	mustView(t, s, func(v *store.View) error {
		page, err := v.Keys(keyspace.ID{}, keyspace.Bucket(keyspace.Buckets-1).Last(), 100)
		if len(page) != len(names) {
			t.Fatalf("%d keys are listed", len(page))
		}
		for _, e := range page {
			want, err1 := v.Set(e.Key)
			d, err2 := v.Digest(e.Key)
			values, d2, err3 := v.Retrieve(e.Key)
			key, got, err4 := v.SetOf(e.ID)
			if err := errors.Join(err1, err2, err3, err4); err != nil {
				t.Fatal(err)
			}
			if d != e.Digest || d2 != d || d.IsZero() || !bytes.Equal(key, e.Key) || fmt.Sprint(got) != fmt.Sprint(want) ||
				!slices.EqualFunc(values, want.Values(), bytes.Equal) {
				t.Errorf("key %s: %v, %v", e.Key, got, want)
			}
		}
		values, d, err2 := v.Retrieve([]byte("unknown"))
		key, _, err3 := v.SetOf(keyspace.ID{1})
		if d2, err := v.Digest([]byte("unknown")); len(values) > 0 || !d.IsZero() || !d2.IsZero() || key != nil || err != nil {
			t.Error("an unknown key:", values, d, d2, key)
		}
		return errors.Join(err, err2, err3)
	})
}

// The pieces of chosen keys are those keys' sets, at any size.
func TestKeyPieces(t *testing.T) {
	s, names := crowded(t, 20)
	for i := range 40 {
		if err := insert(s, string(names[4]), fmt.Sprint("many", i)); err != nil {
			t.Fatal(err)
		}
	}
	var ids []keyspace.ID
	for i := 0; i < len(names); i += 2 {
		ids = append(ids, keyspace.HashKey(names[i]), keyspace.ID{byte(i)})
	}
	for _, size := range []int{1, 200, 1000, 1 << 20} {
		got := map[string]value.Set{}
		var cursor *store.Cursor
		for more := true; more; more = cursor != nil {
			mustView(t, s, func(v *store.View) (err error) {
				var pieces []value.Piece
				pieces, cursor, err = v.KeyPieces(ids, cursor, size)
				total := 0
				for _, p := range pieces {
					set := got[string(p.Key)]
					set.MergePiece(p)
					got[string(p.Key)] = set
					total += p.Size()
				}
				if total > size && len(pieces) > 1 {
					t.Errorf("%d bytes in answers of %d", total, size)
				}
				return err
			})
		}
		if len(got) != len(ids)/2 {
			t.Errorf("%d keys of %d came", len(got), len(ids)/2)
		}
		for key, got := range got {
			if want := set(t, s, key); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("size %d, %s: %v, want %v", size, key, got, want)
			}
		}
	}
}
