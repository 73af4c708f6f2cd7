package node

import (
	"sync"
)

// requestsKept is how many requests of clients are remembered at least; twice as
// many at most.
const requestsKept = 100_000

// requests remembers which requests of clients were carried out here, so that
// one that is repeated is not carried out again. Its zero value is empty, and it
// is safe for concurrent use.
type requests struct {
	mu          sync.Mutex
	young, old  map[RequestID]struct{} // durable
	outstanding map[RequestID]struct{} // in a transaction
}

// claim is false where the request was carried out before, or is in a
// transaction already. Who claimed one calls finish.
func (r *requests) claim(id RequestID) bool {
	if id == (RequestID{}) {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, busy := r.outstanding[id]; busy || r.has(id) {
		return false
	}
	if r.outstanding == nil {
		r.outstanding = make(map[RequestID]struct{})
	}
	r.outstanding[id] = struct{}{}
	return true
}

// finish ends a claim, or notes without one what was carried out elsewhere: done
// where it is durable here.
func (r *requests) finish(id RequestID, done bool) {
	if id == (RequestID{}) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.outstanding, id)
	if !done || r.has(id) {
		return
	}
	if r.young == nil || len(r.young) >= requestsKept {
		r.young, r.old = make(map[RequestID]struct{}), r.young
	}
	r.young[id] = struct{}{}
}

// done reports whether the request was carried out and is durable here.
func (r *requests) done(id RequestID) bool {
	if id == (RequestID{}) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.has(id)
}

func (r *requests) has(id RequestID) bool {
	if _, ok := r.young[id]; ok {
		return true
	}
	_, ok := r.old[id]
	return ok
}
