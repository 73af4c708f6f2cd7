package history

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Log collects operations, in memory and as JSON lines for a look afterwards.
// It is safe for concurrent use.
type Log struct {
	start time.Time
	last  atomic.Uint64

	mu   sync.Mutex
	ops  []Op
	out  *bufio.Writer
	json *json.Encoder
	err  error // of the first line that could not be written
}

// NewLog returns an empty log whose clock begins now. It writes to w what it is
// told, unless w is nil.
func NewLog(w io.Writer) *Log {
	l := &Log{start: time.Now()}
	if w != nil {
		l.out = bufio.NewWriter(w)
		l.json = json.NewEncoder(l.out)
	}
	return l
}

// Next returns the ID of a new operation.
func (l *Log) Next() ID { return ID(l.last.Add(1)) }

// Now returns the time since the start of the run.
func (l *Log) Now() time.Duration { return time.Since(l.start) }

// At returns the time of day of a time since the start.
func (l *Log) At(t time.Duration) time.Time { return l.start.Add(t) }

// Add takes in an operation that has ended.
func (l *Log) Add(o Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ops = append(l.ops, o)
	if l.json != nil && l.err == nil {
		l.err = l.json.Encode(o)
	}
}

// Ops returns what was taken in so far, in the order of the ends. The caller
// must not change it.
func (l *Log) Ops() []Op {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ops[:len(l.ops):len(l.ops)]
}

// Flush writes what is buffered and returns the first error of writing.
func (l *Log) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil || l.err != nil {
		return l.err
	}
	return l.out.Flush()
}
