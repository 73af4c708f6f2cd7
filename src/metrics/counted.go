package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chord/node"
)

const (
	roles      = int(node.Seen) + 1
	operations = int(node.Page) + 1
	results    = int(node.Behind) + 2 // ok, and the kinds of errors
)

// tally counts requests by role, operation and outcome.
type tally [roles][operations][results]atomic.Uint64

// Done counts a request that has ended.
func (m *Metrics) Done(role node.Role, op node.OpKind, took time.Duration, err error) {
	result := 0
	if err != nil {
		result = int(node.KindOf(err)) + 1
	}
	m.tally[role][op][result].Add(1)
	m.took[role][op].Observe(took.Seconds())
}

// Committed counts a commit.
func (m *Metrics) Committed(changes, bytes int, took, sync time.Duration) {
	m.written.Add(uint64(bytes))
	m.changes.Observe(float64(changes))
	m.commit.Observe(took.Seconds())
	m.synced.Observe(sync.Seconds())
}

// Flushed counts a flush.
func (m *Metrics) Flushed(took time.Duration) { m.flush.Observe(took.Seconds()) }

// prepare looks up what is counted on the way of the data, so that nobody has to
// do it there.
func (m *Metrics) prepare() {
	for op := range operations {
		name := node.OpKind(op).String()
		m.took[node.Asked][op] = m.histograms["chord_operation_duration_seconds"].WithLabelValues(name)
		m.took[node.Coordinated][op] = m.histograms["chord_coordination_duration_seconds"].WithLabelValues(name)
		m.took[node.Forwarded][op] = m.histograms["chord_forward_duration_seconds"].WithLabelValues(name)
		m.took[node.Written][op] = m.histograms["chord_copy_request_duration_seconds"].WithLabelValues("write")
		m.took[node.Seen][op] = m.histograms["chord_copy_request_duration_seconds"].WithLabelValues("read")
	}
	single := func(name string) prometheus.Observer { return m.histograms[name].WithLabelValues() }
	m.changes, m.commit = single("chord_store_commit_changes"), single("chord_store_commit_duration_seconds")
	m.synced, m.flush = single("chord_store_sync_duration_seconds"), single("chord_store_flush_duration_seconds")
}

// read gives the counts of a role: of each operation those that went well, and
// of the other outcomes those that there were. Copies are written and read.
func (t *tally) read(role node.Role, e emit) {
	if role == node.Written {
		t.readOne(node.Written, 0, "write", e)
		t.readOne(node.Seen, 0, "read", e)
		return
	}
	for op := range operations {
		t.readOne(role, op, node.OpKind(op).String(), e)
	}
}

func (t *tally) readOne(role node.Role, op int, name string, e emit) {
	for result := range t[role][op] {
		n := t[role][op][result].Load()
		switch {
		case result == 0:
			e(float64(n), name, "ok")
		case n > 0:
			e(float64(n), name, label(node.Kind(result-1).String()))
		}
	}
}
