// Command hostile sends hostile traffic to a ring on loopback beside a normal
// load, and says what that cost: memory, crashes, and the time that operations of
// well-behaved clients took, without and with it. It builds chord from the source
// around it unless told where one is, makes the ring, and ends with it. Exit codes:
// 0, 1 where a node crashed or an acknowledged insert is missing or the run failed,
// 2 wrong usage.
//
//	go -C src run ./nemesis/hostile --for 60m
//	go -C src run ./nemesis/hostile --attacks frames,silent --for 1m
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

type options struct {
	chord    string
	nodes    int
	length   time.Duration
	rate     int
	workers  int
	strength int
	attacks  []string
	flags    []string
	seed     uint64
	tls      bool
	targets  []string // of a process that only attacks; see child
}

func parse() (o options, err error) {
	names, about := attackNames()
	f := pflag.NewFlagSet("hostile", pflag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(os.Stderr, "Sends hostile traffic to a ring on loopback beside a normal load.\n\nOptions:\n%s\nAttacks:\n", f.FlagUsages())
		for _, name := range names {
			fmt.Fprintf(os.Stderr, "  %-10s %s\n", name, about[name])
		}
	}
	f.StringVar(&o.chord, "chord", "", "the program (default: built from the source around)")
	f.IntVar(&o.nodes, "nodes", 3, "how many nodes")
	f.DurationVar(&o.length, "for", 10*time.Minute, "how long, a sixth of it, at most two minutes, before and after the attacks")
	f.IntVar(&o.rate, "rate", 200, "operations a second of the normal load")
	f.IntVar(&o.workers, "workers", 16, "clients of the normal load")
	f.IntVar(&o.strength, "strength", 4, "how many attackers of each kind")
	f.StringSliceVar(&o.attacks, "attacks", names, "which attacks; the list is below")
	f.StringSliceVar(&o.flags, "flag", nil, "one more flag of chord server; may be repeated")
	f.BoolVar(&o.tls, "tls", false, "nodes and the normal load have certificates, the attackers have none")
	f.Uint64Var(&o.seed, "seed", 1, "what the attackers draw from")
	f.StringSliceVar(&o.targets, "targets", nil, "only attack these, ring port/http port/Redis port, until told to stop")
	f.MarkHidden("targets")
	if err := f.Parse(os.Args[1:]); err != nil {
		return o, err
	}
	for _, name := range o.attacks {
		if !slices.Contains(names, name) {
			return o, fmt.Errorf("there is no attack %q", name)
		}
	}
	if o.nodes < 1 || o.nodes > 20 || o.workers < 1 || o.rate < 1 || o.strength < 0 || o.length < 6*time.Second || f.NArg() > 0 {
		return o, errors.New("wrong usage; see --help")
	}
	return o, nil
}

func main() {
	o, err := parse()
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "hostile: error:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if len(o.targets) > 0 {
		attackOnly(ctx, o)
		return
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "hostile: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "chord-hostile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.chord == "" {
		o.chord = filepath.Join(dir, "chord")
		_, file, _, _ := runtime.Caller(0)
		c := exec.CommandContext(ctx, "go", "build", "-o", o.chord, "./cmd/chord")
		c.Dir, c.Stdout, c.Stderr = filepath.Join(filepath.Dir(file), "../.."), os.Stderr, os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("build chord: %w", err)
		}
	}
	r, err := startRing(ctx, dir, o)
	defer r.stop()
	if err != nil {
		return err
	}
	return besiege(ctx, r, o)
}

// besiege measures the load without, with and without the attacks.
func besiege(ctx context.Context, r *ring, o options) error {
	load, err := startLoad(ctx, r, o)
	if err != nil {
		return err
	}
	defer load.stop()
	quiet := min(o.length/6, 2*time.Minute)
	before := load.phase(ctx, "before", quiet, r)
	army, err := startChild(r)
	if err != nil {
		return err
	}
	during := load.phase(ctx, "during", o.length-2*quiet, r)
	bouts := army.stop()
	after := load.phase(ctx, "after", quiet, r)
	fmt.Printf("\n%s\n%s\n%s\n\nattacks, bouts: %s\n", before, during, after, bouts)
	fmt.Printf("p99 with / without: %.1f; memory of the largest node, peak: %d MiB before, %d MiB during, %d MiB after\n",
		during.p99.Seconds()/max(before.p99.Seconds(), 1e-6), before.rss>>20, during.rss>>20, after.rss>>20)
	lost, err := load.verify(context.WithoutCancel(ctx))
	fmt.Printf("%d acknowledged inserts, %d missing\n", load.acked(), lost)
	switch ends := r.crashed(); {
	case len(ends) > 0:
		return fmt.Errorf("nodes ended: %s", strings.Join(ends, "; "))
	case err != nil:
		return err
	case lost > 0:
		return errors.New("acknowledged inserts are missing")
	}
	return nil
}
