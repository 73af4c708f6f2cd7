package wire

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"chord/node"
)

// Insert adds value to the key's set. It repeats itself, as all operations on
// values do, until it is done or ctx ends; it is carried out once.
func (c *Client) Insert(ctx context.Context, key, value []byte) error {
	_, err := c.operate(ctx, node.Op{Kind: node.Insert, Key: key, Value: value})
	return err
}

// Remove takes value out of the key's set.
func (c *Client) Remove(ctx context.Context, key, value []byte) error {
	_, err := c.operate(ctx, node.Op{Kind: node.Remove, Key: key, Value: value})
	return err
}

// Retrieve returns the key's set of values, empty where there are none.
func (c *Client) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := c.operate(ctx, node.Op{Kind: node.Retrieve, Key: key})
	return r.Values, err
}

// RetrieveOne is Retrieve from a single copy, which may lack what was
// acknowledged.
func (c *Client) RetrieveOne(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := c.operate(ctx, node.Op{Kind: node.Retrieve, Key: key, One: true})
	return r.Values, err
}

// Put makes value the only one of the key.
func (c *Client) Put(ctx context.Context, key, value []byte) error {
	_, err := c.operate(ctx, node.Op{Kind: node.Put, Key: key, Value: value})
	return err
}

// Get returns the key's value, of several the latest; ok is false where there is
// none.
func (c *Client) Get(ctx context.Context, key []byte) (value []byte, ok bool, err error) {
	return c.get(ctx, node.Op{Kind: node.Get, Key: key})
}

// GetOne is Get from a single copy, which may lack what was acknowledged.
func (c *Client) GetOne(ctx context.Context, key []byte) (value []byte, ok bool, err error) {
	return c.get(ctx, node.Op{Kind: node.Get, Key: key, One: true})
}

func (c *Client) get(ctx context.Context, op node.Op) ([]byte, bool, error) {
	r, err := c.operate(ctx, op)
	if err == nil && len(r.Values) > 1 {
		err = call{}.failf(node.Internal, "%s gave %d values for one", c.to.addr, len(r.Values))
	}
	if err != nil || len(r.Values) == 0 {
		return nil, false, err
	}
	return r.Values[0], true, nil
}

// Delete takes all values of the key out.
func (c *Client) Delete(ctx context.Context, key []byte) error {
	_, err := c.operate(ctx, node.Op{Kind: node.Delete, Key: key})
	return err
}

// Pauses between two tries. Each is cut short by up to a half at random, so that
// clients that failed together do not come back together.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// operate tries an operation until it is done, or fails for good, or ctx has no
// time left for another try. A write that may be in effect is not tried again: a
// second one would be another write, and the first may surface after somebody
// has removed what the second wrote.
func (c *Client) operate(ctx context.Context, op node.Op) (node.Result, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.to.dialer.options.Timeout)
		defer cancel()
	}
	if !onlyReads(op) {
		op.Request = newRequest()
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		var x *exchange
		r, err := c.to.operate(ctx, op, func(to *conn) *exchange { x = to.clients; return x })
		if err == nil {
			return r, nil
		}
		op.Again = op.Request != (node.RequestID{})
		if !again(err, op, x != nil && x.met.Load()) || !wait(ctx, pause/2+rand.N(pause/2)) {
			return node.Result{}, err
		}
	}
}

// again reports whether another try may do better. That a node which was never
// met cannot be reached is told at once: the address may be wrong.
func again(err error, op node.Op, met bool) bool {
	switch node.KindOf(err) {
	case node.NotResponsible, node.Overloaded:
		return true
	case node.Unknown:
		return onlyReads(op)
	case node.Unavailable:
		return met
	}
	return false
}

func onlyReads(op node.Op) bool { return op.Kind == node.Retrieve || op.Kind == node.Get }

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
