package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// closed returns the path of a database with some keys that nobody has open.
func closed(t testing.TB, keys ...string) string {
	t.Helper()
	s := storetest.Open(t, "ring", "node")
	for _, k := range keys {
		if err := insert(s, k, "value of "+k); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.Stats().Path
}

func tryOpen(path, ring, name string) error {
	s, err := store.Open(path, store.Options{Ring: ring, Name: name, NoSync: true})
	if err == nil {
		return s.Close()
	}
	return err
}

// wantRefusal checks an error and that it comes with a remedy.
func wantRefusal(t *testing.T, err, want error) {
	t.Helper()
	e, ok := errors.AsType[*store.Error](err)
	if !errors.Is(err, want) || !ok || e.Hint() == "" {
		t.Errorf("%v, want %v with a hint", err, want)
	}
}

func TestForeignDatabasesAreRefused(t *testing.T) {
	path := closed(t)
	wantRefusal(t, tryOpen(path, "other", "node"), store.ErrWrongRing)
	wantRefusal(t, tryOpen(path, "ring", "other"), store.ErrWrongNode)
	if err := tryOpen(path, "", ""); err != nil {
		t.Errorf("without a ring: %v", err)
	}
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	set := func(id keyspace.ID) error {
		return storetest.Update(t, s, func(tx *store.Tx) error { return tx.SetID(id) })
	}
	if err := set(s.Identity().ID); err != nil {
		t.Errorf("the same identifier again: %v", err)
	}
	wantRefusal(t, set(keyspace.ID{1}), store.ErrWrongNode)
	if err := storetest.Update(t, s, func(tx *store.Tx) error {
		return tx.Raw("meta", func(put func(k, row []byte) error) error {
			return put([]byte("format"), store.Seal([]byte("format"), []byte{7: 3}))
		})
	}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrFormat)
}

func TestLockedDatabase(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	path := s.Stats().Path
	wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrLocked)
	_, err := store.Check(path, nil, nil)
	wantRefusal(t, err, store.ErrLocked)
	s.Close()
	if err := tryOpen(path, "ring", "node"); err != nil {
		t.Error(err)
	}
}

func TestFilesThatAreNoDatabase(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	wantRefusal(t, tryOpen(write("empty", nil), "ring", "node"), store.ErrCorrupt)
	wantRefusal(t, tryOpen(write("short", []byte("x")), "ring", "node"), store.ErrCorrupt)
	wantRefusal(t, tryOpen(write("text", []byte(strings.Repeat("garbage ", 4096))), "ring", "node"), store.ErrCorrupt)
	wantRefusal(t, tryOpen(write("zeros", make([]byte, 1<<16)), "ring", "node"), store.ErrCorrupt)
	wantRefusal(t, tryOpen(dir, "ring", "node"), store.ErrFile)
	wantRefusal(t, tryOpen(filepath.Join(dir, "none", "db"), "ring", "node"), store.ErrFile)
	missing := filepath.Join(dir, "missing")
	if err := tryOpen(missing, "", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing, without a ring: %v", err)
	}
	if _, err := store.Open(missing, store.Options{Ring: "ring", ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing, for reading: %v", err)
	}
	if os.Getuid() == 0 {
		t.Log("not tried as root: a file without permission")
		return
	}
	secret := write("secret", nil)
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, tryOpen(secret, "ring", "node"), store.ErrFile)
}

func TestTruncatedFile(t *testing.T) {
	path := closed(t, "a", "b")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{len(whole) - len(whole)/1, 100, 4096, 2 * 4096, 5 * 4096} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrCorrupt)
	}
}

// What an earlier start left behind when it broke off does not matter.
func TestCreationBrokenOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chord.db")
	if err := os.WriteFile(path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node"})
	if err != nil {
		t.Fatal(err)
	}
	first := s.Identity()
	s.Close()
	if _, err := os.Stat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished file is still there: %v", err)
	}
	s, err = store.Open(path, store.Options{Ring: "ring", Name: "node"})
	if err != nil || s.Identity() != first || first.Incarnation == 0 {
		t.Fatalf("%v, %v, want %v", err, s.Identity(), first)
	}
	defer s.Close()
	if err := storetest.Update(t, s, (*store.Tx).Renew); err != nil || s.Identity().Incarnation == first.Incarnation {
		t.Errorf("renewed: %v, %v", err, s.Identity())
	}
}

func TestReadOnly(t *testing.T) {
	path := closed(t, "a")
	open := func() *store.Store {
		s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two := open(), open()
	defer one.Close()
	defer two.Close()
	if values(t, two, "a") != 1 {
		t.Error("nothing to read")
	}
	if err := insert(one, "a", "b"); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("insert: %v", err)
	}
}
