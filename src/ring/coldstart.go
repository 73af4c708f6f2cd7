package ring

import (
	"slices"

	"chord/keyspace"
)

// ColdStart decides how a node that was once a member of a ring comes back to
// it, as a value like [Ring]: it asks the peers that it remembers; whoever is in
// a ring is joined. Where nobody is, as after a power cut of all, the smallest
// reachable identifier resumes as a ring of one and the rest join it.
//
// It is used from the start of the process until the node is a [Member], and
// again when a member asks for contacts, until it has a successor that is not
// [Down]: its neighbours may all be outside of the ring and wait for it.
// Two sides of a partition may both resume, and, rarely, two nodes that were
// started half a minute apart; [Candidate] merges the rings later.
type ColdStart struct {
	self     keyspace.ID
	peers    []Peer // sorted by identifier, without self
	patience int
	now      int
	sweep    int // where in peers the next questions go
	answers  map[keyspace.ID]coldAnswer
	joining  int // the tick of the last Join, 0 for none
}

type coldAnswer struct {
	tick   int
	inRing bool
}

// ColdPatience is how many ticks of a second a node waits for somebody who is in
// a ring before one of those outside resumes it.
const ColdPatience = 30

// coldSweep is in how many ticks every remembered peer is asked once.
const coldSweep = 5

// NewColdStart returns the decision of the node self, which remembers these
// peers. patience is in ticks; [ColdPatience] where zero.
func NewColdStart(self Peer, remembered []Peer, patience int) *ColdStart {
	if patience == 0 {
		patience = ColdPatience
	}
	c := &ColdStart{self: self.ID, patience: patience, answers: map[keyspace.ID]coldAnswer{}}
	c.Remember(remembered)
	return c
}

// Remember replaces the peers to ask, when the driver has heard of others.
func (c *ColdStart) Remember(peers []Peer) {
	c.peers = slices.DeleteFunc(slices.Clone(peers), func(p Peer) bool { return p.ID == c.self })
	slices.SortFunc(c.peers, func(a, b Peer) int { return a.ID.Compare(b.ID) })
	c.peers = slices.CompactFunc(c.peers, func(a, b Peer) bool { return a.ID == b.ID })
}

// Question is what the driver asks the peers that [ColdStart.Tick] names.
// AskState would not do: a member that is busy answers it as one outside does.
func (c *ColdStart) Question() Request { return AskRoute{Target: c.self} }

// Answered brings a peer's answer to the question. A call that failed brings
// nothing: the peer counts as out of reach.
func (c *ColdStart) Answered(from Peer, r Route) {
	c.answers[from.ID] = coldAnswer{c.now, !r.Pending}
}

// Tick is a second gone by: whom to ask now, and what the [Ring] shall do: a
// [Join], [Create], or nothing (nil) yet.
func (c *ColdStart) Tick() (ask []Peer, do Event) {
	c.now++
	if inRing := c.reachable(true); len(inRing) > 0 {
		// The ring tries the contacts by itself; after a while, start again with
		// those who are in a ring by now.
		if c.joining == 0 || c.now-c.joining >= c.patience {
			c.joining = c.now
			do = Join{Contacts: inRing}
		}
	} else if c.joining = 0; c.now >= c.turn() {
		return nil, Create{}
	}
	return c.next(), do
}

// turn is the tick at which the node resumes the ring: after one time of
// patience where it is the smallest, after two where it is the second, so that
// a small one that cannot resume does not stop the others. The smallest does so
// at once where everybody whom it remembers answered and is outside: there is
// nobody left to wait for.
func (c *ColdStart) turn() int {
	rank, outside := 0, c.reachable(false)
	for _, p := range outside {
		if p.ID.Compare(c.self) < 0 {
			rank++
		}
	}
	if rank == 0 && len(outside) > 0 && len(outside) == len(c.peers) {
		return c.now
	}
	return (rank + 1) * c.patience
}

// reachable returns who answered lately and is, or is not, in a ring.
func (c *ColdStart) reachable(inRing bool) []Peer {
	var peers []Peer
	for _, p := range c.peers {
		a, ok := c.answers[p.ID]
		if ok && a.inRing == inRing && c.now-a.tick <= 2*coldSweep {
			peers = append(peers, p)
		}
	}
	return peers
}

// next returns the share of the peers whose turn it is to be asked.
func (c *ColdStart) next() []Peer {
	n := (len(c.peers) + coldSweep - 1) / coldSweep
	ask := make([]Peer, 0, n)
	for range n {
		c.sweep = (c.sweep + 1) % len(c.peers)
		ask = append(ask, c.peers[c.sweep])
	}
	return ask
}
