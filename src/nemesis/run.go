package nemesis

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"chord/nemesis/history"
)

// Options says what to do to which ring.
type Options struct {
	Chord     string   // the program
	Flags     []string // more flags of chord server
	Nodes     int
	For       time.Duration
	Seed      uint64
	Faults    []string
	Workloads []string
	Workers   int
	Rate      int // operations a second of all workers, 0 for as many as they can
	OpTimeout time.Duration
	// Copies is on how many nodes each key should lie, at most as many as there are.
	Copies   int
	DiskSize int64
	// Kills and PowerCuts, where not 0, take the place of the schedule: so many of
	// the one or the other, one after the other.
	Kills, PowerCuts int
	// Scenario, where not empty, takes the place of the schedule and says how many
	// nodes there are; see [Scenarios].
	Scenario string
	// Sockets: the nodes' sockets are there before them and outlive them, as those
	// that systemd holds.
	Sockets bool
	// NoSync is the negative control: nodes do not sync, and every power cut is one
	// of all hosts. Acknowledged data is lost then, and has to be found missing.
	NoSync bool
	// Progress gets a line a second, where it is not nil.
	Progress io.Writer
}

// Run does as [Options] say, in dir, and reports. It must run confined; see
// [Confine]. Where ctx is done early the load ends, and what happened until then
// is judged.
func Run(ctx context.Context, dir string, o Options) (Report, error) {
	if err := settleIn(); err != nil {
		return Report{}, err
	}
	if s, ok := scenarios[o.Scenario]; ok {
		o.Nodes, o.Sockets = s.nodes, o.Sockets || s.sockets
	}
	out, err := os.Create(filepath.Join(dir, "history.jsonl"))
	if err != nil {
		return Report{}, fmt.Errorf("nemesis: %w", err)
	}
	defer out.Close()
	log := history.NewLog(out)
	after := context.WithoutCancel(ctx)
	r, err := newRing(after, dir, o, log)
	defer r.end()
	if err != nil {
		return Report{}, err
	}
	for _, name := range o.Workloads {
		r.clients.workloads = append(r.clients.workloads, newWorkload(name))
	}
	d := &driver{ring: r, log: log, down: make(map[int]int)}
	r.clients.avoid = d.avoid
	if !slowPossible() {
		d.o.Faults = slices.DeleteFunc(slices.Clone(o.Faults), func(name string) bool { return name == "slow" })
	}
	if err := d.settle(after, time.Minute); err != nil {
		return Report{}, err
	}
	for _, h := range r.all() {
		if err := h.sync(); err != nil {
			return Report{}, err
		}
	}
	began := log.Now()
	d.load(ctx)
	loaded := log.Now() - began
	finish := d.finish(after)
	if err := log.Flush(); err != nil {
		return Report{}, fmt.Errorf("nemesis: %w", err)
	}
	return d.report(loaded, finish), nil
}

// load lets the workers work while things happen.
func (d *driver) load(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	working, stopWorkers := context.WithCancel(ctx)
	var pause time.Duration
	if d.o.Rate > 0 {
		pause = time.Second * time.Duration(d.o.Workers) / time.Duration(d.o.Rate)
	}
	var workers sync.WaitGroup
	for i := range d.o.Workers {
		workers.Go(func() { d.clients.work(working, i, d.o.Seed, pause) })
	}
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		d.show(working)
	}()
	r := rand.New(rand.NewPCG(d.o.Seed, 2))
	switch {
	case d.o.Scenario != "":
		d.play(ctx, scenarios[d.o.Scenario])
	case d.o.Kills > 0:
		d.kills(ctx, d.o.Kills, r)
	case d.o.PowerCuts > 0:
		d.powerCuts(ctx, d.o.PowerCuts, r)
	default:
		until, end := context.WithTimeout(ctx, d.o.For)
		d.follow(until, schedule(d.o.Seed, d.o.Nodes, d.o.Faults, d.o.For))
		<-until.Done()
		end()
	}
	sleep(ctx, time.Second) // what succeeds after the last fault belongs to it
	stopWorkers()
	workers.Wait()
	<-shown
}

// finished is what was found after the load.
type finished struct {
	up       error // where not every node serves again
	took     time.Duration
	differ   []history.Violation
	copyErr  error
	ended    []string
	complain []string
}

// finish heals everything and reads all.
func (d *driver) finish(ctx context.Context) (f finished) {
	f.up = d.everythingUp(ctx)
	f.up = firstError(f.up, d.settle(ctx, 2*time.Minute), d.readAll(ctx, d.log))
	f.took, f.differ, f.copyErr = d.converge(ctx)
	for _, h := range d.all() {
		f.complain = append(f.complain, h.complaints()...)
	}
	d.ring.mu.Lock()
	f.ended = slices.Clone(d.ended)
	d.ring.mu.Unlock()
	return f
}

// show prints how it goes, a line a second.
func (d *driver) show(ctx context.Context) {
	if d.o.Progress == nil {
		return
	}
	defer fmt.Fprintln(d.o.Progress)
	for sleep(ctx, time.Second) == nil {
		ops := d.log.Ops()
		done, unknown, refused := tally(ops)
		d.mu.Lock()
		last := "no fault yet"
		if n := len(d.events); n > 0 {
			last = fmt.Sprintf("%d faults, the last %s of %v", n, d.events[n-1].Fault, d.events[n-1].Victims)
		}
		d.mu.Unlock()
		fmt.Fprintf(d.o.Progress, "\r\033[K%v: %d done, %d unknown, %d failed; %s", d.log.Now().Round(time.Second), done, unknown, refused, last)
	}
}

func tally(ops []history.Op) (done, unknown, refused int) {
	for i := range ops {
		switch ops[i].Outcome {
		case history.Done:
			done++
		case history.Unknown:
			unknown++
		default:
			refused++
		}
	}
	return done, unknown, refused
}
