package client

import (
	"sync/atomic"
	"time"

	"chord/wire"
)

// shun is for how long a node is asked last that failed.
const shun = time.Second

// target is a node that may be asked.
type target struct {
	*wire.Client
	given bool         // by the user, not learned
	until atomic.Int64 // when it is as good as others again, Unix nanoseconds; 0: it is
}

// shunned reports whether the node failed a moment ago.
func (t *target) shunned() bool {
	until := t.until.Load()
	return until != 0 && time.Now().UnixNano() < until
}

func (t *target) failed() { t.until.Store(time.Now().Add(shun).UnixNano()) }

func (t *target) worked() {
	if t.until.Load() != 0 {
		t.until.Store(0)
	}
}

// maxTries is how many nodes are asked in one round, at most.
const maxTries = 8

// route is whom to ask, in order; each once.
type route struct {
	list [maxTries]*target
	n    int
}

func (r *route) add(t *target) {
	if t == nil || r.n == maxTries {
		return
	}
	for _, have := range r.list[:r.n] {
		if have == t {
			return
		}
	}
	r.list[r.n] = t
	r.n++
}

// shunnedLast puts who failed behind who did not, and keeps the order else.
func (r *route) shunnedLast() {
	var late [maxTries]*target
	kept, n := 0, 0
	for _, t := range r.list[:r.n] {
		if t.shunned() {
			late[n] = t
			n++
			continue
		}
		r.list[kept] = t
		kept++
	}
	copy(r.list[kept:r.n], late[:n])
}
