package client

import (
	"context"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/wire"
)

// Status returns what a node knows of itself and its ring: the first of the
// addresses given that answers.
func (c *Client) Status(ctx context.Context) (node.Status, error) {
	return ask(ctx, c, reading, route{}, (*wire.Client).Status)
}

// Members returns the members of the ring, those that left lately among them.
func (c *Client) Members(ctx context.Context) ([]member.Member, error) {
	return ask(ctx, c, reading, route{}, (*wire.Client).Members)
}

// Lookup returns who is responsible for an identifier, and the way there, as the
// first of the addresses given finds it that answers.
func (c *Client) Lookup(ctx context.Context, target keyspace.ID) (node.Trace, error) {
	return ask(ctx, c, reading, route{}, func(to *wire.Client, ctx context.Context) (node.Trace, error) { return to.Lookup(ctx, target) })
}

// At returns one node, to be asked itself: for its own entries, for a backup of it,
// to make it leave. Nothing is repeated, and nobody else is asked.
func (c *Client) At(addr string) (*wire.Client, error) { return c.dialer.Client(addr) }

// First returns the node of the first address given, to be asked itself.
func (c *Client) First() *wire.Client { return c.given[0].Client }

// Forget makes the ring forget the member of that name, which is down.
func (c *Client) Forget(ctx context.Context, name string) error {
	_, err := ask(ctx, c, changing, route{}, func(to *wire.Client, ctx context.Context) (struct{}, error) { return struct{}{}, to.Forget(ctx, name) })
	return err
}

// Questions that are no operations are repeated as if they were these.
var reading, changing = node.Op{Kind: node.Get}, node.Op{Kind: node.Put}

// ask asks those of the route, then those given, until one answers.
func ask[A any](ctx context.Context, c *Client, like node.Op, r route, f func(*wire.Client, context.Context) (A, error)) (A, error) {
	for _, t := range c.given {
		r.add(t)
	}
	r.shunnedLast()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.o.Wire.Timeout)
		defer cancel()
	}
	var first error
	for i, to := range r.list[:r.n] {
		a, err := share(ctx, i < r.n-1 && like.Kind.Reads(), func(ctx context.Context) (A, error) { return f(to.Client, ctx) })
		if err == nil {
			to.worked()
			return a, nil
		}
		if first == nil {
			first = err
		}
		if !again(err, like, to) || ctx.Err() != nil {
			return a, err
		}
		to.failed()
	}
	var none A
	return none, first
}

// share leaves half of the time to others, where there are any.
func share[A any](ctx context.Context, others bool, f func(context.Context) (A, error)) (A, error) {
	if until, ok := ctx.Deadline(); ok && others {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(until)/2)
		defer cancel()
	}
	return f(ctx)
}
