// Package history judges what a ring answered while it was ill-treated: an [Op]
// is an operation as its client saw it, a [Log] collects them, and [Check] says
// which promises they break.
//
// Each key belongs to one workload. Keys of sets are inserted into, removed from
// and retrieved; keys of registers are put and got. Every value is written by
// one operation only, whose [ID] it carries, so that a value tells who wrote it.
//
// Invariant: what is reported as a violation is one whatever the outcome of the
// operations that nobody knows the outcome of. The reverse does not hold: an
// unlucky history may hide a fault.
//
// Caveat: the promise that a read sees what was acknowledged before holds while
// a key's group does not change. Reads in the windows in which it did are judged
// all the same and marked as excused.
package history
