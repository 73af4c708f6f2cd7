package client

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"chord/keyspace"
	"chord/node"
)

// Pauses between two rounds. Each is cut short by up to a half at random, so that
// clients that failed together do not come back together.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// Do carries out an operation: what the methods named after operations do. It
// gives a write its name.
func (c *Client) Do(ctx context.Context, op node.Op) (node.Result, error) {
	if err := op.Check(); err != nil {
		return node.Result{}, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.o.Wire.Timeout)
		defer cancel()
	}
	if !c.used.Load() {
		c.used.Store(true)
	}
	if !op.Kind.Reads() {
		op.Request = newRequest()
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		r, more, err := c.round(ctx, &op)
		if err == nil || !more || !wait(ctx, pause/2+rand.N(pause/2)) {
			return r, err
		}
	}
}

// round asks one node after the other until one carries the operation out. more
// reports whether another round may do better: that nobody was ever met is told
// at once, for the addresses may be wrong.
func (c *Client) round(ctx context.Context, op *node.Op) (r node.Result, more bool, err error) {
	way := c.route(*op)
	more = c.table.Load() != nil
	heard := false // err is what somebody answered
	for i, to := range way.list[:way.n] {
		answer, met, failed := try(ctx, to, *op, i < way.n-1)
		if failed == nil {
			to.worked()
			return answer, false, nil
		}
		more = more || met
		op.Again = op.Request != (node.RequestID{})
		final := !again(failed, *op, to)
		if err == nil || final || met && !heard {
			err, heard = failed, met
		}
		if node.KindOf(failed) != node.Overloaded {
			c.avoid(to, failed)
		}
		if final || ctx.Err() != nil {
			return node.Result{}, false, err
		}
	}
	return node.Result{}, more, err
}

// route returns whom to ask for a key: those who hold it, and at last those whose
// addresses were given.
func (c *Client) route(op node.Op) (r route) {
	if t := c.table.Load(); t != nil {
		t.holders(&r, keyspace.BucketOf(keyspace.HashKey(op.Key)), op.Kind.Reads())
	}
	for _, t := range c.given {
		r.add(t)
	}
	r.shunnedLast()
	return r
}

// try asks one node. A read leaves time for others: who is silent shall not take
// all. A write does not, for once it is sent nobody else may be asked.
func try(ctx context.Context, to *target, op node.Op, others bool) (r node.Result, met bool, err error) {
	r, err = share(ctx, others && op.Kind.Reads(), func(ctx context.Context) (r node.Result, err error) {
		r, met, err = to.Operate(ctx, op)
		return r, err
	})
	return r, met, err
}

// avoid notes that a node failed, if that says something about it.
func (c *Client) avoid(to *target, err error) {
	switch node.KindOf(err) {
	case node.Unavailable, node.Unknown, node.WrongRing, node.NotResponsible:
		to.failed()
		c.learnSoon()
	}
}

// again reports whether another try may do better. A write that may be in effect
// is not tried again: a second one would be another write, and the first may
// surface after somebody has removed what the second wrote.
func again(err error, op node.Op, to *target) bool {
	switch node.KindOf(err) {
	case node.NotResponsible, node.Overloaded, node.Unavailable:
		return true
	case node.Unknown:
		return op.Kind.Reads()
	case node.WrongRing:
		return !to.given // another ring has the address of a former member
	}
	return false
}

// wait waits for d and reports whether ctx leaves time for something after it.
func wait(ctx context.Context, d time.Duration) bool {
	if until, ok := ctx.Deadline(); ok && time.Until(until) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func newRequest() (id node.RequestID) {
	binary.LittleEndian.PutUint64(id[:], rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	return id
}
