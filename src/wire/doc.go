// Package wire carries the node's messages over gRPC: a [Server] serves a node
// to other nodes and to clients on one port, a [Dialer] reaches other nodes, a
// [Client] asks one node for who is none. chord.proto is the protocol; the code that is
// generated from it is in chordpb and is used nowhere else.
//
// Every call tells the name of its ring, the protocol version and what the
// caller can do; the server refuses another ring and a version that is not its
// own or a neighbour of it, and answers with its own three.
//
// Operations on keys go over exchanges, streams of numbered operations: all that
// queued up while one message was sent goes in the next, without timers. That
// saves the greater part of what a small call costs. A connection has up to three
// of them: what clients ask, what nodes ask of who coordinates it, and what that
// one asks of copies.
//
// Invariant: what a handler or a caller gets has been checked: identifiers have
// their length, addresses are host:port, lists, keys and values are within their
// limits, buckets are in order. Nothing that the other side sends makes a
// process panic or grow without bound.
//
// Invariant: every error of a call is a [node.Error]. A write that may have been
// sent and was not answered is of the kind unknown, never unavailable. Nothing
// is sent on an exchange before both sides have taken each other's greeting.
//
// Invariant: a request waits for requests of later ranks alone (asked by a client,
// forwarded by a node, on a copy), and each rank has its own streams, its own
// room at the caller and at the server. So nodes that are full wait for each
// other in no circle. What is kept for a copy that does not answer is bounded.
//
// Invariant: the pieces of a fetched set come without a hole.
//
// Invariant: liveness traffic (the service Maintenance) has connections of its
// own and is not counted among the requests in flight, so data never holds it up.
//
// Caveat: a small answer on an exchange waits for one large one at most, which
// may be a set of 64 MiB. A second stream for large ones would not help the
// caller choose: it does not know how large an answer will be.
//
// Invariant: over TLS a caller does what its certificate's role allows, a node
// speaks and answers for no other name or place than its certificate's, and who
// is not known hears nothing of the ring. Connections that were made with other
// certificates take no more calls.
//
// Invariant: what a caller makes a server keep is bounded, in all and for each
// client: connections, messages on their way, requests, answers that nobody reads. The
// manual's chapter on security has the table. Processor time is not.
//
// Caveat: without [Options.Trust], and over plain connections while its mode takes
// them, nothing is encrypted and everybody may do everything.
package wire

//go:generate sh generate.sh chordpb
