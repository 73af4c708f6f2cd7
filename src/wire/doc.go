// Package wire carries the node's messages over gRPC: a [Server] serves a node
// to other nodes and to clients on one port, a [Dialer] reaches other nodes, a
// [Client] is what commands use. chord.proto is the protocol; the code that is
// generated from it is in chordpb and is used nowhere else.
//
// Every call tells the name of its ring, the protocol version and what the
// caller can do; the server refuses another ring and a version that is not its
// own or a neighbour of it, and answers with its own three.
//
// Operations on keys, of nodes (Storage) and of clients (Chord), go over one
// stream a connection, the exchange: all that queued up while one message was
// sent goes in the next, without timers. That saves the greater part of what a
// small call costs; a node that knows no exchange is asked by calls.
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
// Invariant: liveness traffic (the service Maintenance) has connections of its
// own and is not counted among the requests in flight, so data never holds it up.
//
// Caveat: a small answer on an exchange waits for one large one at most, which
// may be a set of 64 MiB. A second stream for large ones would not help the
// caller choose: it does not know how large an answer will be.
//
// Caveat: without transport credentials nothing is encrypted and nobody is
// authenticated; see [Options].
package wire

//go:generate sh generate.sh chordpb
