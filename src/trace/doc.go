// Package trace follows operations over nodes and sends what it saw to a
// collector, by OpenTelemetry's protocol (OTLP over HTTP).
//
// A [Tracer] is the tracer of a [chord/node.Node] and of both sides of
// [chord/wire]. The first node that a client asks draws lots whether an operation
// is traced, unless the client traces it itself; whoever is asked in its course
// goes on with its trace. Each piece of work is a span: the operation, its
// coordination, the commit, the way to each copy, the copy's own write.
//
// Invariant: what is not traced costs one look into its context. Spans wait for
// the collector in a queue that is bounded; where it is full they are dropped, and
// no operation waits.
//
// Caveat: a trace holds names of nodes and what went wrong, and neither keys nor
// values.
package trace
