package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"chord/node"
	"chord/store"
	"chord/wire"
)

func insertCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "insert KEY VALUE...",
		Short:   "Add values to a key's set",
		GroupID: groupKeys,
		Long: `Adds each value to the key's set. A value that is in the set already changes
nothing. The value - stands for what comes from standard input.

When it ends without an error the values are on disk. Error "unknown outcome":
they may or may not be; inserting them again does no harm.`,
		Example: `  chord insert color blue green
  chord insert --node test2:8002 photo - < photo.jpg`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t := targetFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return eachValue(c, t, args, func(ctx context.Context, client *wire.Client, key, value []byte) error {
			return client.Insert(ctx, key, value)
		})
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
	t := targetFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return eachValue(c, t, args, func(ctx context.Context, client *wire.Client, key, value []byte) error {
			return client.Remove(ctx, key, value)
		})
	}
	return c
}

// eachValue does something with each VALUE of a command line KEY VALUE... Where
// one fails, those before it are done.
func eachValue(c *cobra.Command, t *target, args []string, do func(context.Context, *wire.Client, []byte, []byte) error) error {
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
		err := t.ask(c, func(ctx context.Context, client *wire.Client) error { return do(ctx, client, key, value) })
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
is one.`,
		Example: `  chord retrieve color
  chord retrieve --raw photo > photo.jpg
  chord retrieve --output json color | jq -r '.values[].text'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	raw := c.Flags().Bool("raw", false, "print the only value as it is, with nothing added")
	c.RunE = func(c *cobra.Command, args []string) error {
		var values [][]byte
		err := t.ask(c, func(ctx context.Context, client *wire.Client) (err error) {
			values, err = client.Retrieve(ctx, []byte(args[0]))
			return err
		})
		if err != nil {
			return err
		}
		return printValues(c.OutOrStdout(), args[0], values, *raw, *output)
	}
	return c
}

func printValues(w io.Writer, key string, values [][]byte, raw bool, output output) error {
	if output.json() {
		printed := struct {
			Key    content   `json:"key"`
			Values []content `json:"values"`
		}{Key: contentOf([]byte(key)), Values: []content{}}
		for _, v := range values {
			printed.Values = append(printed.Values, contentOf(v))
		}
		if err := writeJSON(w, printed); err != nil {
			return err
		}
	}
	switch {
	case len(values) == 0:
		return notFound("the key %q has no values", key)
	case output.json():
		return nil
	case raw && len(values) > 1:
		return &failure{exitFailed, fmt.Sprintf("the key %q has %d values", key, len(values)), "leave out --raw to see them all"}
	case raw:
		_, err := w.Write(values[0])
		return err
	}
	for _, v := range values {
		if _, err := fmt.Fprintln(w, printable(w, v)); err != nil {
			return err
		}
	}
	return nil
}

// printable returns a value for a line of output: as it is for a program, and
// without control characters for a terminal, which might obey them.
func printable(w io.Writer, v []byte) string {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return string(v)
	}
	return escape(v)
}
