package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"chord/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers: error:", err)
		os.Exit(1)
	}
}

// settings are the command line.
type settings struct {
	bench.Options
	rounds      int
	chord, data string
	only        string
}

func parse() (s settings) {
	flag.IntVar(&s.Clients, "clients", 64, "operations at once")
	flag.DurationVar(&s.Duration, "duration", 5*time.Second, "time to measure each work, of each store, in each round")
	flag.DurationVar(&s.WarmUp, "warm-up", time.Second, "time of the same work before")
	flag.IntVar(&s.ValueSize, "value-size", 100, "bytes of a value")
	flag.IntVar(&s.Keys, "keys", 5000, "number of different keys")
	flag.IntVar(&s.rounds, "rounds", 3, "how often all are measured")
	flag.StringVar(&s.chord, "chord", "chord", "the program to compare")
	flag.StringVar(&s.data, "data", ".", "directory below which the databases are; not in memory")
	flag.StringVar(&s.only, "only", "", "names of stores, with commas between them; all unless given")
	flag.Parse()
	return s
}

func run() error {
	s := parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	data, err := filepath.Abs(s.data)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(data, "peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	there := present(s)
	if len(there) == 0 {
		return errors.New("nothing is there to be measured")
	}
	// Whatever hangs, it ends: each store has its works, the loading and a minute.
	limit := time.Duration(s.rounds*len(there)) * (2*(s.Duration+s.WarmUp) + time.Minute)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var figures figures
	for round := range s.rounds {
		for _, store := range there {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, s.rounds, store.name)
			if err := measure(ctx, s, store, dir, &figures); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				fmt.Printf("round %d  %-12s failed: %v\n", round+1, store.name, err)
			}
		}
	}
	figures.print(os.Stdout)
	return nil
}

// present returns the stores whose programs are there, and says of the others
// how to get them.
func present(s settings) (there []store) {
	for _, st := range stores(s) {
		if s.only != "" && !slices.Contains(strings.Split(s.only, ","), st.name) {
			continue
		}
		missing := ""
		if _, err := exec.LookPath(st.program); err != nil {
			missing = fmt.Sprintf("%s is not installed; %s", st.program, st.remedy)
		} else if st.exposed && !loopbackOnly() {
			missing = st.program + " listens on all addresses; it is measured only where there is none but loopback, as in `unshare --net`"
		}
		if missing != "" {
			fmt.Printf("%-12s left out: %s\n", st.name, missing)
			continue
		}
		fmt.Printf("%-12s %s\n", st.name, st.promise)
		there = append(there, st)
	}
	return there
}

// measure starts a store, lets it work, and ends it.
func measure(ctx context.Context, s settings, st store, dir string, f *figures) error {
	home, err := os.MkdirTemp(dir, st.name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	var t toClose
	defer t.close()
	clients, err := st.start(ctx, home, &t)
	if err != nil {
		return err
	}
	works := []bench.Work{bench.Insert, bench.Retrieve}
	if st.reads {
		works = works[1:]
	}
	for _, work := range works {
		o := s.Options
		o.Work = work
		result, err := bench.Run(ctx, o, clients)
		if err != nil {
			return fmt.Errorf("%s: %w", work, err)
		}
		f.add(st.name, result)
	}
	return nil
}
