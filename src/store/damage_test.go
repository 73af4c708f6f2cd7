package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// readAll reads every way there is. It returns the first error; a value that
// nobody wrote fails the test.
func readAll(t *testing.T, path string, keys int) error {
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	first := func(e error) {
		if err == nil {
			err = e
		}
	}
	first(s.View(func(v *store.View) error {
		for i := range keys {
			key := fmt.Sprint("key", i)
			got, err := v.Values([]byte(key))
			for _, val := range got {
				if string(val) != content(i) {
					t.Errorf("%s has the value %.20q", key, val)
				}
			}
			if err == nil && len(got) != 1 {
				err = fmt.Errorf("%w: %s is not there", errMissing, key)
			}
			first(err)
		}
		_, err := v.Keys(keyspace.ID{}, keyspace.Bucket(keyspace.Buckets-1).Last(), keys)
		first(err)
		_, _, err = v.Pieces(0, keyspace.Buckets-1, nil, 1<<20, nil)
		first(err)
		return v.Members(func(keyspace.ID, []byte) error { return nil })
	}))
	first(storetest.Update(t, s, func(tx *store.Tx) error {
		for i := range keys {
			_, err := tx.Put(fmt.Append(nil, "key", i), nil)
			first(err)
		}
		return nil
	}))
	return err
}

var errMissing = errors.New("missing")

func content(i int) string { return fmt.Sprintf("the value number %d, %0200d", i, i) }

// A damaged file is an error that says so: not a panic, not a wrong value, and
// not "not found" without [store.Check] finding it.
func TestDamagedFiles(t *testing.T) {
	const keys = 200
	s := storetest.Open(t, "ring", "node")
	for i := range keys {
		if err := insert(s, fmt.Sprint("key", i), content(i)); err != nil {
			t.Fatal(err)
		}
	}
	path, used := s.Stats().Path, s.Stats().FileBytes
	s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:used]
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	damaged := filepath.Join(t.TempDir(), "damaged")
	found, silent := 0, 0
	for range rounds(40) {
		b := append([]byte{}, whole...)
		at := random.IntN(len(b))
		what, at := damage(random, b, at)
		if err := os.WriteFile(damaged, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, checkErr := store.Check(damaged, nil, nil)
		readErr := readAll(t, damaged, keys)
		switch {
		case errors.Is(readErr, errMissing) && at < 2*os.Getpagesize():
			silent++ // a meta page: what the other says is the transaction before
		case readErr != nil && checkErr == nil:
			t.Errorf("%s at %d: reads fail with %v and the check finds nothing", what, at, readErr)
		case readErr != nil && !errors.Is(readErr, store.ErrCorrupt) && !errors.Is(readErr, errMissing):
			t.Errorf("%s at %d: %v", what, at, readErr)
		case checkErr != nil:
			found++
		default:
			silent++ // a page that is not in use
		}
	}
	t.Logf("%d found, %d without effect", found, silent)
	if found == 0 {
		t.Error("no damage was found at all")
	}
}

// rounds is how often to try, less under the race detector, and as often as the
// environment asks for.
func rounds(n int) int {
	n /= slowdown
	if s := os.Getenv("STORE_TEST_ROUNDS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	return n
}

func damage(random *rand.Rand, b []byte, at int) (string, int) {
	if random.IntN(2) == 0 {
		at -= at % 4096 // where the structure is
		at += random.IntN(64)
	}
	switch random.IntN(3) {
	case 0:
		b[at] ^= 1 << random.IntN(8)
		return "a flipped bit", at
	case 1:
		for i := at; i < min(at+64, len(b)); i++ {
			b[i] = byte(random.Uint32())
		}
		return "64 random bytes", at
	}
	clear(b[at:min(at+4096, len(b))])
	return "a page of zeros", at
}

// Without its newest meta page the database is that of the transaction before,
// which has forgotten its last dots. So it begins a new life.
func TestLostMetaPageBeginsANewIncarnation(t *testing.T) {
	for page := range 2 {
		path := closed(t, "a", "b")
		before, err := store.Check(path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt(make([]byte, 100), int64(page*os.Getpagesize()))
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		var ids []store.Identity
		for range 2 {
			s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, s.Identity())
			mustUpdate(t, s, func(tx *store.Tx) error { return tx.SetMeta("x", nil) })
			s.Close()
		}
		if ids[0].Incarnation == before.Identity.Incarnation || ids[1] != ids[0] {
			t.Errorf("page %d: identities %v, then %v", page, before.Identity, ids)
		}
	}
}

func TestCheckFindsWhatDoesNotAgree(t *testing.T) {
	id := keyspace.HashKey([]byte("b"))
	for name, do := range map[string]func(put func(k, row []byte) error) error{
		"no checksum": func(put func(k, row []byte) error) error { return put(id[:], []byte("garbage")) },
		"no header": func(put func(k, row []byte) error) error {
			return put(append(id[:], make([]byte, 20)...), []byte("xxxx"))
		},
		"no such key":   func(put func(k, row []byte) error) error { return put([]byte("short"), []byte("garbage")) },
		"another's row": func(put func(k, row []byte) error) error { return put(id[:], store.Seal(id[:], []byte{1, 'a'})) },
	} {
		path := closed(t, "a")
		s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		mustUpdate(t, s, func(tx *store.Tx) error { return tx.Raw("items", do) })
		s.Close()
		r, err := store.Check(path, nil, nil)
		if !errors.Is(err, store.ErrCorrupt) || len(r.Problems) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckReports(t *testing.T) {
	path := closed(t, "a", "b", "c")
	var last [2]int64
	r, err := store.Check(path, nil, func(done, total int64) { last = [2]int64{done, total} })
	if err != nil || r.Keys != 3 || r.Values != 3 || r.Bytes != 30 || r.Identity.Name != "node" || last != [2]int64{6, 6} {
		t.Errorf("%+v, %v, progress %v", r, err, last)
	}
	b := keyspace.BucketOf(keyspace.HashKey([]byte("b")))
	_, err = store.Check(path, func(c keyspace.Bucket, _ []byte) bool { return c != b }, nil)
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a bucket that does not belong here: %v", err)
	}
}
