package nemesis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"chord/nemesis/history"
)

// How long everything may take after the last fault.
const (
	convergence = 3 * time.Minute
	finalReads  = 10 * time.Minute
	finalRead   = 15 * time.Second
)

// copies returns what each running node itself holds.
func (r *ring) copies(ctx context.Context) (history.Copies, error) {
	c := make(history.Copies)
	for _, h := range r.all() {
		if !h.running() {
			continue
		}
		keys := make(map[string][]history.ID)
		for e, err := range r.clients.node(h.number).First().Entries(ctx) {
			if err != nil {
				return nil, err
			}
			saw, strange := numbers(e.Values)
			for range strange {
				saw = append(saw, 0) // differs from everything that was written
			}
			keys[string(e.Key)] = append(keys[string(e.Key)], saw...)
		}
		c[h.name()] = keys
	}
	return c, nil
}

// converge waits until the copies of all keys are equal and as many as there
// should be, and returns what differs at the end of its patience.
func (r *ring) converge(ctx context.Context) (took time.Duration, differ []history.Violation, err error) {
	start := time.Now()
	for {
		var c history.Copies
		if c, err = r.copies(ctx); err == nil {
			running := len(slices.Collect(maps.Keys(c)))
			if differ = c.Differences(min(r.o.Copies, running)); len(differ) == 0 {
				return time.Since(start), nil, nil
			}
		}
		if time.Since(start) > convergence || sleep(ctx, time.Second) != nil {
			return time.Since(start), differ, err
		}
	}
}

// readAll reads every key through every node that runs.
func (r *ring) readAll(ctx context.Context, log *history.Log) error {
	ctx, cancel := context.WithTimeoutCause(ctx, finalReads, fmt.Errorf("nemesis: not everything was read within %v", finalReads))
	defer cancel()
	type task struct {
		key  string
		kind history.Kind
		node int
	}
	tasks := make(chan task)
	var readers sync.WaitGroup
	for range 16 {
		readers.Go(func() {
			for t := range tasks {
				if ctx.Err() != nil {
					continue // what was not asked is no refusal of the ring's
				}
				log.Add(r.clients.do(ctx, history.Op{ID: log.Next(), Worker: -1, Node: t.node, Kind: t.kind, Key: t.key, Final: true}, false))
			}
		})
	}
	for _, w := range r.clients.workloads {
		kind := history.Retrieve
		if w.name == "register" {
			kind = history.Get
		}
		for _, key := range w.used() {
			for _, h := range r.all() {
				if h.running() {
					tasks <- task{key, kind, h.number}
				}
			}
		}
	}
	close(tasks)
	readers.Wait()
	return context.Cause(ctx)
}
