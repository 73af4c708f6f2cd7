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
// A node that was restored from a backup asks all others what they know of its
// buckets ([Holding.Recover]) before it takes part again.
//
// Caveat: where the disk with a bucket is lost, no backup of it has the bucket,
// and two other nodes are restored with older copies, both may hold it until
// they meet and the copies are merged; or nobody may, until one of them is
// restored again. The model needs some 10,000 lives full of restores for it.
//
// Caveat: two nodes that were both told to make a ring of the same name each
// hold every bucket. Where such rings meet, the copies are merged.
package replica
