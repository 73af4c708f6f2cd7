package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// load inserts all keys, so that they are there to be retrieved. Every key is
// tried some times: a store may push back.
func (r *run) load(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.each(ctx, "load", r.Keys, func(c Client, i int) {
		var err error
		for try := 0; try < 5; try++ {
			if err = r.once(ctx, c, operation{place: place{key: i}}); err == nil || ctx.Err() != nil {
				return
			}
		}
		cancel(fmt.Errorf("bench: load: %w", err))
	})
	return context.Cause(ctx)
}

// verify reads back what was acknowledged, and counts what is not there.
func (r *run) verify(ctx context.Context, result *Result) error {
	var sample []place
	for _, w := range r.workers {
		sample = append(sample, w.sample...)
	}
	if len(sample) == 0 || r.Sample < 0 {
		return nil
	}
	var lost, unread atomic.Int64
	var example atomic.Pointer[error]
	r.each(ctx, "verify", len(sample), func(c Client, i int) {
		err := r.once(ctx, c, operation{sample[i], true})
		switch {
		case errors.Is(err, errMissing):
			lost.Add(1)
		case err != nil:
			unread.Add(1)
			example.Store(&err)
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	result.Verified, result.Lost = len(sample)-int(unread.Load()), int(lost.Load())
	if result.Lost > 0 {
		return fmt.Errorf("bench: verify: %w: %d of %d that were read back", ErrLost, result.Lost, result.Verified)
	}
	if err := example.Load(); err != nil {
		return fmt.Errorf("bench: verify: %d of %d writes could not be read back: %w", unread.Load(), len(sample), *err)
	}
	return nil
}

func (r *run) once(ctx context.Context, c Client, op operation) error {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	return r.do(ctx, c, op)
}

// each calls f for 0 to n-1, by as many goroutines as there are clients.
func (r *run) each(ctx context.Context, phase string, n int, f func(c Client, i int)) {
	var next, done atomic.Int64
	var working sync.WaitGroup
	for w := range min(r.Clients, n) {
		working.Go(func() {
			for i := int(next.Add(1) - 1); i < n && ctx.Err() == nil; i = int(next.Add(1) - 1) {
				f(r.clients[(w+i)%len(r.clients)], i)
				if d := done.Add(1); w == 0 {
					r.Progress(phase, float64(d)/float64(n))
				}
			}
		})
	}
	working.Wait()
}
