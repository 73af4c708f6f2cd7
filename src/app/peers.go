package app

import (
	"context"

	"chord/node"
	"chord/wire"
)

// peers asks other members for the page, over the node's own connections.
type peers struct{ dialer *wire.Dialer }

func (p peers) Status(ctx context.Context, addr string) (node.Status, error) {
	return p.dialer.Client(addr).Status(ctx)
}

func (p peers) Leave(ctx context.Context, addr string) error {
	return p.dialer.Client(addr).Leave(ctx)
}
