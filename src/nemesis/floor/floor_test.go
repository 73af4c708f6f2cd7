package floor

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/nemesis/history"
	"chord/node"
	"chord/node/nodetest"
)

var (
	seeds = flag.Int("floor.seeds", usual, "how many `seeds` to run")
	first = flag.Uint64("floor.first", 1, "the first `seed`")
	only  = flag.Int64("floor.seed", -1, "run this `seed` alone and print its events")
)

// total is what the runs of a test did.
type total struct {
	mu                     sync.Mutex
	ops, acknowledged      int
	unknown, refused       int
	judged, excused, undec int
	faults                 map[string]int
	errors                 map[string]int
	virtual                time.Duration
}

func newTotal() *total { return &total{faults: map[string]int{}, errors: map[string]int{}} }

func (s *total) add(w *world, ops []history.Op, r history.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ops += len(ops)
	for _, o := range ops {
		writes := o.Kind.Writes() || o.Kind == deletes
		switch {
		case o.Outcome == history.Unknown:
			s.unknown++
		case o.Outcome == history.Refused:
			s.refused++
		case writes:
			s.acknowledged++
		}
		if o.Error != "" {
			s.errors[o.Error]++
		}
	}
	for f, n := range w.faults {
		s.faults[f] += n
	}
	s.judged += r.Reads
	s.excused += r.Excused
	s.undec += r.Undecided
}

func (s *total) String() string {
	var faults []string
	for _, f := range slices.Sorted(maps.Keys(s.faults)) {
		faults = append(faults, fmt.Sprint(s.faults[f], " ", f))
	}
	var kinds []string
	for _, f := range slices.Sorted(maps.Keys(s.errors)) {
		kinds = append(kinds, fmt.Sprint(s.errors[f], " ", f))
	}
	return fmt.Sprintf("%d operations, %d writes acknowledged, %d unknown, %d refused; %d reads judged, %d of them excused, %d registers undecided; %v of virtual time\nfaults: %s\nerrors: %s",
		s.ops, s.acknowledged, s.unknown, s.refused, s.judged, s.excused, s.undec, s.virtual.Round(time.Second), strings.Join(faults, ", "), strings.Join(kinds, ", "))
}

func TestSeeds(t *testing.T) {
	s := newTotal()
	t.Run("seeds", func(t *testing.T) {
		from, to := *first, *first+uint64(*seeds)
		if *only >= 0 {
			from, to = uint64(*only), uint64(*only)+1
		}
		play := func(p plan, replay string) {
			t.Run(fmt.Sprint(p.seed), func(t *testing.T) {
				t.Parallel()
				w, found := run(t, p, s)
				if len(found) > 0 || *only >= 0 {
					t.Log(tell(w, found))
				}
				if len(found) > 0 {
					t.Errorf("%d violations; replay: go test ./nemesis/floor -v %s", len(found), replay)
				}
			})
		}
		for seed := from; seed < to; seed++ {
			play(draw(seed), fmt.Sprint("-floor.seed=", seed))
		}
		if *only < 0 {
			for _, p := range formerly {
				play(p, fmt.Sprintf("-run 'TestSeeds/seeds/%d$'", p.seed))
			}
		}
	})
	t.Log(s)
}

// tell returns the events of a run and what was found.
func tell(w *world, found []history.Violation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d nodes, wire %v, jitter %v\n", w.plan.nodes, w.plan.wire, w.plan.jitter)
	for _, e := range w.events {
		fmt.Fprintln(&b, e)
	}
	for i, v := range found {
		if i == 12 {
			fmt.Fprintln(&b, "and", len(found)-i, "more")
			break
		}
		fmt.Fprintf(&b, "%s: %q v%d: %s\n", v.Fault, v.Key, v.Value, v.Text)
		for _, o := range v.History[:min(len(v.History), 24)] {
			fmt.Fprintf(&b, "    %v %s\n", o, o.Text)
		}
	}
	return b.String()
}

// run carries out a plan and returns what it broke.
func run(t *testing.T, p plan, s *total) (w *world, found []history.Violation) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w = newWorld(t, p)
		w.play()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.virtual += time.Since(began)
	})
	return w, w.judge(s)
}

// play is the whole run, in virtual time.
func (w *world) play() {
	defer func() {
		w.endAll()
		for _, h := range w.running() {
			w.down(h, false)
		}
		w.air.late.Wait()
	}()
	if !w.calm() {
		return
	}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range w.plan.clients {
		c := &client{w: w, id: i, rng: rand.New(rand.NewPCG(w.plan.seed, uint64(10+i))), mine: map[string][]history.ID{}}
		clients.Go(func() { c.run(stop) })
	}
	for _, s := range w.plan.steps {
		w.carryOut(s)
	}
	w.pass(3 * time.Second)
	w.endAll()
	w.pass(time.Second)
	close(stop)
	clients.Wait()
	if w.calm() {
		w.readAll()
	}
}

// readAll reads every key at every node.
func (w *world) readAll() {
	for i, h := range w.hosts {
		if h.run == nil {
			continue
		}
		for _, key := range slices.Compact(slices.Clone(keys)) {
			o := history.Op{ID: w.log.Next(), Worker: -1, Node: i, Key: key, Kind: history.Retrieve, Final: true}
			if strings.HasPrefix(key, "reg") {
				o.Kind = history.Get
			}
			for range 10 {
				o.Call = w.now()
				ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
				at := i
				r, err := w.operate(ctx, &at, node.Op{Kind: opKinds[o.Kind], Key: []byte(key)})
				cancel()
				o.Return, o.Outcome = w.now(), history.Done
				if err == nil {
					see(&o, r.Values)
					break
				}
				o.Outcome, o.Error, o.Text = history.Refused, node.KindOf(err).String(), err.Error()
				time.Sleep(time.Second) // in virtual time: whole, and not answering
			}
			if o.Outcome != history.Done {
				w.broken(history.Unreadable, "%q at %s: %s", key, h.name, o.Text)
			}
			w.log.Add(o)
		}
	}
}

// mixed reports whether a key has a workload that only [checkFinal] knows.
func mixed(key string) bool { return strings.HasPrefix(key, "mix") }

func (w *world) judge(s *total) []history.Violation {
	ops := w.log.Ops()
	known := slices.DeleteFunc(slices.Clone(ops), func(o history.Op) bool { return mixed(o.Key) })
	r := history.Check(history.Input{Ops: known, Changing: w.change, Patience: time.Second})
	found := append(slices.Clone(w.violations), r.Broken()...)
	found = append(found, checkFinal(ops, w.change)...)
	found = append(found, checkOrder(known, w.change)...)
	found = append(found, checkSettled(known, w.settled)...)
	s.add(w, ops, r)
	return found
}

// prepare makes the template of a ring of that size.
func prepare(t *testing.T, nodes int) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range nodetest.WholeWith(t, nodes, func(*nodetest.Options) {}).Nodes {
			n.Crash()
		}
	})
}
