package ring

import (
	"slices"

	"chord/keyspace"
)

// defaultLength is L where the configuration says nothing. Shorter lists break
// when the failure detector errs; 16 never did in simulation.
const defaultLength = 16

// crowdedTicks is for how many ticks a node that was answered "pending" sits out
// every other one: long enough that its neighbours come to do so as well.
const crowdedTicks = 8

// Ring is one node of a ring: its pointers, and the questions it waits for. It
// is not safe for concurrent use.
type Ring struct {
	self      Peer
	length    int
	noFingers bool

	// Invariant: outside of phase Member there are neither predecessor nor
	// successors.
	phase Phase
	// Invariant: never the node itself.
	pred Peer
	// succ is replaced as a whole and never written to, so that answers and
	// views may share it.
	//
	// Invariant: 1 to length entries in clockwise order within one turn from
	// self, without repetition; self only as the one entry of a ring of one.
	// Invariant: the head is not Down, unless it is the only entry.
	succ []Peer
	down map[keyspace.ID]struct{} // looked up only, never iterated

	// Invariant: at most one question that may change the pointers is outstanding.
	// Who is asked as head is the head, and who is asked as candidate is nearer:
	// with a verdict that changes this the question is given up, and its answer
	// does not count.
	asking    question
	candidate Peer // to be asked next, because it may lie in (self, head)
	again     bool // the head shall be asked as soon as no question is outstanding
	greet     bool // newly placed: the predecessor shall hear of it, too
	crowded   int  // ticks that are still subject to sitOut
	turns     uint // ticks so far

	seeking  bool    // looking for a place; see join.go
	contacts []Peer  // whom to start at; Invariant: none unless seeking
	placing  inquiry // the search for the member before self
	place    Peer    // to be asked next for its list

	// Invariant: runs by rising numbers and rising distance, disjoint, none of
	// them self or Down.
	fingers []Finger
	cursor  int     // the number of the finger in repair
	fixing  inquiry // the search for it
	probing question

	last         uint64 // number of the last call
	calls        []Call
	needContacts bool
	reported     pointers
}

// question is a call for a node's [State].
type question struct {
	number uint64 // zero where none is outstanding
	why    reason
	to     Peer
}

type reason int

const (
	forHead      reason = iota // stabilise, step 1
	forCandidate               // stabilise, step 2
	forPlace                   // join
)

// pointers are what [Ready] reports as changed.
type pointers struct {
	phase Phase
	pred  Peer
	succ  []Peer
}

// New returns a node that stands outside of every ring until it gets [Create]
// or [Join].
func New(c Config) *Ring {
	if c.Length == 0 {
		c.Length = defaultLength
	}
	return &Ring{self: c.Self, length: c.Length, noFingers: c.NoFingers}
}

// Step advances the node by one event.
func (r *Ring) Step(e Event) {
	switch e := e.(type) {
	case Create:
		r.create()
	case Join:
		r.join(e.Contacts)
	case Tick:
		r.tick()
	case Candidate:
		r.offer(e.Peer)
	case Answered:
		r.answered(e.Call, e.Response)
	case Failed:
		r.answered(e.Call, nil)
	case Down:
		r.markDown(e.ID)
	case Up:
		r.markUp(e.ID)
	}
	r.proceed()
}

// Handle answers a question of another node. A [Notify] may change the
// predecessor and queue calls. The lists in the answer are shared: read only.
func (r *Ring) Handle(q Request) Response {
	switch q := q.(type) {
	case Notify:
		r.rectify(q.From)
		r.proceed()
		return Noted{}
	case AskRoute:
		return r.Route(q.Target)
	default:
		return r.state()
	}
}

// Ready returns what is to be done since the last Ready. The driver calls it
// after each Step and Handle.
func (r *Ring) Ready() Ready {
	now := pointers{r.phase, r.pred, r.succ}
	ready := Ready{Calls: r.calls, Changed: !now.equal(r.reported), NeedContacts: r.needContacts}
	r.calls, r.needContacts, r.reported = nil, false, now
	return ready
}

// View returns the node's pointers. Its list of successors is shared: read only.
func (r *Ring) View() View {
	return View{r.self, r.phase, r.pred, r.succ, r.viewFingers()}
}

// tick is one maintenance period. A node that was put off sits out some periods,
// so that neighbours whose periods run in step do not put each other off for ever.
func (r *Ring) tick() {
	r.turns++
	r.crowded = max(r.crowded-1, 0)
	if r.asking.number == 0 && !(r.crowded > 0 && r.sitOut()) {
		r.again = r.phase == Member
		if r.alone() {
			r.seeking = r.seeking || r.isolated()
			r.offer(r.fallback())
		}
		if r.seeking {
			r.seek()
		}
	}
	r.fixFinger()
}

// sitOut throws a coin that depends on the node and the tick (the mixer of
// SplitMix64).
func (r *Ring) sitOut() bool {
	x := uint64(r.turns)
	for _, b := range r.self.ID {
		x = (x ^ uint64(b)) * 0x9e3779b97f4a7c15
		x ^= x >> 29
	}
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	return (x^x>>31)&1 == 1
}

// answered applies the answer to a call, nil where there was none. Answers to
// notifications, and to questions that were given up, have no effect.
func (r *Ring) answered(number uint64, a Response) {
	switch number {
	case 0:
	case r.asking.number:
		q := r.asking
		r.asking = question{}
		r.learned(q, a)
	case r.probing.number:
		q := r.probing
		r.probing = question{}
		r.probed(q, a)
	case r.placing.number:
		r.placing.answered(a)
		r.searchPlace()
	case r.fixing.number:
		r.fixing.answered(a)
		r.searchFinger()
	}
}

// learned applies the answer to the question that may change the pointers.
// Without one nothing changes, and the next tick asks again.
func (r *Ring) learned(q question, a Response) {
	s, ok := a.(State)
	if ok && s.Pending {
		r.crowded = crowdedTicks
	}
	if !ok || s.Pending || s.Self.ID != q.to.ID || len(s.Successors) == 0 {
		if q.why == forCandidate {
			r.notifyHead()
		}
		return
	}
	if q.why == forPlace {
		r.settle(s)
	} else {
		r.follow(s)
	}
}

// proceed asks the next question that may change the pointers, if there is one
// and none is outstanding.
func (r *Ring) proceed() {
	if r.seeking && r.phase == Member && !r.alone() {
		r.stopSeeking()
	}
	if r.asking.number == 0 && !r.place.IsZero() {
		r.ask(forPlace, r.place)
		r.place = Peer{}
	}
	if r.asking.number == 0 && r.near(r.candidate) {
		r.ask(forCandidate, r.candidate)
		r.candidate = Peer{}
	}
	if r.asking.number == 0 && r.again {
		r.again = false
		r.askHead()
	}
}

func (r *Ring) ask(why reason, to Peer) {
	r.asking = question{r.call(to, AskState{}), why, to}
}

// call queues a question and returns its number.
func (r *Ring) call(to Peer, q Request) uint64 {
	r.last++
	r.calls = append(r.calls, Call{r.last, to, q})
	return r.last
}

// state answers [AskState]. A member with live neighbours but no live successor
// is about to change its list, and says so. If it knows nobody who lives, it
// grows again like a ring of one.
func (r *Ring) state() State {
	s := State{Self: r.self}
	switch {
	case r.phase != Member || r.asking.number != 0:
		s.Pending = true
	case !r.isolated():
		s.Predecessor, s.Successors = r.pred, r.succ
	case !r.fallback().IsZero():
		s.Pending = true
	default:
		s.Successors = []Peer{r.self}
	}
	return s
}

func (p pointers) equal(q pointers) bool {
	return p.phase == q.phase && p.pred == q.pred && slices.Equal(p.succ, q.succ)
}
