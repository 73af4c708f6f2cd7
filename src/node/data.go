package node

import (
	"context"
	"fmt"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// DefaultTimeout bounds an operation whose context has no deadline.
const DefaultTimeout = 5 * time.Second

// Insert adds a value to the key's set. When it returns without an error, the
// value is on the disks of a write quorum.
func (n *Node) Insert(ctx context.Context, key, value []byte) error {
	_, err := n.Operate(ctx, Op{Kind: Insert, Key: key, Value: value})
	return err
}

// Remove takes a value out of the key's set; one that is not there already is
// no error.
func (n *Node) Remove(ctx context.Context, key, value []byte) error {
	_, err := n.Operate(ctx, Op{Kind: Remove, Key: key, Value: value})
	return err
}

// Retrieve returns the key's values, none where the key has none. It sees every
// write that was acknowledged before it began.
func (n *Node) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := n.Operate(ctx, Op{Kind: Retrieve, Key: key})
	return r.Values, err
}

// Put makes a value the only one of a key.
func (n *Node) Put(ctx context.Context, key, value []byte) error {
	_, err := n.Operate(ctx, Op{Kind: Put, Key: key, Value: value})
	return err
}

// Get returns one value of a key, of several the latest, and whether there is
// one.
func (n *Node) Get(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	r, err := n.Operate(ctx, Op{Kind: Get, Key: key})
	if err != nil || len(r.Values) == 0 {
		return nil, false, err
	}
	return r.Values[0], true, nil
}

// Delete takes all values out of a key; where there is none already is no error.
func (n *Node) Delete(ctx context.Context, key []byte) error {
	_, err := n.Operate(ctx, Op{Kind: Delete, Key: key})
	return err
}

// Pauses between two rounds of asking the members of a group: while members come
// and go they may disagree on who they are, for some milliseconds.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 200 * time.Millisecond
)

// Operate carries out an operation for a client: it has a member of the key's
// group coordinate it and, where that certainly had no effect, the next. For a
// write that is the first one, for as long as it is there, so that no two puts are
// coordinated beside each other; a read may be coordinated by whoever has a copy.
// Kinds of errors: [Unavailable] and the others say that nothing changed;
// [Unknown] that a change may surface later, or is in effect already.
func (n *Node) Operate(ctx context.Context, op Op) (r Result, err error) {
	if err := op.Check(); err != nil {
		return Result{}, err
	}
	ctx, w := n.begin(ctx, Asked, op.Kind)
	defer func() { w.end(err) }()
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	b := keyspace.BucketOf(keyspace.HashKey(op.Key))
	var reason error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		k, g, err := n.group(b)
		if err != nil {
			return Result{}, err
		}
		r, err := n.askGroup(ctx, k, g, b, op)
		if err == nil || !op.harmless(err) || KindOf(err) == ReadOnly {
			return r, err
		}
		if reason == nil || ctx.Err() == nil {
			reason = err
		}
		if few := n.tooFew(k, g, op); few != nil {
			return Result{}, few
		}
		if !sleep(ctx, pause) {
			return Result{}, &Error{Kind: Unavailable, Text: "no answer in time: " + reason.Error(), Remedy: hintOf(reason)}
		}
		if n.ctx.Err() != nil {
			return Result{}, errClosed
		}
	}
}

// askGroup asks the members of a group that are not down, one after the other,
// and leaves to each a share of the time: one that is silent shall not take all.
// A read asks this node first, if it can answer.
func (n *Node) askGroup(ctx context.Context, k *knowledge, g replica.Group, b keyspace.Bucket, op Op) (r Result, err error) {
	here := op.Kind.Reads() && g.Contains(n.cfg.ID) && n.stateOf(b) == replica.Synced
	if here {
		if r, err = n.try(ctx, k.self, op, false); err == nil || !op.harmless(err) || ctx.Err() != nil {
			return r, err
		}
	} else {
		err = &Error{Kind: Unavailable, Text: "all members that hold the key are down"}
	}
	for i, id := range g.Members {
		if here && id == n.cfg.ID {
			continue
		}
		m, known := k.member(id)
		if !known || m.State == member.Down {
			continue
		}
		if r, err = n.try(ctx, m, op, i < len(g.Members)-1); err == nil || !op.harmless(err) || ctx.Err() != nil {
			return r, err
		}
	}
	return r, err
}

// try has a member coordinate an operation, in half of the time where others are
// left.
func (n *Node) try(ctx context.Context, m member.Member, op Op, more bool) (Result, error) {
	if deadline, ok := ctx.Deadline(); ok && more {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	if m.ID == n.cfg.ID {
		return n.coordinate(ctx, op)
	}
	r, err := n.forward(ctx, m, op)
	if err != nil && KindOf(err) == NotResponsible {
		// The two may see different members; the next round shows whether it helped.
		_ = n.exchangeTables(ctx, m)
	}
	return r, err
}

func (n *Node) forward(ctx context.Context, m member.Member, op Op) (r Result, err error) {
	ctx, w := n.begin(ctx, Forwarded, op.Kind)
	defer func() { w.end(err) }()
	w.note("peer", m.Name)
	return n.cfg.Dialer.Dial(m.Addr).Do(ctx, op)
}

// group returns who should hold a bucket.
func (n *Node) group(b keyspace.Bucket) (*knowledge, replica.Group, error) {
	k := n.known.Load()
	if k == nil || k.view.Phase == ring.Outside {
		return nil, replica.Group{}, &Error{Kind: Unavailable, Text: "this node has not joined its ring yet"}
	}
	g := k.placement.Group(b)
	if len(g.Members) == 0 {
		return nil, g, &Error{Kind: Unavailable, Text: "this ring has no member that holds keys: the last one is leaving"}
	}
	return k, g, nil
}

// tooFew returns nil where so many members of a group are not down that an
// operation may succeed.
func (n *Node) tooFew(k *knowledge, g replica.Group, op Op) error {
	up, down := make([]keyspace.ID, 0, replica.MaxCopies), ""
	for _, id := range g.Members {
		m, known := k.member(id)
		if known && m.State != member.Down && n.traffic.hasRoom(id) {
			up = append(up, id)
		} else {
			down += " " + m.Name + " at " + m.Addr + ";"
		}
	}
	enough := g.Durable(up)
	if op.Kind.Reads() {
		enough = len(up) >= g.Read || op.One && len(up) > 0
	}
	if enough {
		return nil
	}
	return &Error{
		Kind:   Unavailable,
		Text:   fmt.Sprintf("%d of the %d members that hold the key can be reached, too few;%s do not answer", len(up), len(g.Members), down),
		Remedy: "start these nodes again, or mend the network between; where one is lost for good, chord forget it",
	}
}

// callerMargin is by how much, or a tenth of the time, an operation ends before
// its caller gives up: who asked hears the reason.
const callerMargin = 200 * time.Millisecond

// beforeCaller bounds an operation by its caller's deadline less a margin.
func beforeCaller(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithTimeout(ctx, DefaultTimeout)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/10, callerMargin)))
}

// sleep is false where ctx ends first.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// harmless reports whether an operation that failed had no effect, and may find
// another coordinator more able.
func (op Op) harmless(err error) bool {
	switch KindOf(err) {
	case NotResponsible, Unavailable, Overloaded, ReadOnly, Unauthenticated, PermissionDenied:
		return true
	case Unknown:
		return op.Kind.Reads()
	}
	return false
}

// Check refuses what no node can ever serve, before it travels.
func (op Op) Check() error {
	switch {
	case op.Kind < Insert || int(op.Kind) >= len(opNames):
		return failf(Invalid, "there is no operation %d", op.Kind)
	case op.Kind == Page && (op.Limit < 1 || op.Limit > MaxPage):
		return failf(Invalid, "a page of %d values, the limit is %d", op.Limit, MaxPage)
	case len(op.Key) == 0:
		return &Error{Kind: Invalid, Text: "the key is empty", Remedy: "give a key of 1 byte to 64 KiB"}
	case len(op.Key) > store.MaxKey:
		return &Error{
			Kind:   TooLarge,
			Text:   fmt.Sprintf("the key has %d bytes, the limit is %d (64 KiB)", len(op.Key), store.MaxKey),
			Remedy: "use a shorter key, for example the hash of this one",
		}
	case len(op.Value) > store.MaxValue:
		return &Error{
			Kind:   TooLarge,
			Text:   fmt.Sprintf("the value has %d bytes, the limit is %d (1 MiB)", len(op.Value), store.MaxValue),
			Remedy: "split it into several values or keys",
		}
	}
	return nil
}
