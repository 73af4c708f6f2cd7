package node

import (
	"context"
	"iter"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/value"
)

// Dialer makes peers out of addresses. Dial returns at once: the connection is
// made by the first call, kept, shared by all callers and made anew when it
// breaks. It is safe for concurrent use.
type Dialer interface {
	Dial(addr string) Peer
}

// Peer is another node as this one sees it. Each method sends one request and
// waits for its answer until ctx is done; all are safe for concurrent use.
// Errors are of type [*Error].
type Peer interface {
	// Ring asks the other's ring state machine.
	Ring(ctx context.Context, q ring.Request) (ring.Response, error)
	// Member asks the other's membership table.
	Member(ctx context.Context, q member.Request) (member.Response, error)
	// Hello asks who is there.
	Hello(ctx context.Context) (Hello, error)
	// Do asks the other to carry out an operation on a bucket that it holds.
	Do(ctx context.Context, op Op) (Result, error)
	// Pull asks the other to push buckets to the caller.
	Pull(ctx context.Context, p Pull) (PullReply, error)
	// Recall asks what the other knows of all buckets, for the caller, whose
	// database was restored from a backup.
	Recall(ctx context.Context, from member.Member) (Recollection, error)
	// Push hands buckets over. The pieces are read as fast as the other takes
	// them. No error: the other holds the buckets durably, with all the pieces.
	Push(ctx context.Context, h Push, pieces iter.Seq2[value.Piece, error]) error
}

// Hello is what a node says of itself to anybody of its ring.
type Hello struct {
	Member member.Member
	// Process is a random number of the running process: two answers with the
	// same identifier and different processes are two nodes of one name.
	Process uint64
	// Joined is set once the node is a member of the ring.
	Joined bool
}

// OpKind is what an [Op] does.
type OpKind int

// The operations on a key's set of values.
const (
	Insert OpKind = iota
	Remove
	Retrieve
)

// Op is one operation on one key.
type Op struct {
	Kind  OpKind
	Key   []byte
	Value []byte // of Insert and Remove
}

// Result is what an [Op] found: the key's values for Retrieve, none otherwise.
type Result struct{ Values [][]byte }

// Range is a run of buckets, First to Last, both included.
type Range = replica.Range

// Pull asks for buckets: From should hold those of Ranges and does not.
type Pull struct {
	From   member.Member
	Ranges []Range
	// Epochs is set where From froze the buckets and does not know what became of
	// them: who knows a bucket at this epoch or a later one names itself.
	Epochs []BucketEpoch
}

// PullReply says what became of the ranges of a [Pull]: those not named in it
// are not known to the asked node.
type PullReply struct {
	// Coming: the asked node holds them and has queued them for a push.
	Coming []Range
	// Elsewhere: the asked node gave them to the peer, or knows who pulls them.
	Elsewhere []Hint
}

// Hint says where buckets went.
type Hint struct {
	Ranges []Range
	At     ring.Peer
}

// Push is the head of a hand-over of some buckets.
type Push struct {
	// From is who hands over.
	From member.Member
	// Epoch orders the hand-overs of a bucket: it grows by one with each, so
	// that a late or repeated message of an earlier one is recognised.
	Epochs []BucketEpoch
}

// BucketEpoch is the epoch that a bucket has after a hand-over.
type BucketEpoch struct {
	Bucket keyspace.Bucket
	Epoch  uint64
}
