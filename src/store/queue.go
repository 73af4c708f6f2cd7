package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chord/keyspace"
)

// Change is what somebody wants done to the database.
type Change struct {
	// At is the identifier that it is about. Changes that are committed together are
	// carried out in the order of identifiers, those of one identifier by Order, and
	// else as they came.
	At    keyspace.ID
	Order uint64
	// Do carries it out, on the committer's goroutine. It may run more than once:
	// the last time counts. Where it returns an error, nothing that it did stays.
	Do func(*Tx) error
	// Size is about how many bytes it brings, for the bound of the queue.
	Size int
	// Done hears what became of it, on the committer's goroutine, in the order in
	// which changes were carried out; it must not wait. It does not hear of a change
	// that was refused before its turn came. It may be nil.
	Done func(error)
}

// The bounds of the queue.
const (
	maxQueued      = 4096
	maxQueuedBytes = 32 << 20
)

// request is a change in the queue.
type request struct {
	Change
	queued           time.Time
	taken, withdrawn bool
}

// queue holds the changes that wait for the committer. Waiting is on channels
// alone, for tests in virtual time.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	bytes   int
	copies  []chan<- copied // who wait for a state of the file to copy
	closed  bool
	wake    chan struct{} // of the committer, has room for one
	room    chan struct{} // closed and made anew when the queue was emptied
}

func newQueue() *queue {
	return &queue{wake: make(chan struct{}, 1), room: make(chan struct{})}
}

var errFull = errors.New("full")

// add appends a request, or returns errFull and what to wait for.
func (q *queue) add(r *request) (room <-chan struct{}, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	if n := len(q.waiting); n > 0 && (n >= maxQueued || q.bytes+r.Size > maxQueuedBytes) {
		return q.room, errFull
	}
	r.queued = time.Now()
	q.waiting = append(q.waiting, r)
	q.bytes += r.Size
	q.signal()
	return nil, nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// addCopy asks for a state of the file that has all that was committed.
func (q *queue) addCopy(c chan<- copied) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.copies = append(q.copies, c)
	q.signal()
	return nil
}

// take empties the queue.
func (q *queue) take() (batch []*request, copies []chan<- copied, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.waiting {
		r.taken = true
		if !r.withdrawn {
			batch = append(batch, r)
		}
	}
	copies = q.copies
	q.waiting, q.bytes, q.copies = nil, 0, nil
	close(q.room)
	q.room = make(chan struct{})
	return batch, copies, q.closed
}

// withdraw takes a request back unless the committer has it.
func (q *queue) withdraw(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	r.withdrawn = true
	return !r.taken
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// length returns how many requests wait, and since when the first does.
func (q *queue) length() (n int, since time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n = len(q.waiting); n > 0 {
		since = q.waiting[0].queued
	}
	return n, since
}

// Update carries out a change and returns when it is on disk. It returns the
// error of the change; [ErrOverloaded] where ctx ended before its turn came, and
// [ErrUnknown] where ctx ended while it was being committed: Done hears of that
// one when it is known.
func (s *Store) Update(ctx context.Context, c Change) error { return s.Start(c)(ctx) }

// Start queues a change and returns at once; what it returns waits for the end as
// [Store.Update] does, and must be called once. Changes that are started one after
// the other are carried out in this order, but for [Change.Order] and where the
// queue is full: one that found no room is queued by the wait.
func (s *Store) Start(c Change) (wait func(context.Context) error) {
	if s.options.ReadOnly {
		return func(context.Context) error { return fmt.Errorf("store: update: %w", ErrReadOnly) }
	}
	done, told := make(chan error, 1), c.Done
	c.Done = func(err error) {
		if told != nil {
			told(err)
		}
		done <- err
	}
	r := &request{Change: c}
	room, err := s.queue.add(r)
	return func(ctx context.Context) error {
		for ; err == errFull; room, err = s.queue.add(r) {
			select {
			case <-room:
			case <-ctx.Done():
				return overloaded(ctx)
			}
		}
		if err != nil {
			return s.refusal(err)
		}
		return s.await(ctx, r, done)
	}
}

// await waits for the end of a change in the queue.
func (s *Store) await(ctx context.Context, r *request, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if s.queue.withdraw(r) {
		return overloaded(ctx)
	}
	select {
	case err := <-done:
		return err
	default:
		return fmt.Errorf("store: update: %w: %w", ErrUnknown, context.Cause(ctx))
	}
}

func overloaded(ctx context.Context) error {
	return fmt.Errorf("store: update: %w: %w", ErrOverloaded, context.Cause(ctx))
}

// refusal prefers the reason why the store stopped over the error given.
func (s *Store) refusal(err error) error {
	if stopped := s.Err(); stopped != nil {
		return stopped
	}
	return err
}

// Submit queues a change and returns; Done hears of it. Where Submit returns an
// error, [ErrOverloaded] for a full queue, Done is never called.
func (s *Store) Submit(c Change) error {
	if s.options.ReadOnly {
		return fmt.Errorf("store: submit: %w", ErrReadOnly)
	}
	_, err := s.queue.add(&request{Change: c})
	if err == errFull {
		return fmt.Errorf("store: submit: %w", ErrOverloaded)
	}
	if err != nil {
		return s.refusal(err)
	}
	return nil
}
