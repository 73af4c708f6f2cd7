package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/keyspace"
	"chord/node"
)

func lookupCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "lookup KEY",
		Short:   "Say which node a key lives on",
		GroupID: groupKeys,
		Long: `Asks the ring for the successor of the key's place on the circle: the first
identifier of its bucket. With --id the argument is an identifier of 40
hexadecimal digits instead of a key. --trace shows whom the lookup asked.`,
		Example: `  chord lookup color
  chord lookup --trace color
  chord lookup --id 8000000000000000000000000000000000000000`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	trace := c.Flags().Bool("trace", false, "show each question on the way")
	isID := c.Flags().Bool("id", false, "look up an identifier instead of a key")
	c.RunE = func(c *cobra.Command, args []string) error {
		id := keyspace.BucketOf(keyspace.HashKey([]byte(args[0]))).First()
		if *isID {
			var err error
			if id, err = keyspace.Parse(args[0]); err != nil {
				return wrongUsage("an identifier is what `chord ring` prints, in full", "%v", err)
			}
		}
		var found node.Trace
		err := t.ask(c, func(ctx context.Context, ring *client.Client) (err error) {
			found, err = ring.Lookup(ctx, id)
			return err
		})
		if err != nil {
			return err
		}
		if output.json() {
			return writeJSON(c.OutOrStdout(), lookupOf(found))
		}
		return printLookup(c.OutOrStdout(), found, *trace)
	}
	return c
}

// peerView and lookupView are what --output json prints of a lookup.
type peerView struct {
	ID   keyspace.ID `json:"id"`
	Addr string      `json:"addr"`
}

type stepView struct {
	Asked  peerView `json:"asked"`
	Micros int64    `json:"microseconds"`
	Error  string   `json:"error,omitempty"`
}

type lookupView struct {
	Target     keyspace.ID `json:"target"`
	Owner      peerView    `json:"owner"`
	Successors []peerView  `json:"successors"`
	Steps      []stepView  `json:"steps"`
}

func lookupOf(t node.Trace) lookupView {
	v := lookupView{Target: t.Target, Owner: peerView(t.Owner), Successors: []peerView{}, Steps: []stepView{}}
	for _, p := range t.Successors {
		v.Successors = append(v.Successors, peerView(p))
	}
	for _, s := range t.Steps {
		v.Steps = append(v.Steps, stepView{peerView(s.Asked), s.Took.Microseconds(), s.Err})
	}
	return v
}

func printLookup(w io.Writer, t node.Trace, trace bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "target\t%s\n", t.Target.Short())
	if trace && len(t.Steps) == 0 {
		fmt.Fprintln(table, "asked\tnobody: the node knows it")
	}
	for i, s := range t.Steps {
		if !trace {
			break
		}
		fmt.Fprintf(table, "asked %d\t%s\t%s\t%v\t%s\n", i+1, s.Asked.ID.Short(), s.Asked.Addr, s.Took.Round(1000), s.Err)
	}
	fmt.Fprintf(table, "node\t%s\t%s\n", t.Owner.ID.Short(), t.Owner.Addr)
	return table.Flush()
}
