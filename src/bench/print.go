package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// String returns the result as a few lines for people.
func (r Result) String() string {
	var b strings.Builder
	loop := "each as soon as the one before is answered"
	if r.Rate > 0 {
		loop = fmt.Sprintf("%.4g a second", r.Rate)
	}
	fmt.Fprintf(&b, "%s: %d clients, %s; %d keys, values of %d bytes; %.1f s\n\n", r.Work, r.Clients, loop, r.Keys, r.ValueSize, r.Seconds)
	write, read := "insert", "retrieve"
	if r.Single {
		write, read = "put", "get"
	}
	fmt.Fprintf(&b, "%.0f operations a second, %d in all\n\n", r.Throughput, r.Operations)
	t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tcount\tmean\tp50\tp90\tp99\tp99.9\tmax\t")
	for _, row := range []struct {
		name string
		*Latency
	}{{write, r.Writes}, {read, r.Reads}} {
		if l := row.Latency; l != nil {
			fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f ms\t\n", row.name, l.Count, l.Mean, l.P50, l.P90, l.P99, l.P999, l.Max)
		}
	}
	t.Flush()
	if r.Unsent > 0 {
		fmt.Fprintf(&b, "\n%d operations were due and never sent: the ring did not keep up, and the latencies are those of the others\n", r.Unsent)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Errors)) {
		fmt.Fprintf(&b, "\n%d × %s, such as: %s\n", r.Errors[kind].Count, kind, r.Errors[kind].Example)
	}
	if r.Verified > 0 {
		fmt.Fprintf(&b, "\n%d acknowledged %ss were read back, %d were missing\n", r.Verified, write, r.Lost)
	}
	return b.String()
}
