package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"chord/bench"
	"chord/client"
	"chord/replica"
	"chord/trust"
	"chord/wire"
)

func benchCommand() *cobra.Command {
	b := &benching{}
	c := &cobra.Command{
		Use:     "bench [insert|retrieve|put|get|mixed|hot|large]",
		Short:   "Measure a ring",
		GroupID: groupRing,
		Long: `Measures how many operations a ring answers, how fast, and what goes wrong:

  insert    inserts at keys chosen at random
  retrieve  retrieves of keys, which it inserts before
  put, get  the same with one value a key, which a put replaces
  mixed     both: --reads says how many of which
  hot       inserts at one key, of a few values
  large     inserts of values of 256 KiB

With --single the last three put and get, too. With --read one a retrieve or get
asks a single copy.

As many operations are under way as there are --clients, and each begins when
the one before is answered. With --rate they begin at even times instead; then
the latency of an operation counts from when it was due, so that those that had
to wait for a slow one show it.

After work that inserts, a sample of what was acknowledged is read back, and the
command fails if anything is missing. It writes to the ring that it measures, at
keys that begin with --prefix, and leaves them there.

Without --route each client asks one node for everything, which asks those who
hold a key's copies; with it, clients do as programs do that use package client,
and save that hop.

--demo starts a ring of its own on this machine for the time, with its databases
in a temporary directory below --data. Figures depend on that disk: each insert
waits until it is written.`,
		Example: `  chord bench --demo 3
  chord bench retrieve --node test1:8001,test2:8002 --duration 30s --chart run.svg
  chord bench --demo 3 --route mixed
  chord bench hot --single --clients 16
  chord bench mixed --reads 0.5 --rate 2000 --output json`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: workNames(),
	}
	b.flags(c)
	b.output = outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			b.options.Work = bench.Work(args[0])
		}
		return b.run(c)
	}
	return c
}

func workNames() (names []string) {
	for _, w := range bench.Works() {
		names = append(names, string(w))
	}
	return names
}

// benching is a bench command line.
type benching struct {
	options     bench.Options
	nodes       []string
	ring        string
	files       *trust.Files
	connections int
	route       bool
	demo        int
	replicas    int
	read        *reading
	data, chart string
	output      *output
}

func (b *benching) flags(c *cobra.Command) {
	o, f := &b.options, c.Flags()
	f.SortFlags = false
	f.StringSliceVar(&b.nodes, "node", nodesAsked(), "nodes of the ring, host:port,...: each client asks one of them; also $CHORD_NODE")
	f.StringVar(&b.ring, "ring", "", "name of the ring: ask no node of another")
	b.files = securedFlags(c)
	f.BoolVar(&b.route, "route", false, "send each operation to a node that holds a copy of its key")
	f.IntVar(&b.demo, "demo", 0, "start a ring of so many nodes, 1 to 64, and measure it")
	f.StringVar(&b.data, "data", ".", "directory below which the databases of --demo are")
	f.IntVar(&b.replicas, "replicas", 3, "copies of each key in the ring of --demo")
	f.IntVar(&o.Clients, "clients", 64, "operations at once")
	f.IntVar(&b.connections, "connections", 1, "connections to each node, which the clients share")
	f.DurationVar(&o.Duration, "duration", 0, "time to measure (default 10s, without --operations)")
	f.IntVar(&o.Operations, "operations", 0, "number of operations to measure (default as many as the time allows)")
	f.DurationVar(&o.WarmUp, "warm-up", time.Second, "time of the same work before, which is not measured")
	f.Float64Var(&o.Rate, "rate", 0, "operations a second in all (default as many as are answered)")
	f.Float64Var(&o.Reads, "reads", 0.9, "share of retrieves in mixed work, 0 to 1")
	b.read = readFlag(c)
	f.BoolVar(&o.Single, "single", false, "one value a key: put and get in place of insert and retrieve")
	f.IntVar(&o.Keys, "keys", 100_000, "number of different keys")
	f.IntVar(&o.ValueSize, "value-size", 0, "bytes of a value (default 100, of large work 262144)")
	f.StringVar(&o.Prefix, "prefix", "bench/", "what the keys begin with")
	f.DurationVar(&o.Timeout, "timeout", 5*time.Second, "how long an operation waits for its answer")
	f.IntVar(&o.Sample, "verify", 1000, "how many acknowledged inserts are read back; -1 for none")
	f.Uint64Var(&o.Seed, "seed", 1, "of the choice of keys")
	f.StringVar(&b.chart, "chart", "", "draw the run over time into this file, as SVG")
	c.MarkFlagDirname("data")
	c.MarkFlagFilename("chart", "svg")
	c.RegisterFlagCompletionFunc("node", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("ring", cobra.NoFileCompletions)
}

func (b *benching) run(c *cobra.Command) (err error) {
	if b.connections < 1 || b.connections > 1000 {
		return wrongUsage("give a number from 1 to 1000", "--connections %d is out of range", b.connections)
	}
	if b.read.one() && b.options.Work != bench.Retrieve && b.options.Work != bench.Get {
		return wrongUsage("measure retrieve or get", "--read one is for reads alone: what was written is read back by quorum")
	}
	if e, ok := errors.AsType[*bench.OptionError](b.options.WithDefaults().Check()); ok {
		return wrongUsage(e.Remedy, "%s", e.Text)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.Flags().Changed("demo") {
		end, err := b.startDemo(ctx)
		if err != nil {
			return err
		}
		defer end()
	}
	clients, err := b.open(ctx)
	if err != nil {
		return err
	}
	bar := newBar(c)
	b.options.Progress = bar.show
	result, err := bench.Run(ctx, b.options, clients)
	bar.end()
	if ctx.Err() != nil {
		err = &failure{exitFailed, "interrupted", ""}
	}
	if result.Seconds > 0 { // else nothing was measured
		if failed := b.report(c, result); failed != nil {
			return failed
		}
	}
	return err
}

// startDemo starts a ring and makes it the one to measure; end ends and
// removes it.
func (b *benching) startDemo(ctx context.Context) (end func(), err error) {
	if b.demo < 1 || b.demo > 64 {
		return nil, wrongUsage("give a number from 1 to 64", "--demo %d is out of range", b.demo)
	}
	if b.replicas < 1 || b.replicas > replica.MaxCopies {
		return nil, wrongUsage("give a number from 1 to "+strconv.Itoa(replica.MaxCopies), "--replicas %d is out of range", b.replicas)
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.data, "chord-bench-")
	if err != nil {
		return nil, &failure{exitFailed, err.Error(), "choose a directory that you can write to, with --data"}
	}
	ring, err := bench.StartRing(ctx, program, b.demo, dir, "--replicas", strconv.Itoa(b.replicas), "--tls", "off")
	b.files = nil // whatever the environment says
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	b.nodes = ring.Addrs()
	return func() {
		ring.Stop()
		os.RemoveAll(dir)
	}, nil
}

var _ bench.Putter = (*client.Client)(nil)

// oneCopy is a client that reads a single copy.
type oneCopy struct{ *client.Client }

func (c oneCopy) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	return c.RetrieveOne(ctx, key)
}

func (c oneCopy) Get(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	return c.GetOne(ctx, key)
}

// open makes the clients: of one node each, or with --route of the whole ring, each
// beginning at another node.
func (b *benching) open(ctx context.Context) (clients []bench.Client, err error) {
	certificates, err := openTrust(b.files, b.ring)
	if err != nil {
		return nil, err
	}
	for range b.connections {
		for i, node := range b.nodes {
			addrs := []string{node}
			if b.route {
				addrs = slices.Concat(b.nodes[i:], b.nodes[:i])
			}
			c, err := client.Open(ctx, addrs, client.Options{Direct: !b.route, Wire: wire.Options{Ring: b.ring, Timeout: b.options.Timeout, Trust: certificates}})
			if err != nil {
				return nil, err
			}
			if b.read.one() {
				clients = append(clients, oneCopy{c})
			} else {
				clients = append(clients, c)
			}
		}
	}
	return clients, nil
}

func (b *benching) report(c *cobra.Command, r bench.Result) error {
	if b.chart != "" {
		picture, err := r.Chart()
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.chart, picture, 0o644); err != nil {
			return err
		}
	}
	if b.output.json() {
		return writeJSON(c.OutOrStdout(), r)
	}
	_, err := fmt.Fprint(c.OutOrStdout(), r)
	return err
}

// bar shows on a terminal how far a run is.
type bar struct {
	*progressbar.ProgressBar
	phase string
}

func newBar(c *cobra.Command) *bar {
	f, ok := c.ErrOrStderr().(*os.File)
	return &bar{ProgressBar: progressbar.NewOptions(1000, progressbar.OptionSetWriter(c.ErrOrStderr()),
		progressbar.OptionSetVisibility(ok && isTerminal(f)), progressbar.OptionClearOnFinish())}
}

func (b *bar) show(phase string, done float64) {
	if phase != b.phase {
		b.phase = phase
		b.Describe(phase)
	}
	b.Set(int(1000 * done))
}

func (b *bar) end() { b.Finish() }
