package console

import (
	"context"
	"fmt"
	"strings"

	"chord/ring"
)

// The commands on keys are the same for a node of the simulated network and
// for the one on the real network; only how the node is named differs.

var (
	keyParam   = Param{Name: "key", Value: "k", Text: "the key", Required: true}
	valueParam = Param{Name: "value", Value: "v", Text: "one of the key's values", Required: true}
	allParam   = Param{Name: "all", Text: "show the whole successor list"}
	textParam  = Param{Name: "text", Text: "show keys as text instead of their identifiers"}
)

// picker finds the node that a command is for.
type picker[N Data] func(s *Shell, a args) (N, error)

// runner carries out a command whose parameters are complete. It prints what it
// has to say to the shell's output and returns what went wrong.
type runner func(ctx context.Context, s *Shell, a args) error

// insert prints nothing on success, as ever.
func insert[N Data](pick picker[N]) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		n, err := pick(s, a)
		if err != nil {
			return err
		}
		return n.Insert(ctx, []byte(a["key"]), []byte(a["value"]))
	}
}

// remove says that the value is gone, also where it was never there: either way
// the key does not have it now.
func remove[N Data](pick picker[N]) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		n, err := pick(s, a)
		if err != nil {
			return err
		}
		key, value := []byte(a["key"]), []byte(a["value"])
		if err := n.Remove(ctx, key, value); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "Value '%s' with key '%s' removed.\n", show(value), show(key))
		return nil
	}
}

// retrieve prints the values in a line. Each one that holds a comma is quoted,
// so that it is not taken for two.
func retrieve[N Data](pick picker[N]) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		n, err := pick(s, a)
		if err != nil {
			return err
		}
		key := []byte(a["key"])
		values, err := n.Retrieve(ctx, key)
		if err != nil {
			return err
		}
		if len(values) == 0 {
			fmt.Fprintf(s.out, "No values associated with key '%s'.\n", show(key))
			return nil
		}
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = show(v)
		}
		fmt.Fprintf(s.out, "Values associated with key '%s':\n%s\n", show(key), strings.Join(shown, ", "))
		return nil
	}
}

// entries prints what one node holds; a key that it holds for others, as their
// replica, is among it.
func entries[N Data](pick picker[N]) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		n, err := pick(s, a)
		if err != nil {
			return err
		}
		return s.printEntries(ctx, n, a.has("text"))
	}
}

// printEntries prints while it reads: a node may hold more than fits in memory.
func (s *Shell) printEntries(ctx context.Context, n Data, text bool) error {
	fmt.Fprintln(s.out, "Entries:")
	empty := true
	for e, err := range n.Entries(ctx) {
		if err == nil {
			err = ctx.Err() // a node that goes on regardless
		}
		if err != nil {
			return err
		}
		printEntry(s.out, e, text)
		empty = false
	}
	if empty {
		fmt.Fprintln(s.out, "  none")
	}
	return nil
}

// refs prints the whole view, successors a part of it.
func refs[N Node](pick picker[N]) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		n, err := pick(s, a)
		if err != nil {
			return err
		}
		v, err := view(ctx, n)
		if err == nil {
			printView(s.out, v, a.has("all"))
		}
		return err
	}
}

// view asks a node for its pointers; one that is stuck is not waited for.
func view(ctx context.Context, n Node) (v ring.View, err error) {
	answer := make(chan ring.View, 1)
	err = within(ctx, func() error { answer <- n.View(); return nil })
	if err == nil {
		v = <-answer
	}
	return v, err
}
