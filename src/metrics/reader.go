package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
)

// reader is the collector of what is read when somebody asks.
type reader struct {
	metrics *Metrics
	rows    []Metric
	descs   []*prometheus.Desc
}

func newReader(m *Metrics) *reader {
	r := &reader{metrics: m}
	for _, row := range table {
		if row.read != nil {
			r.rows = append(r.rows, row)
			r.descs = append(r.descs, prometheus.NewDesc(row.Name, row.Help, row.Labels, nil))
		}
	}
	return r
}

// Describe is of [prometheus.Collector].
func (r *reader) Describe(to chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		to <- d
	}
}

// Collect is of [prometheus.Collector].
func (r *reader) Collect(to chan<- prometheus.Metric) {
	s := r.metrics.snapshot()
	if s == nil {
		return
	}
	for i, row := range r.rows {
		kind := prometheus.GaugeValue
		if row.Type == Counter {
			kind = prometheus.CounterValue
		}
		row.read(s, func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(r.descs[i], kind, value, labels...)
		})
	}
}

// snapshot reads from the source, and is nil where there is none.
func (m *Metrics) snapshot() *snapshot {
	from := m.source.Load()
	if from == nil {
		return nil
	}
	s := &snapshot{
		Metrics: m, status: call(from.Status), activity: call(from.Activity), store: call(from.Store),
		server: call(from.Server), outgoing: call(from.Dialer), expiry: map[string]float64{},
		http: call(from.HTTP), redis: call(from.Redis), strangers: call(from.Strangers),
	}
	for name, t := range call(from.Expiry) {
		s.expiry[name] = at(t)
	}
	return s
}

func call[T any](f func() T) (v T) {
	if f == nil {
		return v
	}
	return f()
}
