package node

import (
	"context"
	"errors"
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
// value is on the holder's disk.
func (n *Node) Insert(ctx context.Context, key, value []byte) error {
	_, err := n.coordinate(ctx, Op{Kind: Insert, Key: key, Value: value})
	return err
}

// Remove takes a value out of the key's set; one that is not there already is
// no error.
func (n *Node) Remove(ctx context.Context, key, value []byte) error {
	_, err := n.coordinate(ctx, Op{Kind: Remove, Key: key, Value: value})
	return err
}

// Retrieve returns the key's values, none where the key has none. It sees every
// write that was acknowledged before it began.
func (n *Node) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := n.coordinate(ctx, Op{Kind: Retrieve, Key: key})
	return r.Values, err
}

// Pauses between two tries to find who holds a bucket: while it changes hands
// nobody answers for it, for some milliseconds.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 200 * time.Millisecond
)

// coordinate carries out an operation for a client: it asks who should hold the
// bucket, follows the hints of those who do not, and tries again while the
// bucket moves.
func (n *Node) coordinate(ctx context.Context, op Op) (Result, error) {
	if err := op.Check(); err != nil {
		return Result{}, err
	}
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	id := keyspace.HashKey(op.Key)
	var hint ring.Peer
	var reason error // why the last try that had its time failed
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		to, down, err := n.holder(ctx, id)
		var r Result
		if err == nil {
			if !hint.IsZero() {
				to = hint
			}
			r, err = n.try(ctx, to, op)
		}
		if err == nil || !retryable(op, err) {
			return r, err
		}
		if reason == nil || ctx.Err() == nil {
			reason = err
		}
		hint = better(err)
		if hint.IsZero() && !down.ID.IsZero() {
			return r, downError(down)
		}
		if !hint.IsZero() {
			// A chain of hints is followed at once, a circle of them not for ever.
			if pause < longestPause {
				continue
			}
			hint = ring.Peer{}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return Result{}, &Error{Kind: Unavailable, Text: "no answer in time: " + reason.Error(), Remedy: hintOf(reason)}
		case <-n.ctx.Done():
			return Result{}, errClosed
		}
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

func (n *Node) try(ctx context.Context, to ring.Peer, op Op) (Result, error) {
	if to.ID == n.cfg.ID {
		return n.Do(ctx, op)
	}
	return n.cfg.Dialer.Dial(to.Addr).Do(ctx, op)
}

// retryable reports whether trying again can help and cannot harm: the request
// had no effect.
func retryable(op Op, err error) bool {
	switch KindOf(err) {
	case NotResponsible, Overloaded:
		return true
	case Unavailable:
		return !errors.Is(err, errClosed)
	case Unknown:
		return op.Kind == Retrieve
	}
	return false
}

func better(err error) ring.Peer {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == NotResponsible {
		return e.Better
	}
	return ring.Peer{}
}

func hintOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Remedy
	}
	return ""
}

func downError(m member.Member) error {
	return &Error{
		Kind:   Unavailable,
		Text:   "the node that holds the key is down: " + m.Name + " at " + m.Addr,
		Remedy: "start that node again: it has the only copy",
	}
}

// holder returns whom to ask for the bucket of id: who should hold it by the
// membership table, or, where that is left out, by a lookup over the ring. Where
// that member is down it is returned as well, and whom to ask is the next one: it
// holds the bucket still if the other went down before it took it over.
func (n *Node) holder(ctx context.Context, id keyspace.ID) (ask ring.Peer, down member.Member, err error) {
	b := keyspace.BucketOf(id)
	k := n.known.Load()
	if k == nil || k.view.Phase == ring.Outside {
		return ask, down, &Error{Kind: Unavailable, Text: "this node has not joined its ring yet"}
	}
	if n.cfg.FingersOnly {
		t, err := n.Lookup(ctx, b.First())
		return t.Owner, down, err
	}
	owner, ok := k.placement.Owner(b)
	if !ok {
		return ask, down, &Error{Kind: Unavailable, Text: "this ring has no member that holds keys: the last one is leaving"}
	}
	holder, _ := k.member(owner)
	if holder.State != member.Down {
		return peerOf(holder), down, nil
	}
	for _, next := range k.placement.Clockwise(owner) {
		if m, _ := k.member(next); m.State != member.Down {
			return peerOf(m), holder, nil
		}
	}
	return ask, down, downError(holder)
}

// Do carries out an operation on a bucket that this node holds; it is what
// other nodes ask. Whether the bucket is held is read in the very transaction
// that reads or writes its items, so that no answer is given for a bucket that
// is on its way.
func (n *Node) Do(ctx context.Context, op Op) (Result, error) {
	if err := op.Check(); err != nil {
		return Result{}, err
	}
	id := keyspace.HashKey(op.Key)
	b := keyspace.BucketOf(id)
	if op.Kind == Retrieve {
		var r Result
		err := n.cfg.Store.View(func(v *store.View) error {
			if err := n.holds(v, b); err != nil {
				return err
			}
			var err error
			r.Values, err = v.Values(op.Key)
			return err
		})
		return r, storeError(err)
	}
	err := n.cfg.Store.Update(ctx, store.Change{At: id, Size: len(op.Key) + len(op.Value), Do: func(tx *store.Tx) error {
		if err := n.holds(&tx.View, b); err != nil {
			return err
		}
		var err error
		if op.Kind == Insert {
			_, err = tx.Insert(op.Key, op.Value)
		} else {
			_, _, err = tx.Remove(op.Key, op.Value)
		}
		return err
	}})
	return Result{}, storeError(err)
}

// holds returns nil if the bucket is held here, else who may hold it.
func (n *Node) holds(v *store.View, b keyspace.Bucket) error {
	if err := n.refusal(); err != nil {
		return err
	}
	h, err := n.copyOf(v, b)
	if err != nil || h.State == replica.Synced {
		return err
	}
	e := failf(NotResponsible, "bucket %d is %s here", b, h.State)
	if k := n.known.Load(); k != nil {
		next, _ := k.placement.Owner(b)
		if m, ok := k.member(next); ok && next != n.cfg.ID && m.State != member.Left && m.State != member.Down {
			e.Better = peerOf(m)
		}
	}
	return e
}

// Check refuses what no node can ever serve, before it travels.
func (op Op) Check() error {
	switch {
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

// storeError gives the store's errors their kinds.
func storeError(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	kind := Internal
	for _, c := range storeKinds {
		if errors.Is(err, c.err) {
			kind = c.kind
			break
		}
	}
	remedy := ""
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		remedy = h.Hint()
	}
	return &Error{Kind: kind, Text: err.Error(), Remedy: remedy}
}

var storeKinds = []struct {
	err  error
	kind Kind
}{
	{store.ErrEmptyKey, Invalid},
	{store.ErrTooLarge, TooLarge},
	{store.ErrNoSpace, ReadOnly},
	{store.ErrReadOnly, ReadOnly},
	{store.ErrCorrupt, Corrupt},
	{store.ErrOverloaded, Overloaded},
	{store.ErrUnknown, Unknown},
	{store.ErrPartial, Unavailable},
	{store.ErrClosed, Unavailable},
	// The write may be on the disk, or not: the next start tells.
	{store.ErrFatal, Unknown},
	{context.Canceled, Unavailable},
	{context.DeadlineExceeded, Unavailable},
}
