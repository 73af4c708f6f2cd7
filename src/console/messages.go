package console

import (
	"bytes"
	"sync"
)

// Bounds of what [Messages] keeps.
const (
	maxMessages = 1000
	maxMessage  = 4096
)

// Messages keeps the last 1000 lines written to it, so that running nodes can
// log without disturbing who types. Its zero value is ready to use; it is safe
// for concurrent use. Each Write is one or more whole lines; what is longer
// than 4096 bytes is cut.
type Messages struct {
	mu   sync.Mutex
	kept []string
}

// Write keeps the lines of p. It never fails.
func (m *Messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := range bytes.SplitSeq(bytes.TrimRight(p, "\n"), []byte("\n")) {
		m.kept = append(m.kept, oneLine(string(line[:min(len(line), maxMessage)])))
	}
	if extra := len(m.kept) - maxMessages; extra > 0 {
		m.kept = append(m.kept[:0:0], m.kept[extra:]...)
	}
	return len(p), nil
}

// lines returns what is kept, the oldest first.
func (m *Messages) lines() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.kept...)
}

func (m *Messages) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = nil
}
