package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// shut returns the path of a database with keys that nobody has open.
func shut(t *testing.T) (string, store.Identity) {
	t.Helper()
	s := some(t)
	path, id := s.Stats().Path, s.Identity()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, id
}

func renew(tx *store.Tx) error { return errors.Join(tx.Renew(), tx.SetMeta("mark", []byte("x"))) }

// What is installed has the content and another incarnation; what was there
// keeps its content under another name.
func TestInstall(t *testing.T) {
	from, id := shut(t)
	path := filepath.Join(t.TempDir(), "chord.db")
	if aside, err := store.Install(from, path, false, renew, nil); err != nil || aside != "" {
		t.Fatal(aside, err)
	}
	r, err := store.Check(path, nil, nil)
	if err != nil || r.Keys != 299 || r.Identity.Incarnation == id.Incarnation || r.Identity.ID != id.ID {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := store.Install(from, path, false, renew, nil); !errors.Is(err, store.ErrExists) {
		t.Fatal(err)
	}
	var asides []string
	for range 2 {
		aside, err := store.Install(from, path, true, renew, nil)
		if err != nil || !strings.HasPrefix(aside, path+".") || slices.Contains(asides, aside) {
			t.Fatal(aside, err)
		}
		asides = append(asides, aside)
	}
	if old, err := store.Check(asides[0], nil, nil); err != nil || old.Identity != r.Identity {
		t.Fatalf("%+v, %v", old, err)
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 3 {
		t.Fatal(names)
	}
}

// Where anything fails, nothing at the path has changed.
func TestInstallFails(t *testing.T) {
	from, _ := shut(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "chord.db")
	refuse := errors.New("refused")
	if _, err := store.Install(from, path, false, func(*store.Tx) error { return refuse }, nil); !errors.Is(err, refuse) {
		t.Error(err)
	}
	if _, err := store.Install(filepath.Join(dir, "nothing"), path, false, renew, nil); !errors.Is(err, store.ErrFile) {
		t.Error(err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Error(names)
	}
	running := storetest.Open(t, "ring", "node")
	if _, err := store.Install(from, running.Stats().Path, true, renew, nil); !errors.Is(err, store.ErrLocked) {
		t.Error(err)
	}
	if got := files(t, running); len(got) != 1 {
		t.Error(got)
	}
	if _, err := store.Install(running.Stats().Path, path, false, renew, nil); !errors.Is(err, store.ErrLocked) {
		t.Error(err)
	}
}

// A compacted database is the same, and smaller.
func TestCompact(t *testing.T) {
	s := some(t)
	path, id := s.Stats().Path, s.Identity()
	if _, _, err := store.Compact(path, nil); !errors.Is(err, store.ErrLocked) {
		t.Fatal(err)
	}
	want := digestsOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var last, total int64
	before, after, err := store.Compact(path, func(d, n int64) { last, total = d, n })
	if err != nil || after >= before || last != total || total == 0 {
		t.Fatalf("from %d to %d bytes, %d of %d rows, %v", before, after, last, total, err)
	}
	if r, err := store.Check(path, nil, nil); err != nil || r.Identity != id {
		t.Fatalf("%+v, %v", r, err)
	}
	if s, err = store.Open(path, store.Options{Ring: "ring", Name: "node"}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !slices.Equal(want, digestsOf(t, s)) || len(files(t, s)) != 1 {
		t.Fatal("it is another database")
	}
	if err := insert(s, "more", "v"); err != nil {
		t.Fatal(err)
	}
}

// A damaged database is left as it is.
func TestCompactDamaged(t *testing.T) {
	path, _ := shut(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 8192); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Compact(path, nil); !errors.Is(err, store.ErrCorrupt) {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); len(got) != 8192 || string(got) != string(whole[:8192]) {
		t.Error("the file changed")
	}
	if _, _, err := store.Compact(path+".no", nil); !errors.Is(err, store.ErrFile) {
		t.Error(err)
	}
}

// digestsOf returns what the buckets hold.
func digestsOf(t *testing.T, s *store.Store) (all []store.BucketStats) {
	t.Helper()
	if err := s.View(func(v *store.View) error {
		return v.Buckets(func(_ keyspace.Bucket, b store.BucketStats, _ []byte, _ error) error {
			all = append(all, b)
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
