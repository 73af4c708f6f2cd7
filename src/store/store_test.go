package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// reopen closes a store and opens the same database again.
func reopen(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	path, id := s.Stats().Path, s.Identity()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, store.Options{Ring: id.Ring, Name: id.Name, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Identity() != id {
		t.Fatalf("identity %v, want %v", s.Identity(), id)
	}
	return s
}

func TestContract(t *testing.T) {
	dir, n := t.TempDir(), 0
	storetest.Run(t, func(t testing.TB) *store.Store {
		n++
		name := fmt.Sprint("node", n)
		s, err := store.Open(filepath.Join(dir, name+".db"), store.Options{Ring: "ring", Name: name, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		storetest.SetID(t, s, keyspace.HashNode("ring", name, 0))
		return s
	}, reopen)
}
