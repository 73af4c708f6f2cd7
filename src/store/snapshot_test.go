package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chord/store"
	"chord/store/storetest"
)

// some returns a store with keys, a removed one among them.
func some(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t, "ring", "node")
	if err := storetest.Update(t, s, func(tx *store.Tx) error {
		for i := range 300 {
			if _, err := tx.Insert(fmt.Appendf(nil, "key %d", i), bytes.Repeat([]byte{'v'}, 100)); err != nil {
				return err
			}
		}
		_, _, err := tx.Delete([]byte("key 7"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// files returns the names in the directory of the store's database, but for its
// log.
func files(t *testing.T, s *store.Store) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(s.Stats().Path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".log") {
			names = append(names, e.Name())
		}
	}
	return names
}

// A snapshot is what was there when it was made, spooled or not, and leaves
// nothing beside the database.
func TestSnapshot(t *testing.T) {
	for _, spooled := range []bool{true, false} {
		s := some(t)
		if !spooled {
			s.SetFree(func() (uint64, error) { return uint64(s.Stats().FileBytes), nil })
		}
		var last, total int64
		c, err := s.Snapshot(func(d, n int64) error { last, total = d, n; return nil })
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if c.Spooled != spooled || spooled && (last != c.Size || total != last) || len(files(t, s)) != 1 {
			t.Fatalf("spooled %v, %d of %d of %d bytes, files %v", c.Spooled, last, total, c.Size, files(t, s))
		}
		if spooled {
			if err := insert(s, "later", "v"); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), "copy.db")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := c.WriteTo(f)
		f.Close()
		if err != nil || spooled && n != c.Size {
			t.Fatal(n, c.Size, err)
		}
		r, err := store.Check(path, nil, nil)
		if err != nil || r.Keys != 299 || r.Identity != s.Identity() {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

// Nobody who reads slowly makes the file grow without bound, and who gives up
// ends the copying.
func TestSnapshotIsBounded(t *testing.T) {
	s := some(t)
	stop := errors.New("stop")
	if _, err := s.Snapshot(func(int64, int64) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if got := files(t, s); len(got) != 1 {
		t.Error(got)
	}
	s.SetFree(func() (uint64, error) { return 0, nil })
	c, err := s.Snapshot(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Grow(1 << 30)
	if _, err := c.WriteTo(new(bytes.Buffer)); !errors.Is(err, store.ErrSlowCopy) {
		t.Error(err)
	}
}
