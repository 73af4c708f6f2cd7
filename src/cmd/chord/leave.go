package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
)

func leaveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "leave",
		Short:   "Make a node hand over its keys and go",
		GroupID: groupRing,
		Long: `Makes the node wait until the others have confirmed that they have all of each of
its copies on disk, leave the ring and end. It can be interrupted: the node goes on
leaving. Stopping a node does not need it; only a node that shall not come back
leaves.`,
		Example: `  chord leave --node test2:8002`,
		Args:    cobra.NoArgs,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.Flags().Lookup("timeout").DefValue = "1h"
	t.timeout = time.Hour
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := t.single(); err != nil {
			return err
		}
		return t.ask(c, func(ctx context.Context, ring *client.Client) error {
			before, err := ring.Status(ctx)
			if err != nil {
				return err
			}
			if err := ring.First().Leave(ctx); err != nil {
				return err
			}
			if output.json() {
				return writeJSON(c.OutOrStdout(), map[string]any{
					"name": before.Self.Name, "addr": before.Self.Addr, "buckets": before.Buckets.Held, "keys": before.Store.Keys,
				})
			}
			fmt.Fprintf(c.OutOrStdout(), "%s handed over %d buckets with %d keys, and left\n", before.Self.Name, before.Buckets.Held, before.Store.Keys)
			return nil
		})
	}
	return c
}
