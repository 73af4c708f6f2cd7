// Package store keeps a node's keys and values on disk, in one bbolt file with a
// log in front of it.
//
// A [Store] is the open file. Reads go through a [View], a consistent state of
// the whole file; a [Change] is a function on a [Tx], which is a View that can
// write. One goroutine commits: it takes all changes that were queued while the
// last commit synced, runs them in the order of their identifiers in one
// [Tx], appends the rows that they wrote to the log as one record, syncs that,
// and answers them all. There is no timer.
//
// Rows that are in the log and not in the file yet are in memory, in a layer that
// views read before the file. When the log is large, the layer is frozen, a new
// one and a new log begin, and the flusher brings the frozen rows into the file;
// only then the old log is removed. A file that is closed is whole without a log.
//
// Every key has a header row (its context, how much it holds) and a row for
// each value, so that a change costs what it touches, not what the key holds. A
// removed key keeps its header, or the remove could come undone.
//
// Invariant: what [Store.Update] has returned nil for survives a power cut,
// unless the store was opened with NoSync.
//
// Invariant: a log goes with one file in one state of it. What is missing or
// damaged between the file and the last record is an [ErrCorrupt].
//
// A change of a key returns what the other replicas of it need, a [value.Delta],
// which they take in with [Tx.MergeDelta]. What was seen of an actor stays known
// ([View.Seen]): so a database that was put back to an earlier state is found
// out by the others.
//
// [Store.Scrub] finds rows that the disk has damaged, and [Tx.Mend] gives up no
// more than those: what is left claims to have seen nothing, and so takes
// nothing away from other replicas.
//
// Invariant: no dot is made twice, by this database or by a copy of it that was
// renewed ([Tx.Renew]).
//
// Invariant: the digest, the counts and the rows of a bucket change in one
// commit. Equal digests mean equal keys, values, dots and contexts.
//
// Invariant: every row carries a checksum. A damaged row is an error of kind
// [ErrCorrupt], never an empty answer.
//
// A [Snapshot] is a copy of a database that is open; [Install] puts a copy in the
// place of a database, and [Compact] writes one anew.
//
// Caveat: a function given to View must not wait for an Update: a flush, and then
// commits, may wait for the View to end.
//
// Caveat: a set of which pieces are missing, or a row was damaged, takes no
// changes and no narrow deltas until the rest has come, or [Tx.Adopt].
//
// Caveat: after any error of write or sync the store refuses everything, and
// its owner must exit ([Store.Failed]): a second sync may report success for
// data that the first one lost.
package store
