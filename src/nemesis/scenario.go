package nemesis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chord/nemesis/history"
	"chord/node"
)

// scenario is a run whose figures people ask for: faults in a given order, each
// once the ring has settled after the one before.
type scenario struct {
	about   string
	nodes   int
	sockets bool // are held as systemd holds them
	steps   []Step
}

// warmUp is how long clients work before the first fault of a scenario, and
// after the last.
const warmUp = 10 * time.Second

var scenarios = map[string]scenario{
	"lostdisk":  {about: "one of three nodes loses its disk", nodes: 3, steps: []Step{{Fault: "lostdisk", Victims: []int{2}}}},
	"tworeturn": {about: "two of five nodes are killed at once and come back", nodes: 5, steps: []Step{{Fault: "kill", Victims: []int{2, 4}, Length: 20 * time.Second}}},
	"split":     {about: "three of five nodes do not reach the other two for a minute", nodes: 5, steps: []Step{{Fault: "partition", Victims: []int{2, 4}, Length: time.Minute}}},
	"restart": {about: "each of three nodes is stopped and started behind its socket, twice", nodes: 3, sockets: true, steps: []Step{
		{Fault: "stop", Victims: []int{1}}, {Fault: "stop", Victims: []int{2}}, {Fault: "stop", Victims: []int{3}},
		{Fault: "stop", Victims: []int{1}}, {Fault: "stop", Victims: []int{2}}, {Fault: "stop", Victims: []int{3}},
	}},
}

// Scenarios returns their names, and what they are.
func Scenarios() (names []string, about map[string]string) {
	about = make(map[string]string)
	for name, s := range scenarios {
		about[name] = s.about
	}
	return slices.Sorted(maps.Keys(scenarios)), about
}

// play carries out a scenario and notes its figures.
func (d *driver) play(ctx context.Context, s scenario) {
	sleep(ctx, warmUp)
	for _, step := range s.steps {
		if ctx.Err() != nil {
			return
		}
		before := d.fetched(ctx)
		step.At = d.log.Now()
		d.step(ctx, step)
		e := d.events[len(d.events)-1]
		mended := "not within " + convergence.String()
		if d.mended(context.WithoutCancel(ctx), time.Now()) == nil {
			mended = (d.log.Now() - e.Ended).Round(time.Millisecond).String()
		}
		bytes := int64(0)
		for host, n := range d.fetched(ctx) {
			if bytes += n; n >= before[host] { // else it is another process
				bytes -= before[host]
			}
		}
		d.figures = append(d.figures, fmt.Sprintf("%s %v: undone after %v; every copy filled and compared anew %s later; %.1f MiB fetched; %s",
			e.Fault, e.Victims, (e.Ended-e.Began).Round(time.Millisecond), mended, float64(bytes)/(1<<20), d.between(e.Began, d.log.Now())))
	}
	sleep(ctx, warmUp)
	for _, h := range d.all() {
		if n := h.logged(`msg="a member is down"`); n > 0 {
			d.figures = append(d.figures, fmt.Sprintf("%s declared members down %d times", h.name(), n))
		}
	}
}

// fetched returns how many bytes each node has fetched from others since its
// start.
func (d *driver) fetched(ctx context.Context) map[int]int64 {
	all := make(map[int]int64)
	for _, h := range d.all() {
		if s, err := d.status(ctx, h); err == nil {
			all[h.number] = int64(s.Repair.Bytes)
		}
	}
	return all
}

// mended waits until every node has what it should have, and has compared all of
// it with another since a time.
func (d *driver) mended(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, convergence)
	defer cancel()
	for done := false; !done; {
		done = true
		for _, h := range d.all() {
			s, err := d.status(ctx, h)
			done = done && err == nil && s.Buckets.Wanted+s.Buckets.Moving == 0 && s.Repair.Round.After(since)
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func (d *driver) status(ctx context.Context, h *host) (node.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return d.clients.node(h.number).Status(ctx)
}

// between says what became of the operations that ended in a stretch of time.
func (d *driver) between(from, to time.Duration) string {
	var ops []history.Op
	longest := time.Duration(0)
	for _, o := range d.log.Ops() {
		if from <= o.Return && o.Return <= to {
			ops = append(ops, o)
			longest = max(longest, o.Return-o.Call)
		}
	}
	done, unknown, failed := tally(ops)
	return fmt.Sprintf("%d operations done meanwhile, %d unknown, %d failed, the longest took %v", done, unknown, failed, longest.Round(time.Millisecond))
}
