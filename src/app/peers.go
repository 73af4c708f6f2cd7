package app

import (
	"context"

	"chord/node"
	"chord/wire"
)

// peers asks other members for the page, over the node's own connections.
type peers struct{ dialer *wire.Dialer }

func (p peers) Status(ctx context.Context, addr string) (node.Status, error) {
	c, err := p.dialer.Client(addr)
	if err != nil {
		return node.Status{}, err
	}
	return c.BriefStatus(ctx)
}

func (p peers) Leave(ctx context.Context, addr string) error {
	c, err := p.dialer.Client(addr)
	if err != nil {
		return err
	}
	return c.Leave(ctx)
}
