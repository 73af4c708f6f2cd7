package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"chord/sim"
)

func simulateCommand() *cobra.Command {
	s := &simulating{}
	c := &cobra.Command{
		Use:     "simulate [path|keys|failures|churn|merge|all]",
		Short:   "Repeat the papers' experiments on this code",
		GroupID: groupRing,
		Long: `Simulates rings of thousands of nodes, each the code that runs in a server, and
prints what comes out beside the figures of the papers on Chord:

  path      nodes that a lookup asks, by the size of the ring
  keys      how evenly nodes hold keys, by how they get their identifiers
  failures  lookups and keys after 5 % to 50 % of the nodes failed at once
  churn     lookups while nodes join and fail all the time
  merge     how long two rings take to become one

All of them take minutes, --quick a few seconds. The same seed gives the same
figures on any machine. An interrupt prints what is done so far.`,
		Example: `  chord simulate --quick
  chord simulate path --nodes 4096 --charts pictures
  chord simulate failures --seed 7 --output json`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: append(sim.Names(), "all"),
	}
	o, f := &s.options, c.Flags()
	f.SortFlags = false
	f.IntVar(&o.Nodes, "nodes", 0, "nodes of the largest rings, 16 to 65536 (default 10000, quick 256)")
	f.IntVar(&o.Keys, "keys", 0, "number of keys (default 1000000, quick 20000)")
	f.IntVar(&o.Lookups, "lookups", 0, "lookups for each figure (default 10000, quick 500)")
	f.BoolVar(&o.Quick, "quick", false, "small rings and few repeats")
	f.Uint64Var(&o.Seed, "seed", 1, "of all that is left to chance")
	f.StringVar(&s.charts, "charts", "", "draw charts into this directory, as SVG")
	c.MarkFlagDirname("charts")
	s.output = outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 && args[0] != "all" {
			o.Experiments = args
		}
		return s.run(c)
	}
	return c
}

// simulating is a simulate command line.
type simulating struct {
	options sim.Options
	charts  string
	output  *output
}

func (s *simulating) run(c *cobra.Command) error {
	if e, ok := errors.AsType[*sim.OptionError](s.options.Check()); ok {
		return wrongUsage(e.Remedy, "%s", e.Text)
	}
	if s.charts != "" { // better now than after minutes
		if err := os.MkdirAll(s.charts, 0o755); err != nil {
			return &failure{exitFailed, err.Error(), "choose a directory that you can write to, with --charts"}
		}
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bar := newBar(c)
	s.options.Progress = func(done, total int) { bar.show("simulating", float64(done)/float64(total)) }
	report, err := sim.Run(ctx, s.options)
	bar.end()
	if err != nil {
		return err
	}
	if err := s.print(c, report); err != nil {
		return err
	}
	if report.Interrupted {
		return &failure{exitFailed, "interrupted", ""}
	}
	return nil
}

func (s *simulating) print(c *cobra.Command, r sim.Report) error {
	if s.charts != "" {
		charts, err := r.Charts()
		if err != nil {
			return err
		}
		for _, chart := range charts {
			if err := os.WriteFile(filepath.Join(s.charts, chart.Name+".svg"), chart.SVG, 0o644); err != nil {
				return err
			}
		}
	}
	if s.output.json() {
		return writeJSON(c.OutOrStdout(), r)
	}
	_, err := fmt.Fprint(c.OutOrStdout(), r)
	return err
}
