// Package client is how programs use a ring: reads and writes of keys, at once or
// later, from any machine that reaches its nodes.
//
// [Open] is told some addresses of nodes. A [Client] learns the members from
// them and sends each operation straight to one that holds a copy of its key, so
// that no node has to pass it on: the first of the key's group for writes, any of
// them for reads. That is a matter of speed alone: a node that is asked for a key of
// others asks them. The list of members is renewed from time to time, and when a
// node cannot be reached.
//
// Operations are repeated, at the same node and at others, as long as their
// context lasts and as long as it is sure that they had no effect yet. Every write
// has a name for that, so that it is carried out once. Reads are repeated always; a
// write that was sent and not answered never: it may be in effect, and a second
// one would be another write. Its error is of the kind unknown ([IsUnknown]), and the
// program decides, after a look at the key: inserting a value again, or removing
// it, does no harm by itself.
//
// Invariant: every error is a [node.Error]. One of a write that is not of the kind
// unknown says that nothing was changed.
//
// Invariant: what is kept and connected is bounded, whatever the nodes tell.
package client
