// Package replica decides who holds a bucket and how it changes hands, as
// values and functions: it computes, package node acts.
//
// [Placement] says from the members who should hold a bucket. [Holding] is what
// a node durably knows of one: whether it serves it, whom it gave it to. A
// [Ledger] is all holdings of a node.
//
// Each bucket is served by one node at a time, like a token that is passed on:
// the holder freezes it ([Holding.Freeze]), sends its content, and forgets it
// ([Holding.Confirm]) when the receiver has it durably ([Holding.Receive]).
// What the ring or the membership believes only starts a hand-over; it never
// ends one, so that no belief, however wrong, loses a key.
//
// Invariant: of the copies of one token at most one is in state [Held].
//
// Invariant: a holder leaves state [Handing] only for [Gone], and only when the
// receiver confirmed this very hand-over or merged its content into a held copy.
//
// Caveat: two nodes that were both told to make a ring of the same name each
// hold every bucket. Where such rings meet, the copies are merged.
package replica
