// Package keyspace is the circle on which everything of a ring has its place.
//
// An [ID] is a point on it, an [Arc] a piece of it, a [Bucket] one of the
// 65,536 equal pieces in which keys are stored and moved. The circle has 2^160
// points, as in the Chord paper (Stoica et al., SIGCOMM 2001, section 4); every
// sum is taken modulo 2^160, and clockwise is the direction of growing numbers.
//
// Invariant: for two different points a and b every third point lies either in
// the open arc (a, b) or in the open arc (b, a), never in both.
//
// Caveat: the open arc (a, a) is the whole circle without a, not the empty
// set; see [Between].
package keyspace
