package bench

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// longest is the longest latency that is told from others.
const longest = time.Hour

// newHistogram counts microseconds, each to one percent.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longest.Microseconds(), 2)
}

// tally is what came of operations: latencies of those that were done, by
// reads and writes, and the others by kind of error.
type tally struct {
	writes, reads *hdrhistogram.Histogram
	faults        map[string]Fault
}

func newTally() tally { return tally{newHistogram(), newHistogram(), map[string]Fault{}} }

func (t *tally) add(op operation, took time.Duration, err error) {
	if err != nil {
		f := t.faults[kindOf(err)]
		if f.Count++; f.Example == "" {
			f.Example = err.Error()
		}
		t.faults[kindOf(err)] = f
		return
	}
	h := t.writes
	if op.read {
		h = t.reads
	}
	h.RecordValue(min(max(took, time.Microsecond), longest).Microseconds())
}

// take adds another tally and empties it.
func (t *tally) take(from *tally) {
	t.writes.Merge(from.writes)
	t.reads.Merge(from.reads)
	from.writes.Reset()
	from.reads.Reset()
	for _, kind := range slices.Sorted(maps.Keys(from.faults)) {
		f, more := t.faults[kind], from.faults[kind]
		f.Count += more.Count
		fill(&f.Example, more.Example)
		t.faults[kind] = f
	}
	clear(from.faults)
}

// done is how many operations succeeded.
func (t *tally) done() int { return int(t.writes.TotalCount() + t.reads.TotalCount()) }

// failed is how many did not.
func (t *tally) failed() (n int) {
	for _, f := range t.faults {
		n += f.Count
	}
	return n
}

// recorder is one worker's tally since it was last collected: of its own, so
// that workers do not wait for each other.
type recorder struct {
	mu    sync.Mutex
	since tally
}

func (r *recorder) add(op operation, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since.add(op, took, err)
}

// collect moves what all recorders have into one tally.
func collect(from []*worker) tally {
	t := newTally()
	for _, w := range from {
		w.mu.Lock()
		t.take(&w.since)
		w.mu.Unlock()
	}
	return t
}
