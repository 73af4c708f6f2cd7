// Command run ill-treats a ring of real nodes and says which promises it broke.
// It builds chord from the source around it unless told where one is. Exit
// codes: 0 where no promise was broken, 1 where one was or the run failed, 2
// wrong usage.
//
//	go -C src run ./nemesis/run --nodes 3 --for 5m
//	go -C src run ./nemesis/run --nodes 3 --kills 1000
//	go -C src run ./nemesis/run --nodes 3 --powercuts 100
//	go -C src run ./nemesis/run --nodes 3 --powercuts 3 --no-sync   # must fail
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"chord/nemesis"
)

func main() {
	code, err := run()
	switch {
	case errors.Is(err, pflag.ErrHelp):
		code = 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "nemesis: error:", strings.TrimPrefix(err.Error(), "nemesis: "))
		code = max(code, 1)
	}
	os.Exit(code)
}

type settings struct {
	nemesis.Options
	parent, output string
	keep           bool
}

func parse() (s settings, err error) {
	names, about := nemesis.Faults()
	var lines strings.Builder
	for _, name := range names {
		fmt.Fprintf(&lines, "  %-10s %s\n", name, about[name])
	}
	lines.WriteString("\nScenarios:\n")
	all, what := nemesis.Scenarios()
	for _, name := range all {
		fmt.Fprintf(&lines, "  %-10s %s\n", name, what[name])
	}
	f := pflag.NewFlagSet("nemesis", pflag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(os.Stderr, "Ill-treats a ring of real chord processes. Needs root.\n\nOptions:\n%s\nFaults:\n%s", f.FlagUsages(), lines.String())
	}
	f.StringVar(&s.Chord, "chord", "", "the program (default: built from the source around)")
	f.IntVar(&s.Nodes, "nodes", 3, "how many nodes")
	f.DurationVar(&s.For, "for", 5*time.Minute, "how long to do it")
	f.Uint64Var(&s.Seed, "seed", 0, "what to draw the schedule from (default: drawn and printed)")
	f.StringSliceVar(&s.Faults, "faults", names, "which faults; the list is below")
	f.StringSliceVar(&s.Workloads, "workload", nemesis.Workloads, "what clients do")
	f.IntVar(&s.Workers, "workers", 32, "how many clients work at once")
	f.IntVar(&s.Rate, "rate", 1000, "operations a second of all clients, 0: as many as they can")
	f.DurationVar(&s.OpTimeout, "timeout", 3*time.Second, "how long a client waits for an operation")
	f.IntVar(&s.Copies, "copies", 3, "on how many nodes a key should lie in the end")
	f.Int64Var(&s.DiskSize, "disk", 2<<30, "size of a node's file system in bytes; the file is sparse")
	f.IntVar(&s.Kills, "kills", 0, "instead of a schedule: kill -9 so many times, as fast as the ring serves again")
	f.IntVar(&s.PowerCuts, "powercuts", 0, "instead of a schedule: so many power cuts of one host, some or all")
	f.StringVar(&s.Scenario, "scenario", "", "instead of a schedule: faults whose figures are printed; the list is below")
	f.BoolVar(&s.Sockets, "sockets", false, "hold the nodes' sockets as systemd does")
	f.BoolVar(&s.NoSync, "no-sync", false, "the negative control: nodes do not sync; power cuts must be found to lose data")
	f.StringSliceVar(&s.Flags, "flag", nil, "one more flag of chord server; may be repeated")
	f.StringVar(&s.parent, "dir", os.TempDir(), "where to make the run's directory")
	f.BoolVar(&s.keep, "keep", false, "keep the run's directory even where no promise was broken")
	f.StringVar(&s.output, "output", "text", "text or json")
	if err := f.Parse(os.Args[1:]); err != nil {
		return s, err
	}
	for _, w := range s.Workloads {
		if !slices.Contains(nemesis.Workloads, w) {
			return s, fmt.Errorf("there is no workload %q", w)
		}
	}
	for _, n := range s.Faults {
		if n != "none" && !slices.Contains(names, n) {
			return s, fmt.Errorf("there is no fault %q", n)
		}
	}
	if s.Scenario != "" && !slices.Contains(all, s.Scenario) {
		return s, fmt.Errorf("there is no scenario %q", s.Scenario)
	}
	if s.Nodes < 1 || s.Nodes > 200 || s.Workers < 1 || len(s.Workloads) == 0 || f.NArg() > 0 || s.output != "text" && s.output != "json" {
		return s, errors.New("wrong usage; see --help")
	}
	return s, nil
}

func run() (int, error) {
	s, err := parse()
	if err != nil {
		return 2, err
	}
	if dir, inside := nemesis.Inside(); inside {
		return s.inside(dir)
	}
	if err := nemesis.Missing(); err != nil {
		return 1, err
	}
	if s.Seed == 0 {
		s.Seed = rand.Uint64()>>16 | 1
		os.Args = append(os.Args, "--seed", strconv.FormatUint(s.Seed, 10))
	}
	if s.Chord == "" {
		bin, err := os.MkdirTemp(s.parent, "chord-build-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(bin)
		s.Chord = filepath.Join(bin, "chord")
		_, file, _, _ := runtime.Caller(0)
		c := exec.Command("go", "build", "-o", s.Chord, "./cmd/chord")
		c.Dir, c.Stdout, c.Stderr = filepath.Join(filepath.Dir(file), "../.."), os.Stderr, os.Stderr
		if err := c.Run(); err != nil {
			return 1, fmt.Errorf("build chord: %w", err)
		}
		os.Args = append(os.Args, "--chord", s.Chord)
	}
	fmt.Fprintf(os.Stderr, "seed %d\n", s.Seed)
	return nemesis.Confine(s.parent, func(code int) bool { return s.keep || code == 1 })
}

// inside is the run itself. The first SIGINT ends the load, the second all.
func (s settings) inside(dir string) (int, error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if term.IsTerminal(int(os.Stderr.Fd())) {
		s.Progress = os.Stderr
	}
	r, err := nemesis.Run(ctx, dir, s.Options)
	if err != nil {
		return 1, err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "report.json"), b, 0o600)
	}
	if s.output == "json" {
		os.Stdout.Write(append(b, '\n'))
	} else {
		r.Print(os.Stdout)
	}
	if len(r.Violations) > 0 {
		fmt.Fprintf(os.Stderr, "history, report and logs are kept in %s\n", dir)
		return 1, err
	}
	return 0, err
}
