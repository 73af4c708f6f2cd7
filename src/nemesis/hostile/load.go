package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"chord/client"
	"chord/wire"
)

// load is what well-behaved clients do all the time: inserts, and reads of what
// was inserted.
type load struct {
	client *client.Client
	end    context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	times  *hdrhistogram.Histogram
	failed int
	why    string
	keys   []string // of acknowledged inserts
}

// figures are those of one phase.
type figures struct {
	name           string
	length         time.Duration
	done, failed   int64
	why            string
	p50, p99, most time.Duration
	rss            int64
	files          int
}

func (f figures) String() string {
	text := fmt.Sprintf("%-7s %4.0f s: %7d done, %d failed, p50 %7.2f ms, p99 %7.2f ms, longest %7.0f ms, memory %4d MiB, %d files",
		f.name, f.length.Seconds(), f.done, f.failed, f.p50.Seconds()*1e3, f.p99.Seconds()*1e3, f.most.Seconds()*1e3, f.rss>>20, f.files)
	if f.failed > 0 {
		text += "; the last: " + f.why
	}
	return text
}

func newTimes() *hdrhistogram.Histogram { return hdrhistogram.New(1, time.Hour.Microseconds(), 3) }

func startLoad(ctx context.Context, r *ring, o options) (*load, error) {
	c, err := client.Open(ctx, r.addrs(), client.Options{Wire: wire.Options{Ring: ringName, Trust: r.trust, Timeout: 10 * time.Second}})
	if err != nil {
		return nil, err
	}
	l := &load{client: c, times: newTimes()}
	ctx, l.end = context.WithCancel(ctx)
	pause := time.Second * time.Duration(o.workers) / time.Duration(o.rate)
	for i := range o.workers {
		l.work.Go(func() {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-tick.C:
					l.once(ctx, i, n)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	return l, nil
}

// once inserts, or reads what somebody inserted.
func (l *load) once(ctx context.Context, worker, n int) {
	key, write := fmt.Sprintf("normal/%d/%d", worker, n), true
	l.mu.Lock()
	if n%2 == 1 && len(l.keys) > 0 {
		key, write = l.keys[rand.IntN(len(l.keys))], false
	}
	l.mu.Unlock()
	start := time.Now()
	var err error
	if write {
		err = l.client.Insert(ctx, []byte(key), valueOf(key))
	} else {
		err = l.check(ctx, key)
	}
	took := time.Since(start)
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed++
		l.why = err.Error()
		return
	}
	if write {
		l.keys = append(l.keys, key)
	}
	l.times.RecordValue(max(1, took.Microseconds()))
}

func valueOf(key string) []byte { return bytes.Repeat([]byte(key+" "), 8) }

func (l *load) check(ctx context.Context, key string) error {
	values, err := l.client.Retrieve(ctx, []byte(key))
	if err == nil && (len(values) != 1 || !bytes.Equal(values[0], valueOf(key))) {
		err = fmt.Errorf("the key %s has %d values", key, len(values))
	}
	return err
}

// phase waits for so long and returns the figures; a line a minute tells of them
// meanwhile.
func (l *load) phase(ctx context.Context, name string, length time.Duration, r *ring) figures {
	all, start := figures{name: name}, time.Now()
	sum := newTimes()
	for rest := length; rest > 0 && ctx.Err() == nil && len(r.crashed()) == 0; rest = length - time.Since(start) {
		begun := time.Now()
		select {
		case <-time.After(min(rest, time.Minute)):
		case <-ctx.Done():
		}
		l.mu.Lock()
		times, failed, why := l.times, l.failed, l.why
		l.times, l.failed = newTimes(), 0
		l.mu.Unlock()
		one := figures{name: name, length: time.Since(begun), failed: int64(failed), why: why, rss: r.resident(), files: r.files()}
		fmt.Println(one.with(times))
		sum.Merge(times)
		all.failed, all.why = all.failed+int64(failed), why
		all.rss, all.files = max(all.rss, one.rss), max(all.files, one.files)
	}
	all.length = time.Since(start)
	return all.with(sum)
}

func (f figures) with(h *hdrhistogram.Histogram) figures {
	at := func(q float64) time.Duration { return time.Duration(h.ValueAtQuantile(q)) * time.Microsecond }
	f.done, f.p50, f.p99, f.most = h.TotalCount(), at(50), at(99), time.Duration(h.Max())*time.Microsecond
	return f
}

func (l *load) acked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.keys)
}

// verify reads back every insert that was acknowledged.
func (l *load) verify(ctx context.Context) (lost int, err error) {
	l.end()
	l.work.Wait()
	for _, key := range l.keys {
		if e := l.check(ctx, key); e != nil {
			lost, err = lost+1, e
		}
	}
	return lost, err
}

func (l *load) stop() {
	l.end()
	l.work.Wait()
	l.client.Close()
}
