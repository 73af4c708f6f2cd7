package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"

	"chord/store"
	"chord/store/storetest"
)

// history changes a store, one change after the other, and knows the state
// after each: how many values keys have.
type history struct {
	states []map[string]int
	acked  atomic.Int64
}

const historyKeys = 12

// step carries out the next change: a value is added to a key, or the key is
// deleted.
func (h *history) step(t testing.TB, s *store.Store, random *rand.Rand) {
	key := fmt.Sprint("key", random.IntN(historyKeys))
	if len(h.states) == 0 {
		h.states = append(h.states, map[string]int{})
	}
	state := maps.Clone(h.states[len(h.states)-1])
	remove := state[key] > 0 && random.IntN(4) == 0
	if state[key]++; remove {
		state[key] = 0
	}
	h.states = append(h.states, state)
	val := fmt.Sprintf("%0150d", len(h.states))
	if err := s.Update(context.Background(), store.Change{Do: func(tx *store.Tx) (err error) {
		if remove {
			_, _, err = tx.Delete([]byte(key))
		} else {
			_, err = tx.Insert([]byte(key), []byte(val))
		}
		return err
	}}); err != nil {
		t.Fatal(err)
	}
	h.acked.Add(1)
}

// state reads what there is.
func state(t testing.TB, v *store.View) map[string]int {
	t.Helper()
	got := map[string]int{}
	for i := range historyKeys {
		key := fmt.Sprint("key", i)
		vals, err := v.Values([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		got[key] = len(vals)
	}
	return got
}

func sameState(a, b map[string]int) bool {
	for i := range historyKeys {
		if key := fmt.Sprint("key", i); a[key] != b[key] {
			return false
		}
	}
	return true
}

// wantState opens a database for reading and checks that it is in one of the
// states from the first to the last.
func (h *history) wantState(t testing.TB, what, path string, first, last int) {
	t.Helper()
	if _, err := store.Check(path, nil, nil); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer s.Close()
	mustView(t, s, func(v *store.View) error {
		got := state(t, v)
		for n := first; n <= min(last, len(h.states)-1); n++ {
			if sameState(got, h.states[n]) {
				return nil
			}
		}
		t.Fatalf("%s: %v, want that after %d to %d changes: %v", what, got, first, last, h.states[first])
		return nil
	})
}

// seeded returns a source of random numbers whose seed is printed.
func seeded(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// running returns a store with so many changes in its log, and the size of the
// log after each.
func running(t *testing.T, changes int) (s *store.Store, h *history, sizes []int64) {
	t.Helper()
	s, h, random := storetest.Open(t, "ring", "node"), &history{}, seeded(t)
	for range changes {
		h.step(t, s, random)
		info, err := os.Stat(s.Stats().Path + ".log1")
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	return s, h, sizes
}

// Wherever the process ends during a flush, or between two, what was
// acknowledged is there, and nothing half.
func TestCrashAtEveryPointOfAFlush(t *testing.T) {
	s, h, random := storetest.Open(t, "ring", "node"), &history{states: []map[string]int{{}}}, seeded(t)
	dir := t.TempDir()
	type copied struct {
		point       string
		first, last int64
	}
	var mu sync.Mutex
	var images []copied
	s.SetLogSize(3000)
	s.SetReached(func(point string) {
		if strings.HasPrefix(point, "view") {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		c := copied{point: point, first: h.acked.Load()}
		image(t, s.Stats().Path, filepath.Join(dir, fmt.Sprint(len(images))))
		c.last = h.acked.Load() + 1
		images = append(images, c)
	})
	for range rounds(150) {
		h.step(t, s, random)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	points := map[string]int{}
	for i, c := range images {
		points[c.point]++
		path := filepath.Join(dir, fmt.Sprint(i))
		h.wantState(t, c.point, path, int(c.first), int(c.last))
		again, err := store.Open(path, store.Options{NoSync: true})
		if err = errors.Join(err, again.Close()); err != nil {
			t.Fatal(c.point, err)
		}
		h.wantState(t, c.point+", then closed", path, int(c.first), int(c.last))
	}
	if len(points) != 4 {
		t.Errorf("reached %v", points)
	}
	h.wantState(t, "closed", s.Stats().Path, len(h.states)-1, len(h.states)-1)
}

// A log that ends anywhere has every record that is whole.
func TestLogCutOffAnywhere(t *testing.T) {
	s, h, sizes := running(t, 25/slowdown)
	random := seeded(t)
	whole := filepath.Join(t.TempDir(), "whole")
	image(t, s.Stats().Path, whole)
	cuts := []int64{23, 24, 25}
	for i, size := range sizes {
		cuts = append(cuts, size, size-1)
		if i > 0 {
			cuts = append(cuts, sizes[i-1]+random.Int64N(size-sizes[i-1]))
		}
	}
	for _, cut := range cuts {
		path := filepath.Join(t.TempDir(), "cut")
		image(t, whole, path)
		if err := os.Truncate(path+".log1", cut); err != nil {
			t.Fatal(err)
		}
		if cut < 24 {
			wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrCorrupt)
			continue
		}
		n := 0
		for n < len(sizes) && sizes[n] <= cut {
			n++
		}
		if cut > sizes[0] {
			h.wantState(t, fmt.Sprint("cut at ", cut), path, n, n)
		}
		again, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		torn := n == 0 || sizes[n-1] != cut
		if cut > sizes[0] && (again.Identity().Incarnation != s.Identity().Incarnation) != torn {
			t.Errorf("cut at %d: a new incarnation %v, torn %v", cut, !torn, torn)
		}
		again.Close()
	}
}

// Damage to a record is found where a later one is there, and not taken for the
// end of the log.
func TestDamagedRecords(t *testing.T) {
	s, h, sizes := running(t, 10)
	random := seeded(t)
	for n := range 10 {
		path := filepath.Join(t.TempDir(), "damaged")
		image(t, s.Stats().Path, path)
		from := int64(0)
		if n > 0 {
			from = sizes[n-1]
		}
		b, err := os.ReadFile(path + ".log1")
		if err != nil {
			t.Fatal(err)
		}
		b[from+random.Int64N(sizes[n]-from)] ^= 1 << random.IntN(8)
		if err := os.WriteFile(path+".log1", b, 0o600); err != nil {
			t.Fatal(err)
		}
		if n == 9 {
			h.wantState(t, "the last record", path, 9, 9)
			continue
		}
		wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrCorrupt)
		_, err = store.Check(path, nil, nil)
		wantRefusal(t, err, store.ErrCorrupt)
	}
}

// A file that was not closed is not taken for whole without its log.
func TestMissingLog(t *testing.T) {
	s, _, _ := running(t, 3)
	other, _, _ := running(t, 5)
	path := filepath.Join(t.TempDir(), "db")
	image(t, s.Stats().Path, path)
	if err := os.Rename(path+".log1", path+".away"); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrCorrupt)
	b, err := os.ReadFile(other.Stats().Path + ".log1")
	if err = errors.Join(err, os.WriteFile(path+".log1", b, 0o600)); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, tryOpen(path, "ring", "node"), store.ErrCorrupt)
	if err := os.Rename(path+".away", path+".log1"); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(path, "ring", "node"); err != nil {
		t.Error(err)
	}
}

// The log of another database changes nothing in one that is whole, and is not
// destroyed.
func TestLogOfAnotherDatabase(t *testing.T) {
	path := closed(t, "a")
	other, _, _ := running(t, 5)
	b, err := os.ReadFile(other.Stats().Path + ".log1")
	if err = errors.Join(err, os.WriteFile(path+".log1", b, 0o600)); err != nil {
		t.Fatal(err)
	}
	if r, err := store.Check(path, nil, nil); err != nil || r.Keys != 1 {
		t.Fatal(r, err)
	}
	if err := tryOpen(path, "ring", "node"); err != nil {
		t.Fatal(err)
	}
	if r, err := store.Check(path, nil, nil); err != nil || r.Keys != 1 {
		t.Fatal(r, err)
	}
	aside, _ := filepath.Glob(path + ".log1.*")
	if len(aside) != 1 {
		t.Fatal(aside)
	}
	if got, _ := os.ReadFile(aside[0]); !bytes.Equal(got, b) {
		t.Error("the other log changed")
	}
}

// An older copy in the place of a database that was not closed: its log goes on
// from there, or is refused where what lies between is lost.
func TestLogBesideAnOlderCopy(t *testing.T) {
	for _, flushed := range []bool{false, true} {
		s, h, _ := running(t, 5)
		path := filepath.Join(t.TempDir(), "db")
		hot, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Copy(hot); err != nil {
			t.Fatal(err)
		}
		hot.Close()
		h.wantState(t, "the copy", path, 5, 5)
		random := seeded(t)
		h.step(t, s, random)
		if flushed {
			if _, err := s.Copy(io.Discard); err != nil {
				t.Fatal(err)
			}
			h.step(t, s, random)
		}
		now := filepath.Join(t.TempDir(), "now")
		image(t, s.Stats().Path, now)
		if err := os.Rename(path, now); err != nil {
			t.Fatal(err)
		}
		if flushed {
			wantRefusal(t, tryOpen(now, "ring", "node"), store.ErrCorrupt)
		} else {
			h.wantState(t, "with the log", now, 6, 6)
		}
	}
}

func TestReadOnlyWithALog(t *testing.T) {
	s, h, _ := running(t, 8)
	path := filepath.Join(t.TempDir(), "db")
	image(t, s.Stats().Path, path)
	before, _ := os.ReadFile(path)
	h.wantState(t, "for reading", path, 8, 8)
	r, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Copy(io.Discard); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a copy without the log: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
	if _, err := os.Stat(path + ".log1"); err != nil {
		t.Error(err)
	}
}

// A view sees one state, however much is flushed meanwhile.
func TestViewAcrossFlushes(t *testing.T) {
	s, h, _ := running(t, 10)
	random := seeded(t)
	s.SetLogSize(1000)
	mustView(t, s, func(v *store.View) error {
		for range 30 {
			if got := state(t, v); !sameState(got, h.states[10]) {
				t.Fatalf("%v, want %v", got, h.states[10])
			}
			h.step(t, s, random)
		}
		return nil
	})
	mustView(t, s, func(v *store.View) error {
		if got := state(t, v); !sameState(got, h.states[40]) {
			t.Fatalf("%v, want %v", got, h.states[40])
		}
		return nil
	})
}

// Nor where a flush begins and ends between the two halves of what it sees.
func TestViewThatBeginsDuringAFlush(t *testing.T) {
	for _, point := range []string{"view begins", "view begun"} {
		s, h, _ := running(t, 10)
		random := seeded(t)
		var once atomic.Bool
		s.SetReached(func(p string) {
			if p != point || !once.CompareAndSwap(false, true) {
				return
			}
			for range 20 {
				h.step(t, s, random)
			}
			if _, err := s.Copy(io.Discard); err != nil {
				t.Error(err)
			}
		})
		mustView(t, s, func(v *store.View) error {
			if got := state(t, v); !sameState(got, h.states[30]) {
				t.Errorf("at %s: %v, want %v", point, got, h.states[30])
			}
			return nil
		})
	}
}

// Nothing is answered, or shown, before it is synced.
func TestNothingIsAnsweredBeforeTheSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		sync := make(chan struct{})
		s.SetSync(func() error { <-sync; return nil })
		answered := make(chan error, 1)
		go func() { answered <- insert(s, "key", "v") }()
		synctest.Wait()
		select {
		case err := <-answered:
			t.Error("answered before the sync", err)
		default:
		}
		if values(t, s, "key") != 0 {
			t.Error("shown before the sync")
		}
		close(sync)
		if err := <-answered; err != nil || values(t, s, "key") != 1 {
			t.Error("after the sync:", err)
		}
	})
}

func TestFailedSyncStopsTheStore(t *testing.T) {
	s, h, _ := running(t, 5)
	path := s.Stats().Path
	s.SetSync(func() error { return errors.New("no") })
	if err := insert(s, "later", "v"); !errors.Is(err, store.ErrFatal) {
		t.Fatal(err)
	}
	<-s.Failed()
	s.SetSync(func() error { return nil })
	if err := insert(s, "later", "v"); !errors.Is(err, store.ErrFatal) {
		t.Fatal(err)
	}
	if _, err := s.Copy(io.Discard); !errors.Is(err, store.ErrFatal) {
		t.Fatal(err)
	}
	s.Close()
	h.wantState(t, "after the failure", path, 5, 5)
}

// When the flusher does not keep up commits wait: what is in memory is bounded.
func TestSlowFlushPushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		s.SetLogSize(10_000)
		slow := make(chan struct{})
		s.SetReached(func(point string) {
			if point == "written" {
				<-slow
			}
		})
		var done atomic.Int64
		go func() {
			for i := range 100 {
				if err := insert(s, fmt.Sprint(i), strings.Repeat("v", 1000)); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}
		}()
		synctest.Wait()
		if n := done.Load(); n < 10 || n > 20 {
			t.Errorf("%d kB were taken with two logs of 10 kB", n)
		}
		if s.Stats().Since.IsZero() {
			t.Error("the status does not show that commits wait")
		}
		close(slow)
		synctest.Wait()
		if done.Load() != 100 {
			t.Errorf("%d of 100 were taken in the end", done.Load())
		}
	})
}

// A database of the first format has no log. It gets one when it is opened for
// writing.
func TestFirstFormat(t *testing.T) {
	path := closed(t, "a")
	meta := func(f func(meta *bbolt.Bucket) error) {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Update(func(tx *bbolt.Tx) error { return f(tx.Bucket([]byte("meta"))) }), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	meta(func(meta *bbolt.Bucket) error {
		k := []byte("format")
		return errors.Join(meta.Put(k, store.Seal(k, []byte{7: 1})), meta.Delete([]byte("log")))
	})
	if r, err := store.Check(path, nil, nil); err != nil || r.Keys != 1 {
		t.Fatal(r, err)
	}
	if err := tryOpen(path, "ring", "node"); err != nil {
		t.Fatal(err)
	}
	meta(func(meta *bbolt.Bucket) error {
		if row := meta.Get([]byte("format")); row[len(row)-1] != 2 {
			t.Errorf("format %x", row)
		}
		return nil
	})
	if r, err := store.Check(path, nil, nil); err != nil || r.Keys != 1 {
		t.Fatal(r, err)
	}
}

// What was not closed can be installed and compacted, and keeps its log when it
// is moved aside.
func TestInstallWithALog(t *testing.T) {
	s, h, _ := running(t, 9)
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	image(t, s.Stats().Path, from)
	image(t, s.Stats().Path, to)
	if _, _, err := store.Compact(from, nil); err != nil {
		t.Fatal(err)
	}
	h.wantState(t, "compacted", from, 9, 9)
	aside, err := store.Install(from, to, true, renew, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.wantState(t, "installed", to, 9, 9)
	h.wantState(t, "moved aside", aside, 9, 9)
	if left, _ := filepath.Glob(to + ".log?"); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

// Views, commits and flushes at the same time: what was acknowledged before a
// view began is in it, and a key is whole.
func TestViewsDuringFlushes(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	s.SetLogSize(2000)
	var done atomic.Bool
	var acked atomic.Int64
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for ; !done.Load() && !t.Failed(); runtime.Gosched() { // the committer's turn, on one processor
				least := acked.Load()
				if n := values(t, s, "key"); int64(n) < least {
					t.Errorf("%d values, %d were acknowledged before", n, least)
				}
			}
		})
	}
	for i := range rounds(200) {
		if err := insert(s, "key", fmt.Sprintf("%0100d", i)); err != nil {
			t.Fatal(err)
		}
		acked.Add(1)
	}
	done.Store(true)
	wait.Wait()
}
