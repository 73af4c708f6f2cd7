package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"chord/client"
	"chord/terminal"
)

func topCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "top",
		Short:   "Watch the ring and what it does",
		GroupID: groupRing,
		Long: `Shows the members of the ring with what clients ask of each, its keys, and what wants
attention, in the whole terminal, and again every second. Keys: q quits, s sorts by
something else, r turns the order round, p pauses, ? tells all.

It asks every member for its status each time; a member that does not answer in that
time is shown without.`,
		Example: `  chord top
  chord top --node test1:8001,test2:8001 --every 5s`,
		Args: cobra.NoArgs,
	}
	t := targetFlags(c)
	c.Flags().Lookup("timeout").DefValue = "as --every, 1s at least"
	every := c.Flags().Duration("every", time.Second, "time between two looks, 200ms or more")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *every < 200*time.Millisecond {
			return wrongUsage("give 200ms or more", "--every %s asks too often", *every)
		}
		if !c.Flags().Changed("timeout") {
			t.timeout = max(*every, time.Second)
		}
		in, inOK := c.InOrStdin().(*os.File)
		out, outOK := c.OutOrStdout().(*os.File)
		if !inOK || !outOK || !isTerminal(in) || !isTerminal(out) {
			return wrongUsage("`chord ring` prints once, and with --output json for programs", "chord top needs a terminal")
		}
		return watch(c.Context(), t, *every, in, out)
	}
	return c
}

// watch asks once before it takes the screen: an error is better read on the one
// that was there.
func watch(ctx context.Context, t *target, every time.Duration, in, out *os.File) error {
	ring, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer ring.Close()
	if _, err := ring.Status(ctx); err != nil {
		return err
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return err
	}
	defer term.Restore(int(in.Fd()), before)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	screen := terminal.Screen{
		Keys: in, Out: out, Resized: resized,
		Style: func() terminal.Style { return terminal.StyleOf(out, os.Getenv) },
	}
	return terminal.Watch(ctx, screen, every, func(ctx context.Context) (client.Survey, error) { return ring.Survey(ctx) })
}
