// Package replica decides who holds copies of a bucket and what a copy is worth,
// as values and functions: it computes, package node acts.
//
// [Quorums] say how many copies there are, and how many a write and a read
// need. [Placement] says from the members who should hold which bucket: its
// [Group]. A [Copy] is what a node durably has of one; a [Catalog] is all
// copies of a node. Two nodes that see the same group have the same [Stamp].
//
// Invariant: each write quorum of a group meets each read quorum of it.
//
// Invariant: a member that is down counts still; only who left or was forgotten
// does not. So neither a crash nor a partition makes quorums smaller.
//
// Caveat: stamps say who is in a group, not since when. Who slept through two
// changes which cancel each other out learns of them from the members' records
// ([member.Member.Placed]), and package node compares its copies again.
package replica
