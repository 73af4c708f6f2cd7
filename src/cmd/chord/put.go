package main

import (
	"context"

	"github.com/spf13/cobra"

	"chord/client"
)

func putCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "put KEY VALUE",
		Short:   "Make a value the only one of its key",
		GroupID: groupKeys,
		Long: `Makes VALUE the only value of the key: those that it replaces are taken out, one
that is inserted at the same moment elsewhere stays beside it. Of two puts at the
same moment both may stay; get gives the later one. The value - stands for what
comes from standard input.

When it ends without an error the value is on as many disks as the ring's write
quorum says. Error "unknown outcome": it may or may not be; putting it again does
no harm.`,
		Example: `  chord put color blue
  chord put --node test2:8002 photo - < photo.jpg`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		err := eachValue(c, t, args, func(ctx context.Context, ring *client.Client, key, value []byte) error {
			return ring.Put(ctx, key, value)
		})
		return acknowledge(c, *output, args[0], err)
	}
	return c
}

func deleteCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "delete KEY",
		Short:   "Take all values of a key out",
		GroupID: groupKeys,
		Long: `Takes out all values of the key. A key that has none changes nothing; a value
that is inserted at the same moment elsewhere stays.`,
		Example:           `  chord delete color`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		err := t.ask(c, func(ctx context.Context, ring *client.Client) error {
			return ring.Delete(ctx, []byte(args[0]))
		})
		return acknowledge(c, *output, args[0], err)
	}
	return c
}

// acknowledge says to a program that a write is done; people are told nothing.
func acknowledge(c *cobra.Command, output output, key string, err error) error {
	if err != nil || !output.json() {
		return err
	}
	return writeJSON(c.OutOrStdout(), struct {
		Key          content `json:"key"`
		Acknowledged bool    `json:"acknowledged"`
	}{contentOf([]byte(key)), true})
}
