package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"chord/wire"
)

// defaultNode is whom commands ask that are not told: what a server listens at
// that is not told either.
const defaultNode = "127.0.0.1:4170"

// target is which node a command asks, and how long it waits.
type target struct {
	node, ring string
	timeout    time.Duration
}

// targetFlags gives a command --node, --ring and --timeout.
func targetFlags(c *cobra.Command) *target {
	t := &target{}
	node := os.Getenv("CHORD_NODE")
	if node == "" {
		node = defaultNode
	}
	c.Flags().StringVar(&t.node, "node", node, "any node of the ring, host:port; also $CHORD_NODE")
	c.Flags().StringVar(&t.ring, "ring", "", "name of the ring: ask no node of another")
	c.Flags().DurationVar(&t.timeout, "timeout", 5*time.Second, "how long to wait for an answer")
	c.RegisterFlagCompletionFunc("ring", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("node", cobra.NoFileCompletions)
	return t
}

func (t *target) dial() (*wire.Client, error) {
	return wire.Dial(t.node, wire.Options{Ring: t.ring})
}

// ask runs f with a client of the node.
func (t *target) ask(c *cobra.Command, f func(ctx context.Context, client *wire.Client) error) error {
	client, err := t.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(c.Context(), t.timeout)
	defer cancel()
	return f(ctx, client)
}
