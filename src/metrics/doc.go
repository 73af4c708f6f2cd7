// Package metrics tells monitoring what a node does: metrics for Prometheus, and
// what is made of them, a dashboard for Grafana and rules for alerts.
//
// All of it comes from one table ([Table]): the metrics that are exported, the
// reference in the manual, and the names that panels and rules may use. Metrics
// are of two sorts. What happens on the way of the data is counted there: a
// [Metrics] is the [node.Meter] and the [store.Meter] of a node. Everything else
// is read when somebody asks, from the snapshots of a [Source].
//
// Invariant: counting takes no lock and allocates nothing.
//
// Invariant: names and units follow Prometheus' guide: the prefix chord_, base
// units (seconds, bytes), _total for what only grows, times as seconds since 1970.
//
// Caveat: labels hold what a ring bounds by itself, such as operations and kinds
// of errors. Nothing that a client may choose is one.
package metrics
