package wire

import (
	"context"
	"sync"
	"time"
)

// limited is a context that ends with its parent or at a time, like that of
// [context.WithDeadline], and sets a timer only once somebody waits for its end:
// an operation that reads the disk is over before anybody does.
type limited struct {
	context.Context // the parent
	until           time.Time

	mu     sync.Mutex
	ended  bool
	timed  context.Context // made by the first Done
	cancel context.CancelFunc
}

func limit(parent context.Context, d time.Duration) *limited {
	return &limited{Context: parent, until: time.Now().Add(d)}
}

func (l *limited) Deadline() (time.Time, bool) { return l.until, true }

func (l *limited) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timed == nil {
		l.timed, l.cancel = context.WithDeadline(l.Context, l.until)
		if l.ended {
			l.cancel()
		}
	}
	return l.timed.Done()
}

func (l *limited) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.timed != nil:
		return l.timed.Err()
	case l.Context.Err() != nil:
		return l.Context.Err()
	case l.ended:
		return context.Canceled
	case !time.Now().Before(l.until):
		return context.DeadlineExceeded
	}
	return nil
}

// Value shows contexts made of this one that they can hang on to the inner one:
// else each has a goroutine to wait for its end.
func (l *limited) Value(key any) any {
	l.mu.Lock()
	timed := l.timed
	l.mu.Unlock()
	if timed != nil {
		return timed.Value(key)
	}
	return l.Context.Value(key)
}

// end ends the context, as a cancel function does.
func (l *limited) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.cancel != nil {
		l.cancel()
	}
}
