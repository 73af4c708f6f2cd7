package node

import (
	"context"
	"iter"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
	"chord/value"
)

// Dialer makes peers out of addresses. Dial returns at once: the connection is
// made by the first call, kept, shared by all callers and made anew when it
// breaks. It is safe for concurrent use.
type Dialer interface {
	Dial(addr string) Peer
}

// Peer is another node as this one sees it. Each method sends one request and
// waits for its answer until ctx is done, but [Peer.Write], which leaves the wait
// to what it returns; all are safe for concurrent use.
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
	// Write asks a member of a key's group to make a change durable that the
	// caller made. It returns at once, and what it returns, which must be called
	// once, when the change is on disk. Small changes arrive in the order of the
	// calls, as long as there is room for them. Kinds of errors: [NotResponsible]
	// where the two see different groups; [Gap] where the other lacks what came
	// before the change and must be sent the whole set, or [Behind] where it took
	// part in a purge that the caller did not.
	Write(ctx context.Context, w Write) (wait func() error)
	// Read asks a member of a key's group what it knows of the key. Kinds of
	// errors: [NotResponsible] also where its copy is not synced.
	Read(ctx context.Context, r Read) (ReadReply, error)
	// Compare asks how much of some buckets the other has.
	Compare(ctx context.Context, c Compare) (CompareReply, error)
	// Fetch brings the sets of keys, removed ones among them, that the caller lacks,
	// and then what all keys of the buckets add up to. The pieces of a set come in
	// order; where it is broken off, those that came are good for nothing until the
	// rest has come. Kinds of errors: [NotResponsible] where a bucket is none of the
	// caller's, [Behind] where its copy is in another epoch.
	Fetch(ctx context.Context, f Fetch) iter.Seq2[Fetched, error]
	// Take asks a member of the groups of some buckets to fetch from the caller
	// what it lacks of them, and returns those of which all is on its disk by then.
	Take(ctx context.Context, t Take) ([]BucketDigest, error)
	// Purge asks for a step of the forgetting of removed keys. Kinds of errors:
	// [NotResponsible] where the bucket is none of the caller's.
	Purge(ctx context.Context, p PurgeCall) (PurgeReply, error)
	// Scan asks for a page of the keys that the other holds. Kinds of errors:
	// [NotResponsible] where it cannot give those that the page begins with.
	Scan(ctx context.Context, s Scan) (ScanReply, error)
	// Seen asks which dots of the caller's database the other has seen.
	Seen(ctx context.Context, from member.Member) (uint64, error)
}

// Hello is what a node says of itself to anybody of its ring.
type Hello struct {
	Member member.Member
	// Process is a random number of the running process: two answers with the
	// same identifier and different processes are two nodes of one name.
	Process uint64
	// Joined is set once the node is a member of the ring.
	Joined bool
	// Quorums are those it is configured with: the same with all nodes of a ring.
	Quorums replica.Quorums
}

// OpKind is what an [Op] does.
type OpKind int

// The operations on a key's set of values.
const (
	Insert OpKind = iota
	Remove
	Retrieve
	// Put makes a value the only one.
	Put
	// Get returns one value: of several that were put at once the latest.
	Get
	// Delete takes all values out.
	Delete
	// Count returns how many values there are.
	Count
	// Has returns whether a value is there.
	Has
	// Page returns some of the values, in the order of their hashes.
	Page
)

// What a Page has at most: so many values, and so many bytes of them beside the last.
const (
	MaxPage      = 4096
	MaxPageBytes = 16 << 20
)

var opNames = [...]string{"insert", "remove", "retrieve", "put", "get", "delete", "count", "has", "page"}

// String returns the operation's name, in lower case.
func (k OpKind) String() string { return opNames[k] }

// Reads reports whether the operation changes nothing.
func (k OpKind) Reads() bool { return k == Retrieve || k == Get || k.ofPart() }

// ofPart reports whether it asks about a part of a set, so that not all values need
// be read.
func (k OpKind) ofPart() bool { return k == Count || k == Has || k == Page }

// Op is one operation on one key.
type Op struct {
	Kind  OpKind
	Key   []byte
	Value []byte // of Insert, Remove, Put and Has
	// From and Limit are of Page: it begins with the first value whose hash is not
	// before From, and has so many at most, 1 to [MaxPage].
	From  keyspace.ID
	Limit int
	// One is set in an operation that reads, and asks a single copy, which may lack
	// what was acknowledged.
	One bool
	// Request names the request of a client, so that it can be repeated: what was
	// carried out is not carried out again. Zero: it has no name.
	Request RequestID
	// Again is set when it is repeated: then somebody may have carried it out of
	// whom the coordinator did not hear.
	Again bool
}

// RequestID names one request of one client; clients draw them at random.
type RequestID [16]byte

// Result is what an [Op] found or did.
type Result struct {
	// Values are the key's for Retrieve, some for Page, of Get at most one, none
	// otherwise.
	Values [][]byte
	// Next is where the next Page begins, zero after the last.
	Next keyspace.ID
	// Changed is set where an Insert added a value that was not there, and a Remove
	// or a Delete took something away: as its coordinator saw the key in the moment
	// of the change.
	Changed bool
	// Count is how many values Count found; of Has one or none.
	Count uint64
}

// Write is a change on its way to another member of a key's group.
type Write struct {
	From keyspace.ID
	// Stamp is of the key's group as the caller sees it.
	Stamp replica.Stamp
	// Epoch is that of the last purge which the caller's copy took part in.
	Epoch   uint64
	Request RequestID
	Delta   value.Delta
}

// Read asks what is known of a key.
type Read struct {
	From  keyspace.ID
	Stamp replica.Stamp
	Epoch uint64
	Key   []byte
	// Digest is of what the caller knows: where the other knows the same, nothing
	// need travel.
	Digest store.Digest
	// Request asks whether that request was carried out here.
	Request RequestID
}

// ReadReply is what a member knows of a key.
type ReadReply struct {
	// Same: the digests agree, and Set is empty.
	Same   bool
	Digest store.Digest
	// Set is what is known. It is empty where Large is set: then it is to be had by
	// Fetch.
	Set   value.Set
	Large bool
	// Done: the request was carried out here.
	Done bool
}

// Compare asks how much of some buckets a node has, for one that fills its own
// copies or repairs them. From is the caller's record: the other learns of it.
type Compare struct {
	From   member.Member
	Salt   Salt
	Ranges []Range
}

// CompareReply says how much of the buckets there is.
type CompareReply struct {
	// Stamp is of the placement: whether the two see the same members.
	Stamp replica.Stamp
	// Synced and Partial are the buckets in these states; the others are missing.
	// A former copy counts as synced while the placement is the first without its
	// node: it was a member's right up to this change.
	// Doubted are partial ones of a restored database: nobody who has a copy of his
	// own to lose gets anything out of them.
	Synced, Partial, Doubted []Range
	// Buckets are those that are not empty, or were purged once, in order.
	Buckets []BucketPrint
}

// BucketPrint sums up a bucket's content in an answer to [Compare].
type BucketPrint struct {
	Bucket keyspace.Bucket
	Print  Print
	Epoch  uint64 // of the last purge
}

// BucketDigest sums up a bucket's content.
type BucketDigest struct {
	Bucket keyspace.Bucket
	Digest store.Digest
	Epoch  uint64 // of the last purge, in an offer
}

// Fetch asks for what the caller lacks of some buckets. The asked node notes the
// caller as one who has some of them.
type Fetch struct {
	From  keyspace.ID
	Salt  Salt
	Parts []FetchPart // in the order of their buckets, [MaxParts] at most
}

// FetchPart asks for what the caller lacks of one bucket.
type FetchPart struct {
	Bucket keyspace.Bucket
	Epoch  uint64 // of the caller's copy
	// Doubted: that one is of a restored database.
	Doubted bool
	// IDs are the keys that are asked for; none: all of the bucket.
	IDs []keyspace.ID
	// Have are the prints of the keys of which the caller knows a state: where the
	// other knows the same one they stay out. All parts together have [MaxPrints].
	Have []Print
}

// What a [Fetch] has at most.
const (
	MaxParts  = 32
	MaxPrints = 1 << 18
)

// Fetched is one item of what a [Fetch] brings: a piece, or, as the last, Sums.
type Fetched struct {
	Piece value.Piece
	// Sums has the digest of each part: of all keys that the other has of the bucket,
	// also of those that stayed out; zero where certain keys were asked for.
	Sums []store.Digest
}

// Take names buckets of which the caller has content and is no holder.
type Take struct {
	From    member.Member
	Stamp   replica.Stamp // of the placement
	Buckets []BucketDigest
}

// PurgeStep is what a [PurgeCall] asks for.
type PurgeStep int

const (
	// PurgeCatchUp: who is behind takes part in what the other one did.
	PurgeCatchUp PurgeStep = iota
	// PurgePrepare: confirm the purge.
	PurgePrepare
	// PurgeFinish: all have; forget.
	PurgeFinish
)

// PurgeCall is a step of a purge of one bucket: of the open one, of PurgeFinish
// its identifier alone; of PurgeCatchUp all that the caller knows.
type PurgeCall struct {
	From   keyspace.ID
	Bucket keyspace.Bucket
	Step   PurgeStep
	Purges replica.Purges
}

// PurgeReply is what the asked copy knows afterwards.
type PurgeReply struct {
	OK     bool // it confirmed
	Purges replica.Purges
	Peers  []keyspace.ID // whom it ever sent something of the bucket to or got it from
}

// Range is a run of buckets, First to Last, both included.
type Range = replica.Range
