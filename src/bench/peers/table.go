package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"

	"chord/bench"
)

// subject is a store at a work.
type subject struct {
	store string
	work  bench.Work
}

// figures are the results of all rounds.
type figures struct {
	order   []subject
	results map[subject][]bench.Result
}

func (f *figures) add(store string, r bench.Result) {
	s := subject{store, r.Work}
	if f.results == nil {
		f.results = map[subject][]bench.Result{}
	}
	if f.results[s] == nil {
		f.order = append(f.order, s)
	}
	f.results[s] = append(f.results[s], r)
}

// comparison is a ratio of throughputs that we want.
type comparison struct {
	work        bench.Work
	ours, peer  string
	least, goal float64 // no goal: the least is it
}

var comparisons = []comparison{
	{bench.Insert, "chord-3", "etcd-3", 3, 8},
	{bench.Insert, "chord-1", "redis", 0.5, 1},
	{bench.Retrieve, "chord-3", "etcd-3", 3, 0},
	{bench.Retrieve, "chord-3-one", "etcd-3-ser", 3, 0},
	{bench.Retrieve, "chord-3", "redis", 0.3, 0.8},
	{bench.Insert, "chord-4", "dht-4", 20, 0},
	{bench.Retrieve, "chord-4", "dht-4", 20, 0},
}

func (f *figures) print(w io.Writer) {
	fmt.Fprintf(w, "\nMedians of the rounds:\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\twork\toperations/s\tleast\tmost\tp50 ms\tp99 ms\tfailed\t")
	for _, s := range f.order {
		rate := f.column(s, throughput)
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.0f\t\n", s.store, s.work, median(rate), slices.Min(rate), slices.Max(rate),
			median(f.column(s, func(r bench.Result) float64 { return latency(r).P50 })),
			median(f.column(s, func(r bench.Result) float64 { return latency(r).P99 })),
			median(f.column(s, func(r bench.Result) float64 { return float64(r.Failed) })))
	}
	t.Flush()
	fmt.Fprintf(w, "\nRatios of the medians:\n")
	for _, c := range comparisons {
		if line, ok := f.compare(c); ok {
			fmt.Fprintln(w, line)
		}
	}
	fmt.Fprintf(w, `
Clients, stores and whatever else runs share the %d processors of this machine
and its disk: the ratios mean more than the figures, and those far from each
other in the rounds mean little. redis has a connection for each client, chord
and etcd one for each node. How safe an answered insert is differs, see above.
`, runtime.NumCPU())
}

// compare returns a line on a ratio, if both were measured.
func (f *figures) compare(c comparison) (line string, ok bool) {
	ours, peer := f.column(subject{c.ours, c.work}, throughput), f.column(subject{c.peer, c.work}, throughput)
	if len(ours) == 0 || len(peer) == 0 || median(peer) == 0 {
		return "", false
	}
	ratio, verdict := median(ours)/median(peer), "short of it"
	want := fmt.Sprintf("at least %v", c.least)
	if c.goal > 0 {
		want += fmt.Sprintf(", aim %v", c.goal)
	}
	switch {
	case ratio >= max(c.goal, c.least):
		verdict = "met"
	case ratio >= c.least:
		verdict = "the least is met"
	}
	return fmt.Sprintf("  %-8s  %11s : %-10s  %6.2f  (%s: %s)", c.work, c.ours, c.peer, ratio, want, verdict), true
}

func (f *figures) column(s subject, value func(bench.Result) float64) (column []float64) {
	for _, r := range f.results[s] {
		column = append(column, value(r))
	}
	return column
}

func throughput(r bench.Result) float64 { return r.Throughput }

func latency(r bench.Result) bench.Latency {
	for _, l := range []*bench.Latency{r.Writes, r.Reads} {
		if l != nil {
			return *l
		}
	}
	return bench.Latency{}
}

// median is zero of nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
