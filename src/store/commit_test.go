package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// hold keeps the committer busy until the function it returns is called.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	begun, end := make(chan struct{}), make(chan struct{})
	var once sync.Once
	if err := s.Submit(store.Change{Do: func(*store.Tx) error {
		once.Do(func() { close(begun) })
		<-end
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	<-begun
	return func() { close(end) }
}

func insert(s *store.Store, key, val string) error {
	return s.Update(context.Background(), store.Change{
		At: keyspace.HashKey([]byte(key)),
		Do: func(tx *store.Tx) error {
			_, err := tx.Insert([]byte(key), []byte(val))
			return err
		},
		Size: len(key) + len(val),
	})
}

func values(t testing.TB, s *store.Store, key string) int {
	t.Helper()
	n := 0
	if err := s.View(func(v *store.View) error {
		got, err := v.Values([]byte(key))
		n = len(got)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// What queues up while a transaction syncs goes into one transaction.
func TestGroupCommitGroups(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	release := hold(t, s)
	before := s.Stats().Commits
	const n = 100
	done := make(chan error, n)
	for i := range n {
		key := fmt.Appendf(nil, "key %d", i)
		if err := s.Submit(store.Change{At: keyspace.HashKey(key), Done: func(err error) { done <- err }, Do: func(tx *store.Tx) error {
			_, err := tx.Insert(key, nil)
			return err
		}}); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for range n {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	stats := s.Stats()
	if stats.Commits-before != 1 || stats.Keys != n {
		t.Fatalf("%d transactions for %d changes, %d keys", stats.Commits-before, n, stats.Keys)
	}
}

// Changes of one identifier keep their order; of several, that of identifiers.
func TestOrderWithinATransaction(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	release := hold(t, s)
	var order []string
	done := make(chan error, 6)
	for i := range 6 {
		at := keyspace.ID{byte(i % 2)}
		if err := s.Submit(store.Change{At: at, Order: uint64(i % 2 * (6 - i)), Done: func(err error) { done <- err }, Do: func(*store.Tx) error {
			order = append(order, fmt.Sprint(at[0], i))
			return nil
		}}); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for range 6 {
		<-done
	}
	if got, want := fmt.Sprint(order), "[0 0 0 2 0 4 1 5 1 3 1 1]"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}

// Changes that were started are carried out, and heard of, in their order, whoever
// waits first; and of one whose waiter has gone Done hears, too.
func TestStartedChangesKeepTheirOrder(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	release := hold(t, s)
	var did, heard []int
	waits := make([]func(context.Context) error, 6)
	for i := range waits {
		waits[i] = s.Start(store.Change{
			Do:   func(*store.Tx) error { did = append(did, i); return nil },
			Done: func(error) { heard = append(heard, i) },
		})
	}
	release()
	for _, wait := range slices.Backward(waits) {
		if err := wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := "[0 1 2 3 4 5]"; fmt.Sprint(did) != want || fmt.Sprint(heard) != want {
		t.Fatalf("carried out %v, heard %v", did, heard)
	}

	ctx, cancel := context.WithCancel(t.Context())
	end, told := make(chan struct{}), make(chan error, 1)
	err := s.Update(ctx, store.Change{
		Do:   func(*store.Tx) error { cancel(); <-end; return nil },
		Done: func(err error) { told <- err },
	})
	close(end)
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("who left in the middle of the commit is told %v", err)
	}
	if err := <-told; err != nil {
		t.Errorf("and Done: %v", err)
	}
}

// A change that fails, before or after it has written, fails alone.
func TestFailedChangeFailsAlone(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	release := hold(t, s)
	refuse := errors.New("refused")
	type result struct {
		i   int
		err error
	}
	done := make(chan result, 9)
	for i := range 9 {
		if err := s.Submit(store.Change{Done: func(err error) { done <- result{i, err} }, Do: func(tx *store.Tx) error {
			if i%3 == 1 {
				return refuse
			}
			if _, err := tx.Insert([]byte("key"), []byte{byte(i)}); err != nil {
				return err
			}
			if i%3 == 2 {
				return refuse
			}
			return nil
		}}); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for range 9 {
		r := <-done
		if want := map[bool]error{false: refuse}[r.i%3 == 0]; r.err != want {
			t.Errorf("change %d: %v, want %v", r.i, r.err, want)
		}
	}
	if n := values(t, s, "key"); n != 3 || s.Stats().Values != 3 {
		t.Fatalf("%d values, counted %d, want 3", n, s.Stats().Values)
	}
}

func TestCancelledUpdates(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Update(ctx, store.Change{Do: func(*store.Tx) error {
		t.Error("a change that was withdrawn ran")
		return nil
	}})
	if !errors.Is(err, store.ErrOverloaded) || !errors.Is(err, context.Canceled) {
		t.Errorf("in the queue: %v", err)
	}
	release()

	ctx, cancel = context.WithCancel(t.Context())
	end := make(chan struct{})
	err = s.Update(ctx, store.Change{Do: func(*store.Tx) error {
		cancel()
		<-end
		return nil
	}})
	close(end)
	if !errors.Is(err, store.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("on its way: %v", err)
	}
}

func TestFullQueuePushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		release := hold(t, s)
		ran := 0
		one := store.Change{Size: 1 << 20, Do: func(*store.Tx) error { ran++; return nil }}
		accepted := 0
		for s.Submit(one) == nil {
			accepted++
		}
		if accepted != 32 {
			t.Errorf("%d MiB fit into the queue, want 32", accepted)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Update(ctx, one); !errors.Is(err, store.ErrOverloaded) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("full queue: %v", err)
		}
		later := make(chan error)
		go func() { later <- s.Update(t.Context(), one) }()
		synctest.Wait()
		release()
		if err := <-later; err != nil || ran != accepted+1 {
			t.Errorf("after there was room: %v, %d of %d ran", err, ran, accepted+1)
		}
	})
}

// In a bubble, time goes on only while everybody waits on channels.
func TestIdleStoreLetsVirtualTimePass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		begin := time.Now()
		time.Sleep(time.Hour)
		if err := insert(s, "key", "v"); err != nil {
			t.Fatal(err)
		}
		if got := s.Stats().LastCommit.Sub(begin); got != time.Hour {
			t.Fatalf("committed after %v", got)
		}
	})
}

func TestReserveOfSpace(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	path := s.Stats().Path
	s.Close()
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true, ReserveBytes: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	free := uint64(100)
	s.SetFree(func() (uint64, error) { return free, nil })
	if err := insert(s, "key", "v"); err != nil {
		t.Fatal(err)
	}
	free = 99
	if err := insert(s, "key", "w"); !errors.Is(err, store.ErrNoSpace) || !s.Stats().ReadOnly {
		t.Errorf("insert below the reserve: %v", err)
	}
	if values(t, s, "key") != 1 {
		t.Error("reads stopped")
	}
	if err := storetest.Update(t, s, func(tx *store.Tx) error {
		_, _, err := tx.Remove([]byte("key"), []byte("v"))
		return err
	}); err != nil {
		t.Errorf("remove below the reserve: %v", err)
	}
	free = 100
	if err := insert(s, "key", "w"); err != nil || s.Stats().ReadOnly {
		t.Errorf("insert after there was room again: %v", err)
	}
}

func TestClosedStoreRefuses(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := insert(s, "key", "v"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("update: %v", err)
	}
	if err := s.View(func(*store.View) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("view: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}
