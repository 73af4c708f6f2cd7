package nemesis

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"chord/nemesis/history"
)

// Report is what came of a run.
type Report struct {
	Seed             uint64
	Nodes            int
	Took             time.Duration // of the load
	Operations, Done int
	Acknowledged     int // writes
	Unknown, Failed  int
	Errors           map[string]int // by kind
	Faults           map[string]int // by name
	Kills, PowerCuts int            // of processes and hosts
	Events           []Event
	// Outage is how long after a fault had begun operations failed through nodes
	// that it had not hit, where it hit less than half of them; Recovery how long
	// after it was undone operations failed through any. Never counts those after
	// which there was no calm second before the next fault.
	Outage, Recovery Times
	Converged        time.Duration // after the load
	Figures          []string      `json:",omitempty"` // of a scenario
	// Ended is what processes said that ended by themselves, which they may when a
	// disk fails.
	Ended                         []string
	Keys                          int
	Reads, Excused                int // judged, and how many of them in a window
	Registers, Undecided          int
	Violations, ExcusedViolations []history.Violation
}

// Times sums up some durations.
type Times struct {
	Count, Never     int
	Median, P90, Max time.Duration
}

func sum(ds []time.Duration, never int) Times {
	t := Times{Count: len(ds), Never: never}
	if len(ds) > 0 {
		slices.Sort(ds)
		t.Median, t.P90, t.Max = ds[len(ds)/2], ds[len(ds)*9/10], ds[len(ds)-1]
	}
	return t
}

// String returns the times in a line.
func (t Times) String() string {
	ms := time.Millisecond
	return fmt.Sprintf("median %v, 90 %% %v, most %v (%d times, %d never calm)", t.Median.Round(ms), t.P90.Round(ms), t.Max.Round(ms), t.Count, t.Never)
}

// patience bounds the search for the order of one register.
const patience = 10 * time.Second

// report judges the history.
func (d *driver) report(took time.Duration, f finished) Report {
	ops := d.log.Ops()
	r := Report{Seed: d.o.Seed, Nodes: d.o.Nodes, Took: took, Operations: len(ops), Errors: make(map[string]int), Faults: make(map[string]int),
		Converged: f.took, Ended: f.ended, Figures: d.figures}
	r.Done, r.Unknown, r.Failed = tally(ops)
	for i := range ops {
		if ops[i].Error != "" {
			r.Errors[ops[i].Error]++
		}
		if ops[i].Outcome == history.Done && ops[i].Kind.Writes() {
			r.Acknowledged++
		}
	}
	for _, e := range d.events {
		r.Events = append(r.Events, *e)
		r.Faults[e.Fault]++
		switch e.Fault {
		case "kill", "killall", "lostdisk":
			r.Kills += len(e.Victims)
		case "powercut", "blackout":
			r.PowerCuts += len(e.Victims)
		}
	}
	r.Outage, r.Recovery = d.outages(ops)
	for _, w := range d.clients.workloads {
		r.Keys += len(w.used())
	}
	judged := history.Check(history.Input{Ops: ops, Changing: d.changes(), Patience: patience})
	r.Reads, r.Excused, r.Registers, r.Undecided = judged.Reads, judged.Excused, judged.Registers, judged.Undecided
	all := append(judged.Violations, f.violations()...)
	for _, v := range all {
		if v.Excused {
			r.ExcusedViolations = append(r.ExcusedViolations, v)
		} else {
			r.Violations = append(r.Violations, v)
		}
	}
	return r
}

func (f finished) violations() []history.Violation {
	all := f.differ
	if f.up != nil {
		all = append(all, history.Violation{Fault: history.Unreadable, Text: "after everything was healed: " + f.up.Error()})
	}
	if f.copyErr != nil {
		all = append(all, history.Violation{Fault: history.Unreadable, Text: "what nodes hold: " + f.copyErr.Error()})
	}
	for _, line := range f.complain {
		all = append(all, history.Violation{Fault: history.Crashed, Text: line})
	}
	return all
}

// outages measures how long operations failed. The ops are in the order of
// their ends.
func (d *driver) outages(ops []history.Op) (outage, recovery Times) {
	expected := func(o history.Op) bool {
		return slices.ContainsFunc(d.events, func(e *Event) bool {
			return e.Began <= o.Return && o.Call <= e.Ended && slices.Contains(e.Victims, o.Node)
		})
	}
	var after, later []time.Duration
	neverAfter, neverLater := 0, 0
	count := func(from, until time.Duration, to *[]time.Duration, never *int) {
		if t, ok := history.Outage(ops, from, until, expected); ok {
			*to = append(*to, t)
		} else {
			*never++
		}
	}
	for i, e := range d.events {
		next := time.Duration(1<<63 - 1)
		if i+1 < len(d.events) {
			next = d.events[i+1].Began
		}
		if 2*len(e.Victims) < d.o.Nodes && e.Ended-e.Began > 2*history.Calm {
			count(e.Began, min(next, e.Ended), &after, &neverAfter)
		}
		if next > e.Ended+history.Calm {
			count(e.Ended, next, &later, &neverLater)
		}
	}
	return sum(after, neverAfter), sum(later, neverLater)
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	rate := float64(r.Operations) / max(r.Took.Seconds(), 1)
	fmt.Fprintf(w, "seed        %d, %d nodes, %v of load\n", r.Seed, r.Nodes, r.Took.Round(time.Second))
	fmt.Fprintf(w, "operations  %d (%.0f a second) on %d keys: %d writes acknowledged, %d unknown, %d failed\n", r.Operations, rate, r.Keys, r.Acknowledged, r.Unknown, r.Failed)
	fmt.Fprintf(w, "errors      %s\n", counts(r.Errors))
	fmt.Fprintf(w, "faults      %s\n", counts(r.Faults))
	fmt.Fprintf(w, "            %d processes killed, %d power cuts, %d ended by themselves\n", r.Kills, r.PowerCuts, len(r.Ended))
	fmt.Fprintf(w, "outage      after a fault began: %s\n", r.Outage)
	fmt.Fprintf(w, "            after it was undone: %s\n", r.Recovery)
	fmt.Fprintf(w, "converged   %v after the load\n", r.Converged.Round(time.Millisecond))
	fmt.Fprintf(w, "judged      %d reads of sets, %d of them while groups changed; %d registers, %d undecided\n", r.Reads, r.Excused, r.Registers, r.Undecided)
	for _, line := range r.Figures {
		fmt.Fprintf(w, "figure      %s\n", line)
	}
	for _, e := range r.Events {
		if e.Err != "" {
			fmt.Fprintf(w, "trouble     %s: %s\n", e.Step, e.Err)
		}
	}
	for _, line := range r.Ended {
		fmt.Fprintf(w, "ended       %s\n", line)
	}
	printViolations(w, "violation", r.Violations)
	printViolations(w, "excused", r.ExcusedViolations)
	fmt.Fprintf(w, "%d violations, %d excused\n", len(r.Violations), len(r.ExcusedViolations))
}

// printed is how many violations of a sort are printed; the report in JSON has
// all.
const printed = 5

func printViolations(w io.Writer, head string, vs []history.Violation) {
	seen := make(map[history.Fault]int)
	for _, v := range vs {
		if seen[v.Fault]++; seen[v.Fault] > printed {
			continue
		}
		fmt.Fprintf(w, "%-11s %s: key %s value v%d: %s\n", head, v.Fault, v.Key, v.Value, v.Text)
		for _, o := range v.History[max(0, len(v.History)-12):] {
			fmt.Fprintf(w, "              %s\n", o)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(seen)) {
		fmt.Fprintf(w, "%-11s %s: %d\n", head, f, seen[f])
	}
}

func counts(m map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
