package ringtest

import (
	"fmt"
	"strings"
	"time"

	"chord/ring"
)

// act is what happened, for the trace.
type act uint8

const (
	didStart act = iota
	didFound
	didJoin
	didCrash
	didLeave
	didPause
	didPartition
	didCut
	didHeal
	didTick
	didAsk
	didState
	didNotify
	didRoute
	didAnswer
	didFail
	didDown
	didUp
	didCandidate
	didChange
)

var actNames = [...]string{
	"start", "found", "join", "crash", "leave", "pause", "partition", "cut to", "heal", "tick",
	"ask", "state asked by", "notified by", "route asked by", "answered by", "no answer from",
	"told down", "told up", "candidate", "now",
}

// traceLength is how many of the last events are kept.
const traceLength = 128

type record struct {
	at          time.Duration
	act         act
	node, other int
	text        string // the node's pointers, where they changed and a checker looks
}

// trace is the last events and the hash of all.
type trace struct {
	last    [traceLength]record
	n       int
	hash    uint64
	changes int // of pointers
}

func (s *Sim) note(a act, node, other int) {
	s.trace.add(record{at: s.now, act: a, node: node, other: other})
}

func (t *trace) add(r record) {
	t.last[t.n%traceLength] = r
	t.n++
	if r.act == didChange {
		t.changes++
	}
	for _, x := range [...]uint64{uint64(r.at), uint64(r.act), uint64(r.node), uint64(r.other)} {
		t.mix(x)
	}
	for _, b := range []byte(r.text) {
		t.mix(uint64(b))
	}
}

// mix is a step of a multiplicative hash (Fibonacci hashing).
func (t *trace) mix(x uint64) {
	t.hash = (t.hash ^ x) * 0x9e3779b97f4a7c15
	t.hash ^= t.hash >> 29
}

// Hash stands for all that has happened: two runs of the same options and calls
// have the same.
func (s *Sim) Hash() uint64 { return s.trace.hash }

// Trace returns the last events, one a line, the newest last.
func (s *Sim) Trace() string {
	var b strings.Builder
	for i := max(0, s.trace.n-traceLength); i < s.trace.n; i++ {
		r := s.trace.last[i%traceLength]
		fmt.Fprintf(&b, "%12v ", r.at.Round(time.Microsecond))
		if r.node >= 0 {
			fmt.Fprintf(&b, "n%-3d ", r.node)
		}
		b.WriteString(actNames[r.act])
		if r.other >= 0 {
			fmt.Fprintf(&b, " n%d", r.other)
		}
		if r.text != "" {
			b.WriteString(" " + r.text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// String returns the pointers of every node that is up, one a line, clockwise.
func (s *Sim) String() string {
	var b strings.Builder
	for _, i := range s.Alive() {
		n, v := s.nodes[i], s.View(i)
		fmt.Fprintf(&b, "n%-3d %v pred %v succ %v", i, v.Phase, s.names([]ring.Peer{v.Predecessor}), s.names(v.Successors))
		if n.cold != nil {
			b.WriteString(" in a cold start")
		}
		if n.table != nil {
			b.WriteString(" knows")
			for _, m := range n.table.All() {
				fmt.Fprintf(&b, " %s %v", m.Name, m.State)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
