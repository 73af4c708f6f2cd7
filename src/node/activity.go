package node

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Activity is what a node is busy with at the moment, for metrics.
type Activity struct {
	// Stabilised is when the head of the successor list answered last, zero where
	// it never did. A ring of one has nobody to ask.
	Stabilised time.Time
	Events     int // that wait for the event loop
	// Writes and WriteBytes are on their way to other members.
	Writes, WriteBytes int
	// Owed is how many copies of buckets at other members lack a write of which
	// this node knows.
	Owed int
	// Released counts buckets that were handed over since the process started:
	// confirmed by all of their group, and let go.
	Released uint64
}

// tally is what Activity is made of beside what the node has anyway.
type tally struct {
	stabilised atomic.Int64 // nanoseconds since 1970
	released   atomic.Uint64
}

// Activity returns a snapshot.
func (n *Node) Activity() Activity {
	a := Activity{Events: len(n.inbox), Owed: n.debts.count(), Released: n.tally.released.Load()}
	a.Writes, a.WriteBytes = n.traffic.total()
	if at := n.tally.stabilised.Load(); at != 0 {
		a.Stabilised = time.Unix(0, at)
	}
	return a
}

func (t *traffic) total() (writes, bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.loads {
		writes, bytes = writes+l.writes, bytes+l.bytes
	}
	return writes, bytes
}

func (d *debts) count() (buckets int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, owed := range d.owed {
		for _, word := range owed {
			buckets += bits.OnesCount64(word)
		}
	}
	return buckets
}
