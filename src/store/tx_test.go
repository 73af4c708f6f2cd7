package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
	"chord/value"
)

func mustUpdate(t testing.TB, s *store.Store, do func(*store.Tx) error) {
	t.Helper()
	if err := storetest.Update(t, s, do); err != nil {
		t.Fatal(err)
	}
}

func mustView(t testing.TB, s *store.Store, f func(*store.View) error) {
	t.Helper()
	if err := s.View(f); err != nil {
		t.Fatal(err)
	}
}

func set(t testing.TB, s *store.Store, key string) (got value.Set) {
	t.Helper()
	mustView(t, s, func(v *store.View) (err error) {
		got, err = v.Set([]byte(key))
		return err
	})
	return got
}

func TestLimits(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	long, large := make([]byte, store.MaxKey), make([]byte, store.MaxValue)
	mustUpdate(t, s, func(tx *store.Tx) error {
		_, err := tx.Insert(long, large)
		return err
	})
	piece := func(key, val []byte) value.Piece {
		return value.Piece{Key: key, Elements: []value.Element{{Value: val, Dots: []value.Dot{{Seq: 1}}}}}
	}
	tests := []struct {
		name     string
		key, val []byte
		want     error
	}{
		{"empty key", nil, nil, store.ErrEmptyKey},
		{"long key", append(long, 0), nil, store.ErrTooLarge},
		{"large value", long, append(large, 0), store.ErrTooLarge},
	}
	for _, c := range tests {
		for name, do := range map[string]func(tx *store.Tx) error{
			"insert": func(tx *store.Tx) error { _, err := tx.Insert(c.key, c.val); return err },
			"put":    func(tx *store.Tx) error { _, err := tx.Put(c.key, c.val); return err },
			"remove": func(tx *store.Tx) error { _, _, err := tx.Remove(c.key, c.val); return err },
			"merge":  func(tx *store.Tx) error { _, err := tx.Merge(piece(c.key, c.val)); return err },
		} {
			if err := storetest.Update(t, s, do); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v", name, c.name, err)
			}
		}
	}
}

func TestNoDotTwice(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	seen := map[value.Dot]bool{}
	insert := func(i int, fail error) error {
		return storetest.Update(t, s, func(tx *store.Tx) error {
			delta, err := tx.Insert([]byte("key"), []byte{byte(i)})
			if err != nil {
				return err
			}
			d := delta.Elements[0].Dots[0]
			if fail == nil && seen[d] {
				t.Errorf("dot %v twice", d)
			}
			seen[d] = seen[d] || fail == nil
			return fail
		})
	}
	for i := range 20 {
		if err := insert(i, nil); err != nil {
			t.Fatal(err)
		}
		insert(i, errors.New("refused"))
		if i%5 == 4 {
			s = reopen(t, s)
		}
		if i == 9 {
			mustUpdate(t, s, (*store.Tx).Renew)
		}
	}
	s.Close()
}

// A set of which pieces are missing takes merges alone: a change could cover
// what has not arrived.
func TestPartialSetRefusesChanges(t *testing.T) {
	from, to := storetest.Open(t, "ring", "from"), storetest.Open(t, "ring", "to")
	for i := range 3 {
		if err := insert(from, "key", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	merge := func(p value.Piece) {
		mustUpdate(t, to, func(tx *store.Tx) error { _, err := tx.Merge(p); return err })
	}
	whole := set(t, from, "key")
	pieces := whole.Pieces([]byte("key"), 1)
	merge(pieces[0])
	for name, do := range map[string]func(tx *store.Tx) error{
		"insert": func(tx *store.Tx) error { _, err := tx.Insert([]byte("key"), nil); return err },
		"put":    func(tx *store.Tx) error { _, err := tx.Put([]byte("key"), nil); return err },
		"remove": func(tx *store.Tx) error { _, _, err := tx.Remove([]byte("key"), nil); return err },
		"delete": func(tx *store.Tx) error { _, _, err := tx.Delete([]byte("key")); return err },
	} {
		if err := storetest.Update(t, to, do); !errors.Is(err, store.ErrPartial) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, p := range pieces[1:] {
		merge(p)
	}
	if err := insert(to, "key", "own"); err != nil || values(t, to, "key") != 4 {
		t.Errorf("after the last piece: %v, %d values", err, values(t, to, "key"))
	}
}

// The sender goes on changing between two pieces. Nothing that it inserted
// meanwhile may count as removed at the receiver.
func TestChangesBetweenPiecesAreNotLost(t *testing.T) {
	from, to := storetest.Open(t, "ring", "from"), storetest.Open(t, "ring", "to")
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		key := fmt.Appendf(nil, "key %d", runs)
		b := keyspace.BucketOf(keyspace.HashKey(key))
		change := func() {
			val := []byte{byte(rapid.IntRange(0, 9).Draw(rt, "value"))}
			remove := rapid.IntRange(0, 3).Draw(rt, "remove") == 0
			mustUpdate(t, from, func(tx *store.Tx) (err error) {
				if remove {
					_, _, err = tx.Remove(key, val)
				} else {
					_, err = tx.Insert(key, val)
				}
				return err
			})
		}
		for range 10 {
			change()
		}
		var cursor *store.Cursor
		for more := true; more; more = cursor != nil {
			send(t, from, to, b, b, &cursor, 150)
			change()
		}
		got, want := set(t, to, string(key)), set(t, from, string(key))
		if !got.Complete() {
			rt.Fatalf("incomplete: %v", got)
		}
		union := got
		union.Merge(want)
		if fmt.Sprint(union) != fmt.Sprint(want) {
			rt.Fatalf("the receiver's state undoes the sender's: %v, want %v", union, want)
		}
	})
}

// send moves one answer's worth of pieces of the buckets from first to last.
func send(t testing.TB, from, to *store.Store, first, last keyspace.Bucket, cursor **store.Cursor, size int) (pieces []value.Piece) {
	t.Helper()
	mustView(t, from, func(v *store.View) (err error) {
		pieces, *cursor, err = v.Pieces(first, last, *cursor, size, nil)
		return err
	})
	mustUpdate(t, to, func(tx *store.Tx) error {
		for _, p := range pieces {
			if _, err := tx.Merge(p); err != nil {
				return err
			}
		}
		return nil
	})
	return pieces
}

func TestPiecesKeepToTheirSize(t *testing.T) {
	from, to := storetest.Open(t, "ring", "from"), storetest.Open(t, "ring", "to")
	for i := range 40 {
		if err := insert(from, fmt.Sprint("key", i%7), fmt.Sprint("value", i)); err != nil {
			t.Fatal(err)
		}
	}
	const limit = 500
	var cursor *store.Cursor
	for more := true; more; more = cursor != nil {
		pieces, size := send(t, from, to, 0, keyspace.Buckets-1, &cursor, limit), 0
		for _, p := range pieces {
			size += p.Size()
		}
		if size > limit {
			t.Errorf("%d pieces of %d bytes", len(pieces), size)
		}
	}
	if got, want := to.Stats(), from.Stats(); got.Values != want.Values || got.Keys != want.Keys {
		t.Errorf("%d keys, %d values arrived of %d, %d", got.Keys, got.Values, want.Keys, want.Values)
	}
}

// Of each key it is asked once whether it is to be skipped, however small the
// pieces are, and what is not skipped arrives whole.
func TestPiecesSkip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from := storetest.Open(t, "ring", "from")
		defer from.Close()
		keys := rapid.IntRange(0, 9).Draw(rt, "keys")
		want := make(map[store.Digest]bool) // whether it is to be skipped
		var sent []string
		for i := range keys {
			for j := range rapid.IntRange(1, 12).Draw(rt, "values") {
				if err := insert(from, fmt.Sprint("key", i), fmt.Sprint("value", j)); err != nil {
					rt.Fatal(err)
				}
			}
			skip := rapid.Bool().Draw(rt, "skip")
			mustView(t, from, func(v *store.View) error {
				d, err := v.Digest(fmt.Append(nil, "key", i))
				want[d] = skip
				return err
			})
			if !skip {
				sent = append(sent, fmt.Sprint("key", i))
			}
		}
		size := rapid.IntRange(1, 2000).Draw(rt, "size")
		asked := make(map[store.Digest]bool)
		var cursor *store.Cursor
		var got []string
		for more := true; more; more = cursor != nil {
			mustView(t, from, func(v *store.View) error {
				pieces, next, err := v.Pieces(0, keyspace.Buckets-1, cursor, size, func(d store.Digest) bool {
					skip, known := want[d]
					if !known || asked[d] {
						rt.Errorf("asked about %x once more, or never inserted", d)
					}
					asked[d] = true
					return skip
				})
				for _, p := range pieces {
					if p.Last {
						got = append(got, string(p.Key))
					}
				}
				cursor = next
				return err
			})
		}
		slices.Sort(got)
		if len(asked) != keys || !slices.Equal(got, sent) {
			rt.Errorf("asked about %d of %d keys, got %q, want %q", len(asked), keys, got, sent)
		}
		seen := make(map[store.Digest]bool)
		mustView(t, from, func(v *store.View) (err error) {
			for i := range keys {
				b := keyspace.BucketOf(keyspace.HashKey(fmt.Append(nil, "key", i)))
				if err := v.Digests(b, func(d store.Digest) { seen[d] = true }); err != nil {
					return err
				}
			}
			return nil
		})
		if !maps.Equal(seen, asked) {
			rt.Errorf("%d digests are listed, want %d", len(seen), len(asked))
		}
	})
}

// A drop in steps, broken off anywhere, is no news for other replicas: what
// they hold survives a merge with the rest.
func TestDrop(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, other := storetest.Open(t, "ring", "node"), storetest.Open(t, "ring", "other")
		defer s.Close()
		defer other.Close()
		for i := range 9 {
			if err := insert(s, "key", fmt.Sprint(i)); err != nil {
				rt.Fatal(err)
			}
		}
		var cursor *store.Cursor
		send(t, s, other, 0, keyspace.Buckets-1, &cursor, 1<<20)
		b := keyspace.BucketOf(keyspace.HashKey([]byte("key")))
		mustUpdate(t, s, func(tx *store.Tx) error { return tx.SetNote(b, []byte("note")) })
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		for more := true; more; {
			mustUpdate(t, s, func(tx *store.Tx) (err error) {
				more, err = tx.DropSome(b, limit)
				return err
			})
			cursor = nil
			send(t, s, other, 0, keyspace.Buckets-1, &cursor, 1<<20)
			if n := values(t, other, "key"); n != 9 {
				rt.Fatalf("a drop elsewhere left %d of 9 values", n)
			}
		}
		mustView(t, s, func(v *store.View) error {
			stats, err := v.Bucket(b)
			note, _ := v.Note(b)
			if stats != (store.BucketStats{}) || string(note) != "note" {
				rt.Fatalf("after the drop: %v, note %q", stats, note)
			}
			return err
		})
	})
}

func TestKeysInPages(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	var want []keyspace.ID
	for i := range 30 {
		key := fmt.Sprint("key", i)
		for v := range i % 12 { // few and many values
			if err := insert(s, key, fmt.Sprint(v)); err != nil {
				t.Fatal(err)
			}
		}
		if i%12 > 0 {
			want = append(want, keyspace.HashKey([]byte(key)))
		}
	}
	slices.SortFunc(want, keyspace.ID.Compare)
	last := keyspace.Bucket(keyspace.Buckets - 1).Last()
	for limit := 1; limit < 35; limit += 6 {
		var got []keyspace.ID
		for from := (keyspace.ID{}); ; {
			var page []store.Entry
			mustView(t, s, func(v *store.View) (err error) {
				page, err = v.Keys(from, last, limit)
				return err
			})
			for _, e := range page {
				if got = append(got, e.ID); keyspace.HashKey(e.Key) != e.ID || e.Values == 0 {
					t.Fatalf("entry %v", e)
				}
			}
			if len(page) < limit {
				break
			}
			from = page[len(page)-1].ID.AddPower(0)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pages of %d: %d keys, want %d", limit, len(got), len(want))
		}
	}
	mustView(t, s, func(v *store.View) error {
		page, err := v.Keys(want[3], want[5], 100)
		if len(page) != 3 || page[0].ID != want[3] {
			t.Errorf("from the fourth to the sixth: %v", page)
		}
		return err
	})
}

func TestNotesMembersMeta(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	mustUpdate(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SetNote(7, []byte("seven")), tx.SetNote(8, []byte("eight")), tx.SetNote(8, nil),
			tx.SetMember(keyspace.ID{1}, []byte("one")), tx.SetMember(keyspace.ID{2}, []byte("two")), tx.DeleteMember(keyspace.ID{1}),
			tx.SetMeta("name", []byte("value")), tx.SetMeta("ring", []byte("not the ring")), tx.SetMeta("gone", nil))
	})
	s = reopen(t, s)
	defer s.Close()
	var got bytes.Buffer
	mustView(t, s, func(v *store.View) error {
		err := v.Notes(func(b keyspace.Bucket, note []byte, _ error) error {
			_, err := fmt.Fprintf(&got, "%d %s ", b, note)
			return err
		})
		err2 := v.Members(func(id keyspace.ID, r []byte) error { _, err := fmt.Fprintf(&got, "%d %s ", id[0], r); return err })
		for _, name := range []string{"name", "ring", "gone"} {
			b, err := v.Meta(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(&got, "%s ", b)
		}
		return errors.Join(err, err2)
	})
	if got.String() != "7 seven 2 two value not the ring  " {
		t.Error(got.String())
	}
}

// A part of the buckets is what all of them are, without the others; rows of the
// file and those that are not in it yet count the same.
func TestBucketsIn(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	noteAll := func(step int) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			for b := 0; b < 1000; b += step {
				if err := tx.SetNote(keyspace.Bucket(b), fmt.Appendf(nil, "%d by %d", b, step)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	noteAll(2)
	s = reopen(t, s)
	defer s.Close()
	noteAll(3)
	for _, part := range [][2]keyspace.Bucket{{0, keyspace.Buckets - 1}, {0, 0}, {3, 3}, {5, 5}, {6, 600}, {999, 2000}, {1000, 2000}} {
		var all, some bytes.Buffer
		mustView(t, s, func(v *store.View) error {
			write := func(to *bytes.Buffer, from, last keyspace.Bucket) store.EachBucket {
				return func(b keyspace.Bucket, stats store.BucketStats, note []byte, _ error) error {
					if b >= from && b <= last {
						fmt.Fprintln(to, b, stats, string(note))
					}
					return nil
				}
			}
			return errors.Join(v.Buckets(write(&all, part[0], part[1])), v.BucketsIn(part[0], part[1], write(&some, 0, keyspace.Buckets-1)))
		})
		if all.String() != some.String() || part[0] == 6 && all.Len() == 0 {
			t.Errorf("%d: %d bytes of notes, want %d", part, some.Len(), all.Len())
		}
	}
	failed := errors.New("failed")
	mustView(t, s, func(v *store.View) error {
		if err := v.BucketsIn(0, 9, func(keyspace.Bucket, store.BucketStats, []byte, error) error { return failed }); err != failed {
			t.Error("an error is lost:", err)
		}
		return nil
	})
}
