// Package bench measures a ring from outside: clients do the same kind of
// operation for a time, and how many were answered, how fast, and what went
// wrong comes out as a [Result].
//
// [Run] takes [Options] and the [Client]s to measure, which are a ring's nodes
// for `chord bench` and other stores where the two are compared. [StartRing]
// starts a ring on this machine to be measured.
//
// What must hold:
//   - The value of a key follows from the key, so that every answer can be
//     judged, and an insert done twice is one insert.
//   - A latency counts what a user would wait. In an open loop (Options.Rate)
//     it begins when the operation was due, not when a client was free for it:
//     else a store that stalls is asked less while it stalls, and looks good.
//   - A write that was acknowledged and is not found afterwards is [ErrLost].
//
// Caveats: the clients need processor time themselves. Where they run beside
// the nodes, figures are good for ratios, of runs that alternate.
package bench
