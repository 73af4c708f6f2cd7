package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
	"chord/value"
)

// replicas are stores that send each other the changes of one key, beside the
// textbook's set: all dots ever made, and all ever removed.
type replicas struct {
	t       testing.TB
	stores  []*store.Store
	key     []byte
	added   map[value.Dot]string
	removed map[value.Dot]bool
	sent    []message
	counts  map[string]int // of what happened
}

type message struct {
	from, to int
	delta    value.Delta
}

func (r *replicas) set(i int) value.Set { return set(r.t, r.stores[i], string(r.key)) }

func (r *replicas) digest(i int) (d store.Digest) {
	mustView(r.t, r.stores[i], func(v *store.View) (err error) {
		d, err = v.Digest(r.key)
		return err
	})
	return d
}

// change carries out a random operation and queues its delta for the others.
func (r *replicas) change(rt *rapid.T) {
	i := rapid.IntRange(0, len(r.stores)-1).Draw(rt, "at")
	val := []byte{'a' + byte(rapid.IntRange(0, 5).Draw(rt, "value"))}
	kind := rapid.SampledFrom([]string{"insert", "insert", "insert", "remove", "remove", "put", "delete"}).Draw(rt, "kind")
	for _, e := range r.set(i).Elements { // what it sees goes
		if kind == "put" || kind == "delete" || bytes.Equal(e.Value, val) {
			for _, d := range e.Dots {
				r.removed[d] = true
			}
		}
	}
	var d value.Delta
	changed := true
	mustUpdate(r.t, r.stores[i], func(tx *store.Tx) (err error) {
		switch kind {
		case "insert":
			d, err = tx.Insert(r.key, val)
		case "remove":
			d, changed, err = tx.Remove(r.key, val)
		case "put":
			d, err = tx.Put(r.key, val)
		case "delete":
			d, changed, err = tx.Delete(r.key)
		}
		return err
	})
	if kind == "insert" || kind == "put" {
		r.added[d.Elements[0].Dots[0]] = string(val)
	}
	for to := range r.stores {
		if to != i && changed {
			r.sent = append(r.sent, message{i, to, d})
		}
	}
}

// deliver takes a random message: it is lost, or merged, perhaps not for the last
// time. Who has a gap gets the whole set.
func (r *replicas) deliver(rt *rapid.T) {
	if len(r.sent) == 0 {
		return
	}
	n := rapid.IntRange(0, len(r.sent)-1).Draw(rt, "message")
	m := r.sent[n]
	fate := rapid.SampledFrom([]string{"once", "once", "again", "lost"}).Draw(rt, "fate")
	if fate != "again" {
		r.sent = slices.Delete(r.sent, n, n+1)
	}
	r.counts[fate]++
	if fate == "lost" {
		return
	}
	before := r.set(m.to)
	err := r.merge(m.to, m.delta)
	if errors.Is(err, store.ErrGap) {
		r.counts["gap"]++
		if after := r.set(m.to); m.delta.Whole() || fmt.Sprint(after) != fmt.Sprint(before) {
			rt.Fatalf("a gap changed %v to %v", before, after)
		}
		err = r.merge(m.to, r.set(m.from).Delta(r.key))
	}
	if err != nil {
		rt.Fatal(err)
	}
}

func (r *replicas) merge(to int, d value.Delta) error {
	return storetest.Update(r.t, r.stores[to], func(tx *store.Tx) error {
		_, err := tx.MergeDelta(d)
		return err
	})
}

// checkDigests: equal digests mean equal sets, and the other way round.
func (r *replicas) checkDigests(rt *rapid.T) {
	for i := range r.stores {
		a, b := r.set(0), r.set(i)
		if equal := fmt.Sprint(a) == fmt.Sprint(b); equal != (r.digest(0) == r.digest(i)) {
			rt.Fatalf("digests %x, %x of\n%v\n%v", r.digest(0), r.digest(i), a, b)
		}
		if !b.Complete() {
			rt.Fatalf("replica %d holds what its context has not seen: %v", i, b)
		}
	}
}

// checkEnd exchanges whole sets; all must be what the textbook says.
func (r *replicas) checkEnd(rt *rapid.T) {
	for range 2 {
		for from := range r.stores {
			for to := range r.stores {
				if err := r.merge(to, r.set(from).Delta(r.key)); err != nil {
					rt.Fatal(err)
				}
			}
		}
	}
	r.checkDigests(rt)
	got := map[value.Dot]string{}
	for _, e := range r.set(0).Elements {
		for _, d := range e.Dots {
			got[d] = string(e.Value)
		}
	}
	for d, v := range r.added {
		if _, there := got[d]; there == r.removed[d] {
			rt.Fatalf("insert %v of %s: there %v, removed %v", d, v, there, r.removed[d])
		}
		delete(got, d)
	}
	if len(got) > 0 {
		rt.Fatalf("dots that nobody made: %v", got)
	}
	for i := range r.stores {
		if r.digest(i) != r.digest(0) {
			rt.Fatalf("replica %d differs: %v, %v", i, r.set(i), r.set(0))
		}
	}
}

// Deltas that come in any order, twice or not at all bring no replica to where
// whole sets would not have brought it.
func TestDeltasConverge(t *testing.T) {
	stores := []*store.Store{storetest.Open(t, "ring", "a"), storetest.Open(t, "ring", "b"), storetest.Open(t, "ring", "c")}
	runs, counts := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		r := &replicas{
			t: t, stores: stores, key: fmt.Appendf(nil, "key %d", runs),
			added: map[value.Dot]string{}, removed: map[value.Dot]bool{}, counts: counts,
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			if rapid.IntRange(0, 2).Draw(rt, "step") == 0 {
				r.change(rt)
			} else {
				r.deliver(rt)
			}
		}
		r.checkDigests(rt)
		r.checkEnd(rt)
	})
	if counts["gap"] == 0 || counts["again"] == 0 || counts["lost"] == 0 {
		t.Errorf("not all that can happen did: %v", counts)
	}
}

// A delta costs what changed, not what the key holds.
func TestDeltaIsNarrow(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	key := []byte("key")
	for i := range 50 {
		if err := insert(s, "key", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	mustUpdate(t, s, func(tx *store.Tx) error {
		inserted, err := tx.Insert(key, []byte("v"))
		removed, ok, err2 := tx.Remove(key, []byte("7"))
		if len(inserted.Elements) != 1 || len(removed.Elements) != 0 || !ok || inserted.Whole() || removed.Whole() {
			t.Errorf("%v, %v", inserted, removed)
		}
		for val, d := range map[string]value.Delta{"v": inserted, "7": removed} {
			h := value.Hash([]byte(val))
			if !d.Contains(h) || d.Contains(h.AddPower(0)) || d.Contains(d.From) {
				t.Errorf("%s: the interval is (%v, %v]", val, d.From, d.To)
			}
		}
		none, ok, err3 := tx.Remove(key, []byte("7"))
		if ok || none.Key != nil {
			t.Errorf("a remove of nothing: %v", none)
		}
		return errors.Join(err, err2, err3)
	})
}

// A set of which pieces are missing has a gap, whatever its context says. Once
// adopted it takes changes.
func TestDeltaIntoPieces(t *testing.T) {
	from, to := storetest.Open(t, "ring", "from"), storetest.Open(t, "ring", "to")
	for i := range 3 {
		if err := insert(from, "key", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	whole, key := set(t, from, "key"), []byte("key")
	mustUpdate(t, to, func(tx *store.Tx) error {
		_, err := tx.Merge(whole.Pieces(key, 1)[0])
		return err
	})
	d := value.NewDelta(key, value.Hash([]byte("x")), nil, whole.Context)
	merge := func() error {
		return storetest.Update(t, to, func(tx *store.Tx) error { _, err := tx.MergeDelta(d); return err })
	}
	if err := merge(); !errors.Is(err, store.ErrGap) {
		t.Error("into pieces:", err)
	}
	partial := func() (n int) {
		mustView(t, to, func(v *store.View) error {
			page, err := v.Keys(keyspace.ID{}, keyspace.Bucket(keyspace.Buckets-1).Last(), 9)
			for _, e := range page {
				if e.Partial {
					n++
				}
			}
			return err
		})
		return n
	}
	if partial() != 1 {
		t.Error("a partial key is not listed as one")
	}
	for _, want := range []bool{true, false} {
		mustUpdate(t, to, func(tx *store.Tx) error {
			adopted, err := tx.Adopt(keyspace.HashKey(key))
			if adopted != want {
				t.Errorf("adopted: %v, want %v", adopted, want)
			}
			return err
		})
	}
	if got := set(t, to, "key"); !got.Complete() {
		t.Errorf("adopted, and not complete: %v", got)
	}
	if err := merge(); err != nil || partial() != 0 {
		t.Error("after it was adopted:", err)
	}
	if err := insert(to, "key", "own"); err != nil || values(t, to, "key") != 2 {
		t.Error(err, values(t, to, "key"))
	}
}
