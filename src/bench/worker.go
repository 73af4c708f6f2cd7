package bench

import (
	"context"
	"math/rand/v2"
	"time"
)

// worker does one operation after the other.
type worker struct {
	*run
	to   Client
	rand *rand.Rand
	recorder
	sample  []place // of acknowledged writes, for verify
	written int     // acknowledged writes, of which sample is a fair choice
}

func (w *worker) work(ctx context.Context) {
	for {
		due, ok := w.next(ctx)
		if !ok {
			return
		}
		op := operation{pick(w.Options, w.rand), w.Work == Retrieve || w.Work == Get}
		if w.Work == Mixed {
			op.read = w.rand.Float64() < w.Reads
		}
		err := w.try(ctx, op)
		if ctx.Err() != nil {
			return // who ends the run is no fault of the store
		}
		if !due.Before(w.begin) {
			w.add(op, time.Since(due), err)
		}
		if err == nil && !op.read {
			w.remember(op.place)
		}
	}
}

func (w *worker) try(ctx context.Context, op operation) error {
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	return w.do(ctx, w.to, op)
}

// next waits until the next operation is due and returns when that was. In an
// open loop operations have their places in time whoever is free for them.
func (w *worker) next(ctx context.Context) (due time.Time, ok bool) {
	due = time.Now()
	switch {
	case w.Rate > 0:
		n := w.issued.Add(1) - 1
		due = w.start.Add(time.Duration(float64(n) / w.Rate * float64(time.Second)))
		ok = w.within(n - int64(w.Rate*w.WarmUp.Seconds()))
	case due.Before(w.begin):
		ok = true
	default:
		ok = w.within(w.issued.Add(1) - 1)
	}
	if !ok || w.ended(due) {
		return due, false
	}
	return due, sleepUntil(ctx, due) && !w.ended(time.Now())
}

func (w *worker) ended(at time.Time) bool { return !w.end.IsZero() && !at.Before(w.end) }

// within reports whether the n-th operation of the measuring is one.
func (w *worker) within(n int64) bool { return w.Operations == 0 || n < int64(w.Operations) }

func sleepUntil(ctx context.Context, t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// remember keeps a sample in which every write has the same chance to be.
func (w *worker) remember(p place) {
	room := w.Sample / w.Clients
	if w.Sample%w.Clients > 0 {
		room++
	}
	w.written++
	if len(w.sample) < room {
		w.sample = append(w.sample, p)
	} else if i := w.rand.IntN(w.written); i < room {
		w.sample[i] = p
	}
}
