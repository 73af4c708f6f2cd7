// Package ringtest drives many nodes, each the very [ring.Ring] (and, if wanted,
// the very [member.Table]) that runs in a server, through one seeded simulation
// of time and network, and checks the whole ring after every event.
//
// A [Sim] is the simulation: [New] makes nodes that are not started, [Ideal] a
// ring that is in its ideal state already. Faults are its methods: Crash,
// Restart, Pause, Partition, Cut. [Torment] lets a seeded nemesis loose on a ring
// in one of two modes:
//
//   - [Model]: verdicts are perfect and no failure breaks Zave's assumption (a
//     member without live successor, or too few principals); the invariants I1
//     to I9 hold after every event, whatever the network does.
//   - [Wild]: the tables give the verdicts, and so some are false; nodes pause,
//     links fail one way, failures are unlimited. I7 holds always; I10 to I12
//     in a bounded number of rounds after the faults.
//
// Invariants of the ring, by the names that an error tells (Zave, "Reasoning
// about identifier spaces", 2017; [Broken]):
//
//	I1  every member has a live successor
//	I2  a principal (skipped by no list) stays one until it fails
//	I3  there is a ring
//	I4  there is only one
//	I5  it is ordered
//	I6  every other member reaches it
//	I7  lists are ordered, without repetition and without their owner
//	I8  a predecessor was alive when it was adopted
//	I9  who becomes head or predecessor was heard by the adopter itself
//	I10 at rest every pointer is exact, and nothing changes any more
//	I11 at rest the arcs of the members divide the circle
//	I12 at rest all members name the same owner for an identifier
//
// Invariant: the same options and the same calls give the same run, event by
// event; [Sim.Hash] tells.
//
// Caveat: lookups take no virtual time.
package ringtest
