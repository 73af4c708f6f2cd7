package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/node"
	"chord/store"
)

func insertCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "insert KEY VALUE...",
		Short:   "Add values to a key's set",
		GroupID: groupKeys,
		Long: `Adds each value to the key's set. A value that is in the set already changes
nothing. The value - stands for what comes from standard input.

When it ends without an error the values are on as many disks as the ring's write
quorum says. Error "unknown outcome":
they may or may not be; inserting them again does no harm.`,
		Example: `  chord insert color blue green
  chord insert --node test2:8002 photo - < photo.jpg`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		err := eachValue(c, t, args, func(ctx context.Context, ring *client.Client, key, value []byte) error {
			return ring.Insert(ctx, key, value)
		})
		return acknowledge(c, *output, args[0], err)
	}
	return c
}

func removeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "remove KEY VALUE...",
		Short:   "Take values out of a key's set",
		GroupID: groupKeys,
		Long: `Takes each value out of the key's set. A value that is not in the set changes
nothing. The value - stands for what comes from standard input.`,
		Example:           `  chord remove color blue`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		err := eachValue(c, t, args, func(ctx context.Context, ring *client.Client, key, value []byte) error {
			return ring.Remove(ctx, key, value)
		})
		return acknowledge(c, *output, args[0], err)
	}
	return c
}

// eachValue does something with each VALUE of a command line KEY VALUE... Where
// one fails, those before it are done.
func eachValue(c *cobra.Command, t *target, args []string, do func(context.Context, *client.Client, []byte, []byte) error) error {
	key, values := []byte(args[0]), [][]byte{}
	read := false
	for _, v := range args[1:] {
		value := []byte(v)
		if v == "-" {
			if read {
				return wrongUsage("name the others as arguments", "standard input can be one value only")
			}
			read = true
			var err error
			// One byte over the limit is enough to be told so.
			if value, err = io.ReadAll(io.LimitReader(c.InOrStdin(), store.MaxValue+1)); err != nil {
				return err
			}
		}
		if err := (node.Op{Kind: node.Insert, Key: key, Value: value}).Check(); err != nil {
			return err
		}
		values = append(values, value)
	}
	for i, value := range values {
		err := t.ask(c, func(ctx context.Context, ring *client.Client) error { return do(ctx, ring, key, value) })
		if err != nil && len(values) > 1 {
			return fmt.Errorf("value %d of %d: %w", i+1, len(values), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func retrieveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "retrieve KEY",
		Short:   "Print a key's values, one a line",
		GroupID: groupKeys,
		Long: `Prints the values of a key, one a line. Exit code 3: the key has none. Values
that are not text are better asked for with --output json, or --raw where there
is one.

With --read one a single copy is asked, which is quicker, and works where too few
others can be reached. It may lack values that were acknowledged, or have some
that were removed, and the output says so.`,
		Example: `  chord retrieve color
  chord retrieve --read one color
  chord retrieve --raw photo > photo.jpg
  chord retrieve --output json color | jq -r '.values[].text'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output, read := targetFlags(c), outputFlag(c), readFlag(c)
	raw := c.Flags().Bool("raw", false, "print the only value as it is, with nothing added")
	c.RunE = func(c *cobra.Command, args []string) error {
		f := found{key: args[0], raw: *raw, output: *output, reading: *read}
		err := t.ask(c, func(ctx context.Context, ring *client.Client) (err error) {
			if read.one() {
				f.values, err = ring.RetrieveOne(ctx, []byte(f.key))
				return err
			}
			f.values = nil
			for v, err := range ring.Values(ctx, []byte(f.key)) { // however large the set is
				if err != nil {
					return err
				}
				f.values = append(f.values, v)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return f.print(c)
	}
	return c
}

func getCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "get KEY",
		Short:   "Print the value that was put at a key",
		GroupID: groupKeys,
		Long: `Prints the value of a key: of several, inserted or put at the same moment, the
latest. Exit code 3: the key has none.

With --read one a single copy is asked, see chord retrieve.`,
		Example: `  chord get color
  chord get --raw photo > photo.jpg
  chord get --read one --output json color`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output, read := targetFlags(c), outputFlag(c), readFlag(c)
	raw := c.Flags().Bool("raw", false, "print the value as it is, with nothing added")
	c.RunE = func(c *cobra.Command, args []string) error {
		f := found{key: args[0], raw: *raw, output: *output, reading: *read}
		err := t.ask(c, func(ctx context.Context, ring *client.Client) error {
			get := ring.Get
			if read.one() {
				get = ring.GetOne
			}
			value, ok, err := get(ctx, []byte(f.key))
			if ok {
				f.values = [][]byte{value}
			}
			return err
		})
		if err != nil {
			return err
		}
		return f.print(c)
	}
	return c
}
