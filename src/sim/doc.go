// Package sim repeats the experiments of the papers on Chord with the code that
// runs in a server, and sets what comes out beside what the papers print.
//
// [Run] makes the experiments that [Options] names and returns a [Report]: a
// plain value, which JSON takes as it is, with its tables ([Report.Tables]) and
// charts ([Report.Charts]). The experiments are
//
//   - [Path]: questions a lookup asks, by the size of the ring (SIGCOMM 2001, Fig. 10);
//   - [Keys]: how evenly nodes hold keys (Fig. 8 and 9);
//   - [Failures]: lookups and keys after many nodes failed at once (ToN 2003,
//     Table II; SIGCOMM 2001, Fig. 11);
//   - [Churn]: lookups while nodes come and go (ToN 2003, Table III);
//   - [Merge]: how long two rings take to become one, where the papers have none.
//
// Rings are those of package ringtest, lookups are [ring.Search], identifiers
// and owners come from keyspace and replica.
//
// Invariant: the same options give the same report, on any number of processors:
// every point of an experiment has a seed of its own, and goes to a place of its own.
//
// Caveat: a lookup takes no time here, so that it sees one state of the ring. A
// report says nothing about milliseconds.
package sim
