package ring

import "chord/keyspace"

// Peer is how one node knows another: its place and where to reach it.
type Peer struct {
	ID   keyspace.ID
	Addr string // host:port of its ring port
}

// IsZero reports whether p stands for "no peer".
func (p Peer) IsZero() bool { return p == Peer{} }

// Request is what one node asks of another: [AskState], [Notify] or
// [AskRoute].
type Request interface{ isRequest() }

// AskState asks a node for its pointers. Nothing is ever adopted without the
// answer to this question (risk 1 of the protocol).
type AskState struct{}

// Notify tells a node that From believes to be its predecessor: the 2001
// paper's notify, Zave's rectify.
type Notify struct{ From Peer }

// AskRoute asks for the successor of Target, or for hops that are nearer.
type AskRoute struct{ Target keyspace.ID }

// Response answers a [Request]: [State], [Noted] or [Route].
type Response interface{ isResponse() }

// State answers [AskState].
type State struct {
	// Pending is set while the node waits for the answer to a question that may
	// change its own pointers, and while it is not a member of a ring: its
	// pointers then count as undefined (Zave 2017, shared-state abstraction).
	// The asker tries again later and suspects nobody.
	Pending bool
	// Self is who answers.
	Self Peer
	// Predecessor is zero where there is none.
	Predecessor Peer
	// Successors has 1 to L entries, nearest first; only the list of a ring of
	// one holds the node itself.
	Successors []Peer
}

// Noted answers [Notify].
type Noted struct{}

// Route answers [AskRoute].
type Route struct {
	// Pending is set where the asked node is not a member of a ring (yet).
	Pending bool
	// Found is set where Hops[0] is the target's successor, as the asked node
	// knows it.
	Found bool
	// Hops holds, if Found, the target's successor and who follows it; else up to
	// [RouteHops] members that precede the target, the nearest to it first. Where
	// the list of the asked node goes beyond the target, it is the whole list: who
	// precedes the target, the nearest first, and then who follows it, which
	// counts where none of the others answers.
	Hops []Peer
}

// RouteHops is how many candidates an answer to [AskRoute] names at most, where
// the list of the asked node ends before the target.
const RouteHops = 4

func (AskState) isRequest() {}
func (Notify) isRequest()   {}
func (AskRoute) isRequest() {}
func (State) isResponse()   {}
func (Noted) isResponse()   {}
func (Route) isResponse()   {}

// Event is what happens to a node: one of the types below.
type Event interface{ isEvent() }

type (
	// Create makes the node a ring of one. Only the first node of a ring gets it,
	// once in the ring's life, or who resumes one in a cold start of all.
	Create struct{}
	// Join starts, or restarts, the search for a place in the ring of the contacts.
	// A node that left its ring for dead joins the same way, and keeps its identifier.
	Join struct{ Contacts []Peer }
	// Tick is one maintenance period: stabilise, one finger, one retry.
	Tick struct{}
	// Candidate names the closest remembered peer in (self, head of the list). It
	// is asked before it is adopted; so rings that were split find together.
	Candidate struct{ Peer Peer }
	// Answered brings the answer to the call of that number.
	Answered struct {
		Call     uint64
		Response Response
	}
	// Failed says that the call of that number was not answered in time, which
	// alone never changes the ring.
	Failed struct{ Call uint64 }
	// Down is the verdict of the failure detector: ring-dead.
	Down struct{ ID keyspace.ID }
	// Up takes back [Down].
	Up struct{ ID keyspace.ID }
)

func (Create) isEvent()    {}
func (Join) isEvent()      {}
func (Tick) isEvent()      {}
func (Candidate) isEvent() {}
func (Answered) isEvent()  {}
func (Failed) isEvent()    {}
func (Down) isEvent()      {}
func (Up) isEvent()        {}

// Call is a question that the driver shall send. It answers with exactly one
// [Answered] or [Failed] for the number, in any order and at any time.
type Call struct {
	Number  uint64
	To      Peer
	Request Request
}

// Ready is what a node wants done after an event. Its slices belong to the
// receiver.
type Ready struct {
	// Calls shall be sent; they do not wait for each other.
	Calls []Call
	// Changed is set where the predecessor, the successor list or the phase
	// differ from the last Ready.
	Changed bool
	// NeedContacts is set where the node has nobody left to ask (its list ran
	// empty, or every contact failed): the driver shall send Join with all peers
	// that it remembers.
	NeedContacts bool
}

// Phase is where a node stands in its life on the ring.
type Phase int

const (
	// Outside: neither created nor joined.
	Outside Phase = iota
	// Joining: looking for its place.
	Joining
	// Member: it has its place; the others may not all know yet.
	Member
)

// String returns the phase in lower case.
func (p Phase) String() string { return [...]string{"outside", "joining", "member"}[p] }

// View is a copy of a node's pointers, for status, for placement and for
// checkers.
type View struct {
	Self        Peer
	Phase       Phase
	Predecessor Peer
	Successors  []Peer
	// Fingers holds the distinct fingers by rising distance.
	Fingers []Finger
}

// Finger is a run of equal fingers: the successor of self + 2^k for every k of
// From to To.
type Finger struct {
	From, To int
	Peer     Peer
}

// Config is what a node is born with.
type Config struct {
	Self Peer
	// Length is L, the most entries of the successor list; 16 where zero.
	Length int
	// NoFingers leaves out the repair of fingers, where every peer is in the
	// driver's table anyway or a simulation wants none.
	NoFingers bool
}
