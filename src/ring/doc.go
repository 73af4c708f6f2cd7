// Package ring is one node's part in a Chord ring: whom it follows, who follows
// it, and whom to ask about a place on the circle.
//
// It is the protocol as a value. [Ring.Step] takes an [Event] in,
// [Ring.Handle] answers the questions of others, [Ring.Ready] says what the
// driver shall send. A [Search] is a lookup in the same manner. There is no
// clock, goroutine, logger, network or randomness in here: the same events make
// the same node.
//
// The rules are those of P. Zave, "Reasoning about identifier spaces: how to make
// Chord correct" (2017), for those of the SIGCOMM 2001 paper lose rings. A node
//
//   - joins behind a member that by its own answer has the newcomer between itself
//     and its head, and takes that member's list whole (join.go);
//   - asks its head for its list, and asks whom the head names before it adopts it
//     (stabilise.go);
//   - lets a nearer notifier be its predecessor, and any once the present one is
//     Down (rectify.go).
//
// Invariant: nobody becomes head of the list without having just answered.
//
// Invariant: while a question that may change a node's pointers is outstanding,
// they count as undefined, and the node answers "pending" when asked for them.
//
// Invariant: a call that failed changes nothing; only [Down] drops a head, and
// nothing drops the last pointer.
//
// Lists are as long as the ring allows, without padding. A ring of one points at
// itself. A member whose last pointer is Down seeks its place anew with what the
// driver remembers, under the same identifier.
//
// Caveat: if all of a node's successors are lost at once, or the failure
// detector errs as much, rings do break for moments. Candidates and contacts from
// the driver's memory heal them.
package ring
