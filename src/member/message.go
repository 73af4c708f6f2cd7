package member

import "chord/keyspace"

// State is what is believed of a member, in the order in which a newer belief
// of the same version wins over an older.
type State int

const (
	// Alive: it answers, or refuted who said otherwise.
	Alive State = iota
	// Leaving: it hands over what it holds and will go; it answers still.
	Leaving
	// Suspect: it did not answer, directly or through others, and may refute.
	Suspect
	// Down: suspected and not refuted in time. It is remembered, holds its
	// buckets still, and is asked again at a low rate.
	Down
	// Left: it handed over everything and went. It holds nothing.
	Left
	// Forgotten: an operator gave it up with all that it holds. This incarnation
	// never comes back.
	Forgotten
)

// String returns the state in lower case.
func (s State) String() string {
	return [...]string{"alive", "leaving", "suspect", "down", "left", "forgotten"}[s]
}

// Member is the record of one node, as it travels in gossip and stands in the
// table of everybody.
type Member struct {
	ID     keyspace.ID
	Name   string // unique in the ring; the identifier is a hash of it
	Addr   string // host:port of its ring port
	Domain string // failure domain, by default the host of Addr
	// Incarnation is a random number that the node's database got when it was
	// made or restored: a node with another one does not know what the former
	// one acknowledged.
	Incarnation uint64
	// Version orders the beliefs about one incarnation. Only the node itself
	// raises it, to refute or to announce (SWIM calls it incarnation number).
	Version uint64
	State   State
	// Serving is set once the node has been filled with what it shall hold: from
	// then on it counts among those who hold copies, until it left or was
	// forgotten.
	Serving bool
	// Placed is the version with which this incarnation took its place, the last
	// time. An end of a former incarnation that is as new was not known to it then:
	// it is believed, and those who believe it place the member nowhere, until it
	// has heard of that and takes its place anew. Zero: not known.
	Placed uint64
}

// Request is what one table asks of another: [Ping], [PingThrough] or [Sync].
type Request interface{ isRequest() }

// Ping asks whether a member lives. Like each message it carries gossip.
type Ping struct {
	// To is whom the sender believes to reach; another node at that address
	// answers with its own identifier and the sender learns of it.
	To     keyspace.ID
	Gossip []Member
}

// PingThrough asks a member to ping another in the sender's place.
type PingThrough struct {
	Target Member
	Gossip []Member
}

// Sync exchanges whole tables: the push-pull of the epidemic protocols. Who
// looks for a place and is no member yet sends it empty, without From.
type Sync struct {
	From    keyspace.ID
	Members []Member
}

// Response answers a [Request]: [Ack] or [Members].
type Response interface{ isResponse() }

// Ack answers [Ping], and [PingThrough] where the target answered.
type Ack struct {
	From   keyspace.ID // who answered; of a PingThrough the target
	Gossip []Member
}

// Members answers [Sync] with the asked node's whole table.
type Members struct {
	From    keyspace.ID
	Members []Member
}

func (Ping) isRequest()        {}
func (PingThrough) isRequest() {}
func (Sync) isRequest()        {}
func (Ack) isResponse()        {}
func (Members) isResponse()    {}

// Call is a question that the driver shall send. It answers with exactly one
// Answered or Failed for the number.
type Call struct {
	Number  uint64
	To      Member // where To.Addr is; To.ID may be zero for a contact known by address only
	Request Request
}

// Change is a record that the table adopted or dropped.
type Change struct {
	Old, New Member // Old is zero where the member was unknown, New where it is forgotten
}

// Conflict says that another node lives with this node's name or identifier:
// it answered just now. One of the two must go; each is told.
type Conflict struct{ Self, Other Member }

// Ready is what a table wants done after an event. Its slices belong to the
// receiver.
type Ready struct {
	Calls   []Call
	Changes []Change // in the order of adoption, own ones among them; the driver persists and acts on them
	// Conflicts shall stop a node that is about to join, and be told to the
	// operator of one that runs.
	Conflicts []Conflict
	// Former holds records by which others know this node, by its identifier or
	// its name, from another database than it has now: what that one held is not
	// here. The same may come again.
	Former []Member
	// Older: somebody has heard a later word of this node's present incarnation than
	// it ever gave. Its database is an older copy of itself.
	Older bool
	// Displaced: others took the end of a former life for the end of this one, so
	// that writes may have gone past it. What is told of it from now on says that it
	// knows, so the driver notes it first.
	Displaced bool
}
