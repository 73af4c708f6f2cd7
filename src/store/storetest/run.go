package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/store"
	"chord/value"
)

// Run checks that stores behave as maps of keys to sets of values. Open returns
// an empty store of a node with an identifier; reopen closes a store and
// opens the same database again.
func Run(t *testing.T, open func(t testing.TB) *store.Store, reopen func(t testing.TB, s *store.Store) *store.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{t: t, stores: []*store.Store{open(t), open(t)}, reopen: reopen}
		defer func() {
			for _, s := range m.stores {
				s.Close()
			}
		}()
		m.models = []map[string]value.Set{{}, {}}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			m.step(rt)
		}
		m.check(rt)
	})
}

// machine is some stores beside maps that hold what they should.
type machine struct {
	t      testing.TB
	stores []*store.Store
	models []map[string]value.Set
	reopen func(t testing.TB, s *store.Store) *store.Store
}

func (m *machine) step(rt *rapid.T) {
	i := rapid.IntRange(0, len(m.stores)-1).Draw(rt, "store")
	switch rapid.IntRange(0, 9).Draw(rt, "step") {
	case 0:
		m.stores[i] = m.reopen(m.t, m.stores[i])
	case 1, 2:
		m.transfer(rt, i, rapid.IntRange(1, 300).Draw(rt, "size"))
	case 3:
		m.rolledBack(rt, i)
	default:
		m.change(rt, i)
	}
}

func drawKey(rt *rapid.T) []byte {
	return fmt.Appendf(nil, "key %d", rapid.IntRange(0, 4).Draw(rt, "key"))
}

func drawValue(rt *rapid.T) []byte {
	return bytes.Repeat([]byte{'v'}, rapid.IntRange(0, 12).Draw(rt, "value"))
}

// change does what a user may do, to the store and to its model.
func (m *machine) change(rt *rapid.T, i int) {
	key, val := drawKey(rt), drawValue(rt)
	set := m.models[i][string(key)]
	kind := rapid.SampledFrom([]string{"insert", "insert", "insert", "remove", "put", "delete"}).Draw(rt, "kind")
	m.update(rt, i, func(tx *store.Tx) error {
		switch kind {
		case "insert":
			d, err := tx.Insert(key, val)
			if err != nil {
				return err
			}
			set.Insert(val, dotOf(d))
			return nil
		case "remove":
			_, removed, err := tx.Remove(key, val)
			return same(removed, set.Remove(val), err)
		case "put":
			d, err := tx.Put(key, val)
			if err != nil {
				return err
			}
			set.Put(val, dotOf(d))
			return nil
		}
		_, deleted, err := tx.Delete(key)
		return same(deleted, set.Clear(), err)
	})
	m.models[i][string(key)] = set
}

// dotOf returns the dot of an insert, which is all that its delta carries.
func dotOf(d value.Delta) value.Dot { return d.Elements[0].Dots[0] }

func same(got, want bool, err error) error {
	if err == nil && got != want {
		return fmt.Errorf("reports %v, want %v", got, want)
	}
	return err
}

func (m *machine) update(rt *rapid.T, i int, do func(tx *store.Tx) error) {
	if err := m.stores[i].Update(m.t.Context(), store.Change{Do: do}); err != nil {
		rt.Fatal(err)
	}
}

// rolledBack makes a change that fails after it has written.
func (m *machine) rolledBack(rt *rapid.T, i int) {
	key, val := drawKey(rt), drawValue(rt)
	refuse := errors.New("refused")
	err := m.stores[i].Update(m.t.Context(), store.Change{Do: func(tx *store.Tx) error {
		if _, err := tx.Put(key, val); err != nil {
			return err
		}
		return refuse
	}})
	if err != refuse {
		rt.Fatalf("%v, want %v", err, refuse)
	}
}

// transfer sends everything to another store, piece by piece.
func (m *machine) transfer(rt *rapid.T, to, size int) {
	from := 1 - to
	var cursor *store.Cursor
	for more := true; more; more = cursor != nil {
		var pieces []value.Piece
		err := m.stores[from].View(func(v *store.View) (err error) {
			pieces, cursor, err = v.Pieces(0, keyspace.Buckets-1, cursor, size, nil)
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		m.update(rt, to, func(tx *store.Tx) error {
			for _, p := range pieces {
				set := m.models[to][string(p.Key)]
				changed, err := tx.Merge(p)
				if err := same(changed, set.MergePiece(p), err); err != nil {
					return err
				}
				m.models[to][string(p.Key)] = set
			}
			return nil
		})
	}
}

// check compares everything with the models.
func (m *machine) check(rt *rapid.T) {
	for i, s := range m.stores {
		var total uint64
		if err := s.View(func(v *store.View) error {
			for key, want := range m.models[i] {
				total += uint64(len(want.Elements))
				got, err := v.Set([]byte(key))
				if err != nil {
					return err
				}
				if !equal(got, want) {
					return fmt.Errorf("store %d, %s: %v, want %v", i, key, got, want)
				}
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		if got := s.Stats().Values; got != total {
			rt.Fatalf("store %d counts %d values, want %d", i, got, total)
		}
	}
	m.checkDigests(rt)
}

// checkDigests compares two stores that hold the same in the end.
func (m *machine) checkDigests(rt *rapid.T) {
	m.transfer(rt, 0, 1<<20)
	m.transfer(rt, 1, 1<<20)
	var digests [2]map[keyspace.Bucket]store.BucketStats
	for i, s := range m.stores {
		digests[i] = map[keyspace.Bucket]store.BucketStats{}
		if err := s.View(func(v *store.View) error {
			return v.Buckets(func(b keyspace.Bucket, stats store.BucketStats, _ []byte, _ error) error {
				digests[i][b] = stats
				return nil
			})
		}); err != nil {
			rt.Fatal(err)
		}
	}
	if fmt.Sprint(digests[0]) != fmt.Sprint(digests[1]) {
		rt.Fatalf("equal stores differ in their digests:\n%v\n%v", digests[0], digests[1])
	}
}

func equal(a, b value.Set) bool {
	return a.Context.Equal(b.Context) && slices.EqualFunc(a.Elements, b.Elements, func(a, b value.Element) bool {
		return bytes.Equal(a.Value, b.Value) && slices.Equal(a.Dots, b.Dots)
	})
}
