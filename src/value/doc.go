// Package value is what a key holds: a set of values that replicas change apart
// from each other and merge without losing an insert or undoing a remove.
//
// It is an observed-remove set without tombstones (Bieniusa et al., "An
// optimized conflict-free replicated set", 2012). Every insert makes a [Dot], a
// name that is never used twice. An [Element] is a value with the dots of the
// inserts that are still in effect. The [Context] of a [Set] says which dots it
// has seen: one that is seen and no longer there was removed. A remove takes
// only the dots it has seen, so an insert that happens at the same time wins.
//
// A large set travels in pieces: see [Piece].
//
// Invariant: the elements of a set are in the order of their hashes, no value
// twice, none without a dot; the dots of an element are in order.
//
// Invariant: the state of a dot only grows, in the order unknown, present,
// present and seen, removed; a merge takes the larger of two. So merging is
// commutative, associative and idempotent.
//
// Caveat: a context keeps one sequence number an actor and counts all smaller
// ones as seen. Whoever holds only some pieces of a set ([Set.Complete] is
// false) must not insert into it or remove from it, or what has not arrived yet
// would count as removed.
//
// The package is pure: no clock, no randomness, no input or output.
package value
