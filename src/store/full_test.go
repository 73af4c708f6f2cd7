package store_test

import (
	"errors"
	"testing"

	"chord/store"
	"chord/store/storetest"
)

// Below the reserve a replica takes in no values, but what is removed, and sets
// that bring it nothing.
func TestMergeBelowTheReserve(t *testing.T) {
	from := storetest.Open(t, "ring", "from")
	to, err := store.Open(t.TempDir()+"/chord.db", store.Options{Ring: "ring", Name: "to", NoSync: true, ReserveBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	free := uint64(1)
	to.SetFree(func() (uint64, error) { return free, nil })
	send := func() error {
		d := set(t, from, "key").Delta([]byte("key"))
		return storetest.Update(t, to, func(tx *store.Tx) error {
			_, err := tx.MergeDelta(d)
			return err
		})
	}
	for _, v := range []string{"a", "b"} {
		if err := insert(from, "key", v); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	free = 0
	if err := send(); err != nil {
		t.Errorf("what is there already: %v", err)
	}
	mustUpdate(t, from, func(tx *store.Tx) error {
		_, _, err := tx.Remove([]byte("key"), []byte("a"))
		return err
	})
	if err := send(); err != nil || values(t, to, "key") != 1 {
		t.Errorf("what is there already, without one that was removed: %v", err)
	}
	if err := insert(from, "key", "c"); err != nil {
		t.Fatal(err)
	}
	if err := send(); !errors.Is(err, store.ErrNoSpace) || values(t, to, "key") != 1 {
		t.Errorf("a new value: %v", err)
	}
	free = 1
	if err := send(); err != nil || values(t, to, "key") != 2 {
		t.Errorf("once there is room: %v", err)
	}
}
