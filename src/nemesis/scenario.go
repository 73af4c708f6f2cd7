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
	brief   bool // nobody misses anything that is worth a wait
	steps   []Step
}

// warmUp is how long clients work before the first fault of a scenario, and
// after the last.
const warmUp = 10 * time.Second

var scenarios = map[string]scenario{
	"lostdisk":  {about: "one of three nodes loses its disk", nodes: 3, steps: []Step{{Fault: "lostdisk", Victims: []int{2}}}},
	"tworeturn": {about: "two of five nodes are killed at once and come back", nodes: 5, steps: []Step{{Fault: "kill", Victims: []int{2, 4}, Length: 20 * time.Second}}},
	"split":     {about: "three of five nodes do not reach the other two for a minute", nodes: 5, steps: []Step{{Fault: "partition", Victims: []int{2, 4}, Length: time.Minute}}},
	"restart": {about: "each of three nodes is stopped and started behind its socket, twice", nodes: 3, sockets: true, brief: true, steps: []Step{
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
		if s.brief {
			sleep(ctx, time.Second)
		} else {
			d.figures = append(d.figures, d.mend(ctx, e))
		}
		bytes := int64(0)
		for host, n := range d.fetched(ctx) {
			if bytes += n; n >= before[host] { // else it is another process
				bytes -= before[host]
			}
		}
		d.figures = append(d.figures, fmt.Sprintf("%s %v: all there again after %v; %.1f MiB fetched by all; %s",
			e.Fault, e.Victims, (e.Ended-e.Began).Round(time.Millisecond), float64(bytes)/(1<<20), d.between(e.Began, d.log.Now())))
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

// mend waits until every node has what it should have, then until the victims,
// which may have missed something, have compared all of it with the others, and
// says how long both took.
func (d *driver) mend(ctx context.Context, e *Event) string {
	healed := d.log.At(e.Undone)
	filled := d.when(ctx, d.all(), func(s node.Status) bool { return s.Buckets.Wanted+s.Buckets.Moving == 0 && len(s.Members) >= d.o.Nodes })
	var victims []*host
	for _, v := range e.Victims {
		victims = append(victims, d.host(v))
	}
	round := d.when(ctx, victims, func(s node.Status) bool { return s.Repair.Round.After(healed) })
	return fmt.Sprintf("%s %v: every copy was filled %s after it was undone, the victims' compared with the others %s after that", e.Fault, e.Victims, filled, round)
}

// when waits until something holds of nodes, and says how long it took.
func (d *driver) when(ctx context.Context, hosts []*host, holds func(node.Status) bool) string {
	began := time.Now()
	for all := false; !all; {
		all = true
		for _, h := range hosts {
			s, err := d.status(ctx, h)
			all = all && err == nil && holds(s)
		}
		if time.Since(began) > convergence || sleep(ctx, 100*time.Millisecond) != nil {
			return "not within " + time.Since(began).Round(time.Second).String()
		}
	}
	return time.Since(began).Round(time.Millisecond).String()
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
