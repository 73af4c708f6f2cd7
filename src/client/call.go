package client

import (
	"context"

	"chord/node"
)

// Call is an operation that was begun.
type Call struct {
	Op   node.Op
	done chan struct{}
	// result and err are there once done is closed.
	result node.Result
	err    error
}

// Done is closed when the operation is done, or failed.
func (k *Call) Done() <-chan struct{} { return k.done }

// Wait returns what came of the operation, once it is done: the values of a read.
func (k *Call) Wait() ([][]byte, error) {
	<-k.done
	return k.result.Values, k.err
}

// Go begins an operation and returns without waiting for it, unless as many are
// under way as Options.Calls allows: then once one of them is done. ctx is the
// operation's. then, if it is not nil, is called when the operation is done.
// Operations that are begun one after the other may be carried out in any order.
func (c *Client) Go(ctx context.Context, op node.Op, then func(*Call)) *Call {
	k := &Call{Op: op, done: make(chan struct{})}
	if then == nil {
		then = func(*Call) {}
	}
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		k.end(node.Result{}, &node.Error{Kind: node.Unavailable, Text: "not begun in time: too many calls are under way"})
		go then(k)
		return k
	}
	go func() {
		k.end(c.Do(ctx, op))
		<-c.slots
		then(k)
	}()
	return k
}

func (k *Call) end(r node.Result, err error) {
	k.result, k.err = r, err
	close(k.done)
}
