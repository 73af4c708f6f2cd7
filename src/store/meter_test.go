package store_test

import (
	"sync"
	"testing"
	"time"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// heard is a meter that counts.
type heard struct {
	mu             sync.Mutex
	commits, bytes int
	changes        int
}

func (h *heard) Committed(changes, bytes int, took, synced time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commits++
	h.changes += changes
	h.bytes += bytes
	if synced > took {
		panic("a sync longer than its commit")
	}
}

func (h *heard) Flushed(time.Duration) {}

// Each change is heard of with the commit that made it durable, before who waits is
// answered; reads and what fails are no commit.
func TestMeterHearsCommits(t *testing.T) {
	h := &heard{}
	s, err := store.Open(t.TempDir()+"/db", store.Options{Ring: "test", Name: "n", Meter: h})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storetest.SetID(t, s, keyspace.HashKey([]byte("n")))
	before := heard{commits: h.commits, changes: h.changes, bytes: h.bytes}
	for _, v := range []string{"a", "b"} {
		if err := insert(s, "key", v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.View(func(*store.View) error { return nil }); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changes-before.changes != 2 || h.commits-before.commits != 2 || h.bytes <= before.bytes {
		t.Errorf("%d changes, %d commits, %d bytes", h.changes, h.commits, h.bytes)
	}
	if got := s.Stats(); got.LogBytes < int64(h.bytes) {
		t.Errorf("the log has %d bytes of %d", got.LogBytes, h.bytes)
	}
}
