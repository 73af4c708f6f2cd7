package storetest

import (
	"path/filepath"
	"testing"

	"chord/keyspace"
	"chord/store"
)

// Open returns a store of its own for a test, with the node's first identifier
// set, that syncs nothing and is closed at the end of the test.
func Open(t testing.TB, ring, name string) *store.Store {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "chord.db"), store.Options{Ring: ring, Name: name, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	SetID(t, s, keyspace.HashNode(ring, name, 0))
	return s
}

// SetID gives the store's node its place on the ring.
func SetID(t testing.TB, s *store.Store, id keyspace.ID) {
	t.Helper()
	if err := Update(t, s, func(tx *store.Tx) error { return tx.SetID(id) }); err != nil {
		t.Fatal(err)
	}
}

// Update runs one change and returns its error.
func Update(t testing.TB, s *store.Store, do func(*store.Tx) error) error {
	t.Helper()
	return s.Update(t.Context(), store.Change{Do: do})
}
