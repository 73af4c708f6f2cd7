package node

import (
	"context"
	"time"
)

// Role is what a node has to do with a request.
type Role int

// The roles.
const (
	// Asked: a client asked this node for the operation.
	Asked Role = iota
	// Forwarded: this node asked another one to coordinate it; once for each that
	// it asked.
	Forwarded
	// Coordinated: this node did, for its own clients or for another node's.
	Coordinated
	// Written and Seen: a coordinator asked for a write or a read of the copy here.
	Written
	Seen
)

var roleNames = [...]string{"asked", "forwarded", "coordinated", "written", "read"}

// String returns the role in a word.
func (r Role) String() string { return roleNames[r] }

// Meter hears of each request that has ended, what it was (of Written and Seen
// always zero), how long it took and what came of it. It is called on the way of
// the data, by many goroutines at once: it does not wait, keeps nothing and
// allocates nothing.
type Meter interface {
	Done(role Role, op OpKind, took time.Duration, err error)
}

// work is a request under way that is measured and traced.
type work struct {
	node  *Node
	role  Role
	op    OpKind
	began time.Duration // after the start of the process
	span  Span
}

// begin begins a request. It costs next to nothing where nobody measures.
func (n *Node) begin(ctx context.Context, role Role, op OpKind) (context.Context, work) {
	w := work{node: n, role: role, op: op}
	if n.cfg.Meter != nil || role == Asked {
		w.began = time.Since(n.since)
	}
	if n.cfg.Tracer != nil {
		ctx, w.span = n.cfg.Tracer.Begin(ctx, spanName(role, op), role == Asked)
	}
	return ctx, w
}

// note notes in the trace, if there is one, something about the request.
func (w *work) note(key, value string) {
	if w.span != nil {
		w.span.Note(key, value)
	}
}

// end ends it.
func (w *work) end(err error) {
	var took time.Duration
	if w.role == Asked || w.node.cfg.Meter != nil {
		took = time.Since(w.node.since) - w.began
	}
	w.node.counters.add(w.role, w.op, took, err)
	if m := w.node.cfg.Meter; m != nil {
		m.Done(w.role, w.op, took, err)
	}
	if w.span != nil {
		w.span.End(err)
	}
}
