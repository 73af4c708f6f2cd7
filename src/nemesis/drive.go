package nemesis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"chord/nemesis/history"
)

// Event is a step that happened.
type Event struct {
	Step
	// Began is when it was there, Undone when it was to be undone, Ended when it had
	// been and the hosts served again, Settled when every node had what it should
	// have.
	Began, Undone, Ended, Settled time.Duration
	Err                           string `json:",omitempty"`
}

// driver makes steps happen and remembers when.
type driver struct {
	*ring
	log *history.Log

	mu      sync.Mutex
	events  []*Event
	down    map[int]int // by host, how many steps it is a victim of
	figures []string    // of a scenario
}

// grace is how long after a cut was healed the nodes may take to see it.
const grace = 3 * time.Second

// follow carries out a schedule. Each step waits for those that it cannot happen
// together with: to undo one may take longer than was planned.
func (d *driver) follow(ctx context.Context, steps []Step) {
	var happening []Step
	over := make(chan Step, len(steps))
	start := d.log.Now()
	for _, s := range steps {
		if sleep(ctx, start+s.At-d.log.Now()) != nil {
			break
		}
		for slices.ContainsFunc(happening, func(o Step) bool { return !together(o, s) }) {
			happening = without(happening, <-over)
		}
		if ctx.Err() != nil {
			break
		}
		if faults[s.Fault].alone {
			d.settle(ctx, time.Minute)
		}
		happening = append(happening, s)
		go func() {
			d.step(ctx, s)
			over <- s
		}()
	}
	for len(happening) > 0 {
		happening = without(happening, <-over)
	}
}

// without leaves a step out; no two begin at the same time.
func without(steps []Step, s Step) []Step {
	return slices.DeleteFunc(steps, func(o Step) bool { return o.At == s.At })
}

// step makes one fault happen, and ends it even if ctx is done.
func (d *driver) step(ctx context.Context, s Step) {
	f := faults[s.Fault]
	after := context.WithoutCancel(ctx)
	e := &Event{Step: s, Began: d.log.Now()}
	d.mu.Lock()
	d.events = append(d.events, e)
	d.mu.Unlock()
	d.mark(s, 1)
	end, err := f.begin(after, d.ring, s)
	if end != nil {
		sleep(ctx, s.Length)
		e.Undone = d.log.Now()
		err = firstError(err, end())
	}
	d.mark(s, -1)
	e.Ended = d.log.Now()
	if f.changes {
		err = firstError(err, d.settle(after, 2*time.Minute))
	}
	e.Settled = d.log.Now()
	if err != nil {
		e.Err = err.Error()
	}
}

// mark notes that workers should mostly avoid the victims.
func (d *driver) mark(s Step, by int) {
	if faults[s.Fault].partitions || s.Fault == "full" || s.Fault == "slow" || s.Fault == "join" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range s.Victims {
		d.down[v] += by
	}
}

func (d *driver) avoid(host int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.down[host] > 0
}

// settle waits until every node that runs says that it has what it should have.
func (d *driver) settle(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nemesis: not settled after %v", patience))
	defer cancel()
	for quiet := 0; quiet < 3; {
		quiet++
		for _, h := range d.all() {
			if !h.running() {
				continue
			}
			s, err := d.status(ctx, h)
			if h.running() && (err != nil || s.Ready.IsZero() || s.Buckets.Wanted+s.Buckets.Moving > 0) {
				quiet = 0
			}
		}
		if sleep(ctx, 300*time.Millisecond) != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// kills ends one node after the other, each as soon as the one before serves
// again.
func (d *driver) kills(ctx context.Context, n int, r *rand.Rand) {
	for i := 0; i < n && ctx.Err() == nil; i++ {
		h := d.host(1 + r.IntN(d.o.Nodes))
		d.step(ctx, Step{At: d.log.Now(), Fault: "kill", Victims: []int{h.number}})
	}
}

// powerCuts takes the power from one host, some or all, again and again.
func (d *driver) powerCuts(ctx context.Context, n int, r *rand.Rand) {
	for i := 0; i < n && ctx.Err() == nil; i++ {
		sleep(ctx, between(r, 200*time.Millisecond, time.Second))
		victims := r.Perm(d.o.Nodes)
		for i := range victims {
			victims[i]++
		}
		if d.o.NoSync {
			sleep(ctx, 2*time.Second) // so that there is something to lose
		} else if r.IntN(2) == 0 {
			victims = victims[:1+r.IntN(len(victims))]
		}
		slices.Sort(victims)
		d.step(ctx, Step{At: d.log.Now(), Fault: "powercut", Victims: victims})
	}
}

// changes returns when groups changed.
func (d *driver) changes() (all []history.Window) {
	for _, e := range d.events {
		if faults[e.Fault].changes {
			all = append(all, history.Window{From: e.Began, To: e.Settled + grace})
		}
	}
	return all
}
