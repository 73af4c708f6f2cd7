package main

import (
	"context"

	"chord/bench"
	"chord/wire"
)

// startChord starts a ring; each node has one connection, as etcd's have.
func startChord(ctx context.Context, program string, nodes int, dir string, t *toClose) (clients []bench.Client, err error) {
	ring, err := bench.StartRing(ctx, program, nodes, dir)
	if err != nil {
		return nil, err
	}
	t.add(func() { ring.Stop() })
	for _, addr := range ring.Addrs() {
		c, err := wire.Dial(addr, wire.Options{})
		if err != nil {
			return nil, err
		}
		t.add(func() { c.Close() })
		clients = append(clients, c)
	}
	return clients, ready(ctx, clients)
}
