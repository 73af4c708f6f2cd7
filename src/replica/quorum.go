package replica

import (
	"errors"
	"fmt"
)

// Quorums says how many members keep a copy of each bucket, how many of them
// have a write on disk before it is acknowledged, and how many a read asks.
// Papers call them N, W and R (Dynamo, SOSP 2007, section 4.5) or r, W and R.
//
// Where Read is less than Write a read is slower, not quicker, as it brings what
// it found to a write quorum before it answers; and it needs as many members.
type Quorums struct{ Copies, Write, Read int }

// Default survives the loss of one member and of one disk.
var Default = Quorums{Copies: 3, Write: 2, Read: 2}

// MaxCopies bounds what can be configured.
const MaxCopies = 16

// ErrQuorums says that quorums make no sense or keep no promise.
var ErrQuorums = errors.New("replica: quorums")

// Check returns [ErrQuorums] with the reason where the numbers are out of
// range, or where a read may miss what a write has acknowledged.
func (q Quorums) Check() error {
	switch {
	case q.Copies < 1 || q.Copies > MaxCopies:
		return fmt.Errorf("%w: %d copies, want 1 to %d", ErrQuorums, q.Copies, MaxCopies)
	case q.Write < 1 || q.Write > q.Copies || q.Read < 1 || q.Read > q.Copies:
		return fmt.Errorf("%w: %s: a quorum has 1 to %d members, as many as there are copies", ErrQuorums, q, q.Copies)
	case q.Write+q.Read <= q.Copies:
		return fmt.Errorf("%w: %s: a read of %d of %d copies may miss a write to %d", ErrQuorums, q, q.Read, q.Copies, q.Write)
	}
	return nil
}

// String returns copies, write and read quorum, as in "3/2/2".
func (q Quorums) String() string { return fmt.Sprintf("%d/%d/%d", q.Copies, q.Write, q.Read) }

// For returns the quorums in effect with so many members that hold buckets: a
// ring that is too small for all copies works with what it has and asks a
// majority.
func (q Quorums) For(members int) Quorums {
	if members >= q.Copies {
		return q
	}
	most := members/2 + 1
	return Quorums{members, most, most}
}

// Sources returns of how many holders one needs the content to have whatever was
// acknowledged: so many that every write quorum has one of them.
func (q Quorums) Sources() int { return q.Copies - q.Write + 1 }
