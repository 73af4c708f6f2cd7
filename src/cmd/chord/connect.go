package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/trust"
	"chord/wire"
)

// defaultNode is whom commands ask that are not told: what a server listens at
// that is not told either.
const defaultNode = "127.0.0.1:4170"

// target is which nodes a command asks, the first of them that can be reached,
// and how long it waits.
type target struct {
	nodes   []string
	ring    string
	timeout time.Duration
	files   *trust.Files
}

// targetFlags gives a command --node, --ring, --timeout and the files for TLS.
func targetFlags(c *cobra.Command) *target {
	t := &target{}
	c.Flags().StringSliceVar(&t.nodes, "node", nodesAsked(), "any nodes of the ring, host:port,...: the first that answers; also $CHORD_NODE")
	c.Flags().StringVar(&t.ring, "ring", "", "name of the ring: ask no node of another")
	c.Flags().DurationVar(&t.timeout, "timeout", 5*time.Second, "how long to wait for an answer")
	t.files = securedFlags(c)
	c.RegisterFlagCompletionFunc("ring", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("node", cobra.NoFileCompletions)
	return t
}

// nodesAsked returns whom commands ask that are not told.
func nodesAsked() []string {
	if nodes := os.Getenv("CHORD_NODE"); nodes != "" {
		return strings.Split(nodes, ",")
	}
	return []string{defaultNode}
}

// single refuses several nodes, for what one does by itself.
func (t *target) single() error {
	if len(t.nodes) != 1 {
		return wrongUsage("name the one that is meant, with --node", "%d nodes are named", len(t.nodes))
	}
	return nil
}

// open returns a client that asks these nodes alone: a command has little to ask.
func (t *target) open(ctx context.Context) (*client.Client, error) {
	return t.openWith(ctx, client.Options{Direct: true})
}

func (t *target) openWith(ctx context.Context, o client.Options) (*client.Client, error) {
	certificates, err := openTrust(t.files, t.ring)
	if err != nil {
		return nil, err
	}
	o.Wire = wire.Options{Ring: t.ring, Timeout: t.timeout, Trust: certificates}
	return client.Open(ctx, t.nodes, o)
}

// ask runs f with a client of the nodes.
func (t *target) ask(c *cobra.Command, f func(ctx context.Context, ring *client.Client) error) error {
	ring, err := t.open(c.Context())
	if err != nil {
		return err
	}
	defer ring.Close()
	ctx, cancel := context.WithTimeout(c.Context(), t.timeout)
	defer cancel()
	return f(ctx, ring)
}
