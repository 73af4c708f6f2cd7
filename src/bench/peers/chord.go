package main

import (
	"context"

	"chord/bench"
	"chord/client"
)

// oneCopy is a client that reads a single copy.
type oneCopy struct{ *client.Client }

func (c oneCopy) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	return c.RetrieveOne(ctx, key)
}

// startChord starts a ring; each node has one connection, as etcd's have.
func startChord(ctx context.Context, program string, nodes int, one bool, dir string, t *toClose) (clients []bench.Client, err error) {
	ring, err := bench.StartRing(ctx, program, nodes, dir)
	if err != nil {
		return nil, err
	}
	t.add(func() { ring.Stop() })
	for _, addr := range ring.Addrs() {
		c, err := client.Open(ctx, []string{addr}, client.Options{Direct: true})
		if err != nil {
			return nil, err
		}
		t.add(func() { c.Close() })
		if one {
			clients = append(clients, oneCopy{c})
		} else {
			clients = append(clients, c)
		}
	}
	return clients, ready(ctx, clients)
}
