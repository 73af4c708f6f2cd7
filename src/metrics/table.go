package metrics

import (
	"slices"

	"chord/dashboard"
	"chord/gateway"
	"chord/node"
	"chord/store"
	"chord/wire"
)

// Type is the type of a metric, as Prometheus names it.
type Type string

// The types in use.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Metric is a row of the table.
type Metric struct {
	Name   string
	Type   Type
	Unit   string // of the value, in words; empty where it only says yes (1) or no (0)
	Labels []string
	Help   string
	group  string
	// read gives the samples of a snapshot; nil for a histogram.
	read func(*snapshot, emit)
	// bounds are the upper ones of a histogram's buckets.
	bounds []float64
}

// emit takes one sample, with a value for each label.
type emit func(value float64, labels ...string)

// snapshot is what a scrape sees: all of one moment, or nearly.
type snapshot struct {
	*Metrics
	status    node.Status
	activity  node.Activity
	store     store.Stats
	server    wire.Stats
	outgoing  wire.Outgoing
	http      dashboard.Stats
	redis     gateway.Stats
	expiry    map[string]float64
	strangers map[string]uint64
}

// table is all there is, in the order of the manual.
var table = slices.Concat(nodeTable, operationTable, ringTable, copyTable, repairTable, storeTable, wireTable, portTable, tlsTable)

// Table returns all metrics of the program in the order of the manual. Those of
// the Go runtime (go_…) and of the process (process_…) are not among them.
func Table() []Metric { return slices.Clone(table) }

func in(group string, rows ...Metric) []Metric {
	for i := range rows {
		rows[i].group = group
	}
	return rows
}

// one reads a single sample.
func one[T int | int64 | uint64 | float64](value func(*snapshot) T) func(*snapshot, emit) {
	return func(s *snapshot, e emit) { e(float64(value(s))) }
}

// yes reads a single sample, 1 or 0.
func yes(value func(*snapshot) bool) func(*snapshot, emit) {
	return func(s *snapshot, e emit) { e(truth(value(s))) }
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
