package node

import (
	"sync"

	"chord/keyspace"
)

// The bounds of what is on its way to one member. Beyond them it is not asked:
// what it misses is left to repair.
const (
	maxOutstanding      = 4096
	maxOutstandingBytes = 64 << 20
)

// traffic counts the writes on their way to each member. Its zero value is
// ready, and it is safe for concurrent use.
type traffic struct {
	mu    sync.Mutex
	loads map[keyspace.ID]*load
}

type load struct{ writes, bytes int }

// hasRoom reports whether another write may go to the member.
func (t *traffic) hasRoom(to keyspace.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.loads[to]
	return l == nil || l.writes < maxOutstanding && (l.writes == 0 || l.bytes < maxOutstandingBytes)
}

// add counts a write that begins, or with negative numbers one that has ended.
func (t *traffic) add(to keyspace.ID, writes, bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.loads[to]
	if l == nil {
		if t.loads == nil {
			t.loads = make(map[keyspace.ID]*load)
		}
		l = &load{}
		t.loads[to] = l
	}
	l.writes += writes
	l.bytes += bytes
	if l.writes == 0 {
		delete(t.loads, to)
	}
}
