// Package member is the membership table: who there is in the ring, where, and
// whether it lives.
//
// A [Table] is SWIM (Das, Gupta, Motivala, DSN 2002) with Lifeguard's
// corrections (Dadgar, Phillips, Currey, 2017), as a pure state machine: ticks,
// questions and answers go in, and [Table.Ready] says what to send and what
// changed. It has no clock, goroutine, logger or network, and its only
// randomness is a seeded generator, so one seed gives one run.
//
// A [Member] is one record; records are merged by a total order of beliefs, and
// only the node itself raises its version. A node that does not answer, neither
// directly nor through three others, is suspected; it is told so, and refutes;
// else it is down after a time that is short where others confirm it, and long
// where the accuser is not well itself. Who is down is remembered, by the
// driver through [Change] and the second argument of [New], and asked again at a
// low rate, or a split would never heal.
//
// Invariant: a table holds its own record, at most Config.Limit others with it,
// each once and in order of the identifiers. [Table.CheckInvariants] checks it.
//
// Invariant: one failed call changes nothing; others' word makes a member that
// is believed to live suspect, never down at once.
//
// Invariant: no message but [Sync] and [Members] carries more than [GossipMax]
// records.
//
// Caveats: down is a belief, and members that are down still hold their data.
// A member's age in a state is counted anew after a restart. Two nodes with
// one identifier outbid each other's versions until one of them goes, which the
// driver has to see to ([Conflict]). What of a member's record is true is not
// checked here but by the certificates of the connection.
package member
