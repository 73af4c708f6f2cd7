// Package fault holds deliberate faults. A check that never failed proves
// nothing: built with the tag faults, the program has a switch for each of them,
// and tests show which check finds it. Without the tag [Planted] is false at
// compile time, and nothing of a fault is in the program.
//
// The manual's page on planted faults says what finds each.
package fault

// Fault names a fault.
type Fault string

// The faults of a write.
const (
	AckBeforeCommit Fault = "ack-before-commit"   // a copy confirms before the change is on its disk
	NoSync          Fault = "no-sync"             // the log is written and not synced
	WriteOne        Fault = "write-one"           // a change is acknowledged with one copy
	GapAsAck        Fault = "gap-as-ack"          // who lacks what came before counts as having it
	MergeOverGap    Fault = "merge-over-gap"      // a change is merged by who lacks what came before
	BlindRemove     Fault = "blind-remove"        // remove, put and delete cover what the coordinator has alone
	UnknownAsFailed Fault = "unknown-as-failed"   // too few confirmations are called no effect
	RemovedKept     Fault = "merge-keeps-removed" // a merge keeps what the other has seen and removed
	UnnumberedDots  Fault = "clock-goes-back"     // dots follow the clock alone
	DamageAsEmpty   Fault = "damage-as-empty"     // of a key whose row is damaged nothing is known
)

// The faults of a read.
const (
	NoStamp      Fault = "no-stamp"      // groups are not compared
	ReadOne      Fault = "read-one"      // one copy counts as a read quorum
	NoWriteBack  Fault = "no-write-back" // what differs is not written back
	PartialReads Fault = "partial-reads" // copies that are not synced answer
	DownUnplaced Fault = "down-unplaced" // who is down counts in no placement
	LatestOfOne  Fault = "get-first"     // of several values a get returns any
	StaleCount   Fault = "stale-count"   // a filling goes on counting when the placement changed
	OneSource    Fault = "one-source"    // a copy is synced after one source
	ServeAtOnce  Fault = "serve-at-once" // a joiner serves before it is filled, and takes its copies for whole
	NoRepair     Fault = "no-repair"     // nothing is repaired in the background
)

// The faults of a copy's end, and of an old copy.
const (
	DropOnSend      Fault = "drop-on-send"      // a copy goes when it was offered
	DropOnOne       Fault = "drop-on-one"       // a copy goes when one member has it
	DropStale       Fault = "drop-stale"        // the content of now is not compared with what was confirmed
	LeaveAtOnce     Fault = "leave-at-once"     // who leaves waits for nobody
	NoGuard         Fault = "no-guard"          // nobody asks whether the database is an old copy
	RestoreTrusted  Fault = "restore-trusted"   // what was restored is taken for whole
	RestoreSameLife Fault = "restore-same-life" // what was restored keeps its incarnation
)

// All lists them.
var All = []Fault{
	AckBeforeCommit, NoSync, WriteOne, GapAsAck, MergeOverGap, BlindRemove, UnknownAsFailed, RemovedKept, UnnumberedDots, DamageAsEmpty,
	NoStamp, ReadOne, NoWriteBack, PartialReads, DownUnplaced, LatestOfOne, StaleCount, OneSource, ServeAtOnce, NoRepair,
	DropOnSend, DropOnOne, DropStale, LeaveAtOnce, NoGuard, RestoreTrusted, RestoreSameLife,
}
