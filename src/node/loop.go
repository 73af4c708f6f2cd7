package node

import (
	"context"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
)

// loop drives the ring's and the membership's state machines: it alone touches
// them, one event after the other.
func (n *Node) loop() {
	tick := time.NewTimer(0)
	defer tick.Stop()
	hurry := time.NewTicker(n.cfg.Period / 10)
	defer hurry.Stop()
	last := time.Now()
	for {
		select {
		case <-n.ctx.Done():
			return
		case work := <-n.inbox:
			work()
		case <-hurry.C:
			n.seek()
		case now := <-tick.C:
			n.tick(now.Sub(last))
			last = now
			// Jitter keeps two neighbours from asking each other at the same time
			// for ever.
			tick.Reset(n.cfg.Period*9/10 + time.Duration(n.rand.Int64N(int64(n.cfg.Period/5)+1)))
		}
		n.drain()
	}
}

// tick is one period of maintenance. A gap in time means that this process was
// stopped for a while: what it believes of others is then too old to accuse
// anybody.
func (n *Node) tick(gap time.Duration) {
	if missed := int(gap / n.cfg.Period); missed > 3 {
		n.log.Warn("the process was paused; asking the neighbours anew", "for", gap)
		n.table.Paused(missed)
	}
	n.table.Tick()
	if n.table.Self().State == member.Left {
		return // nobody shall take it for a member any more
	}
	n.trialTick()
	n.watch(n.known.Load())
	n.ring.Step(ring.Tick{})
	switch {
	case n.cold != nil:
		n.coldTick()
	case n.needContacts && n.joined:
		// There may be no ring any more that could be joined.
		n.cold = ring.NewColdStart(n.ring.View().Self, n.contacts(), 0)
		n.coldTick()
	case n.needContacts:
		n.needContacts = false
		n.ring.Step(ring.Join{Contacts: n.contacts()})
	}
	if k := n.known.Load(); k != nil && !slices.Equal(n.ring.View().Fingers, k.view.Fingers) {
		n.publish() // the ring does not report its fingers as changes
	}
	n.offerCandidate()
	n.poke()
}

// offerCandidate names the closest remembered peer that may be nearer than the
// head, and every other time the one after it, lest one that never answers hide
// the others.
func (n *Node) offerCandidate() {
	after, before, ok := n.verdicts.Arc(n.ring.View())
	if !ok {
		return
	}
	c, ok := n.table.Closest(after, before, func(m member.Member) bool { return m.ID != n.shun })
	if n.shun = c.ID; ok {
		n.ring.Step(ring.Candidate{Peer: peerOf(c)})
	}
}

// seek lets a node that joins try again before the next tick. Who are members
// then need not hurry: their periods bound what the ring costs.
func (n *Node) seek() {
	switch n.ring.View().Phase {
	case ring.Member:
		if n.known.Load().view.Phase == ring.Member && n.hasSettled() {
			return
		}
		n.poke()
	case ring.Joining:
		n.ring.Step(ring.Tick{})
	}
}

// drain does what the state machines want done.
func (n *Node) drain() {
	for {
		t, r := n.table.Ready(), n.ring.Ready()
		if len(t.Calls)+len(t.Changes)+len(t.Conflicts)+len(t.Former)+len(r.Calls) == 0 && !r.Changed && !r.NeedContacts {
			return
		}
		if t.Displaced {
			n.displaced()
		}
		if t.Older {
			n.spawn(func() { n.older("the ring") })
		}
		for _, c := range t.Calls {
			n.spawn(func() { n.callMember(c) })
		}
		for _, c := range r.Calls {
			n.spawn(func() { n.callRing(c) })
		}
		n.needContacts = n.needContacts || r.NeedContacts
		n.adopt(t.Changes)
		for _, m := range t.Former {
			n.meetFormer(m)
		}
		for _, c := range t.Conflicts {
			n.spawn(func() { n.examine(c) })
		}
		if len(t.Changes) > 0 || r.Changed || n.known.Load() == nil {
			n.publish()
		}
	}
}

// adopt acts on new records in the membership table.
func (n *Node) adopt(changes []member.Change) {
	if len(changes) == 0 {
		return
	}
	for _, c := range changes {
		if c.New.ID == n.cfg.ID && c.New.State == member.Forgotten {
			n.fail(n.forgottenError())
		}
		if c.New.ID == n.cfg.ID {
			continue
		}
		if c.Old.State != c.New.State && max(c.Old.State, c.New.State) >= member.Suspect && c.New.State != member.Suspect {
			n.suspicious.Store(true) // it died, perhaps in the middle of a write, or it is back and missed some
		}
		was, is := gone(c.Old), gone(c.New)
		if !is && (was || c.Old.ID.IsZero()) {
			n.spawn(func() { n.greet(c.New) })
		}
		switch {
		case is && !was:
			n.log.Info("a member is "+c.New.State.String(), "name", c.New.Name, "addr", c.New.Addr)
		case was && !is:
			n.log.Info("a member is back", "name", c.New.Name, "addr", c.New.Addr)
		}
		n.tell(n.verdicts.Changed(c.New.ID, was, is))
	}
	n.remember(changes)
	n.poke()
}

// tell brings a verdict to the ring, if there is one.
func (n *Node) tell(e ring.Event, ok bool) {
	if ok {
		n.ring.Step(e)
	}
}

func gone(m member.Member) bool { return m.State >= member.Down }

// knowledge is what the rest of the node sees of the state machines: a value,
// replaced as a whole.
type knowledge struct {
	placement replica.Placement
	living    replica.Placement // without those who are dead
	placed    uint64            // grows with each change of the placement
	members   []member.Member   // by identifier
	self      member.Member
	view      ring.View
}

// member returns the record of a member; the zero one where there is none.
func (k *knowledge) member(id keyspace.ID) (member.Member, bool) {
	i, ok := slices.BinarySearchFunc(k.members, id, func(m member.Member, id keyspace.ID) int { return m.ID.Compare(id) })
	if !ok {
		return member.Member{}, false
	}
	return k.members[i], true
}

func (n *Node) publish() {
	all := n.table.All()
	k := &knowledge{placement: replica.NewPlacement(all, n.cfg.Quorums), members: all, self: n.table.Self(), view: n.ring.View()}
	old := n.known.Load()
	switch {
	case old == nil:
		n.depart(n.membersLast, k)
	case old.placement.Equal(k.placement) && !passed(old.members, k.members):
		k.placed, k.placement = old.placed, old.placement
	default:
		k.placed = old.placed + 1
		n.depart(old.members, k)
	}
	if k.living = n.living(k); old == nil || !old.living.Equal(k.living) {
		n.suspicious.Store(true)
	}
	n.known.Store(k)
	if k.view.Phase == ring.Member {
		n.join()
	}
	if !n.verdicts.Stranded(k.view) {
		n.cold, n.needContacts = nil, false
	}
	n.checkReady()
}

// ask runs f in the loop and waits until it has, and until the rest of the node
// sees what came of it. Where it returns an error f may run still.
func (n *Node) ask(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case <-n.up:
	default:
		return errStarting
	}
	select {
	case n.inbox <- func() { f(); n.drain(); close(done) }:
	case <-n.ctx.Done():
		return errClosed
	case <-ctx.Done():
		return errBusy
	}
	select {
	case <-done:
		return nil
	case <-n.ctx.Done():
		return errClosed
	case <-ctx.Done():
		return errBusy
	}
}

var errBusy = &Error{Kind: Overloaded, Text: "the node's event loop does not answer in time"}

// post runs f in the loop, in its own time.
func (n *Node) post(f func()) {
	select {
	case n.inbox <- f:
	case <-n.ctx.Done():
	}
}

func (n *Node) callRing(c ring.Call) {
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.Period)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(c.To.Addr).Ring(ctx, c.Request)
	n.post(func() {
		if err != nil {
			n.ring.Step(ring.Failed{Call: c.Number})
			n.table.Unreachable(c.To.ID)
			m, known := n.table.Get(c.To.ID)
			n.tell(n.verdicts.Failed(c.To.ID, known, known && gone(m)))
			return
		}
		n.verdicts.Answered(c.To.ID)
		if head := n.ring.View().Successors; len(head) > 0 && head[0].ID == c.To.ID {
			n.tally.stabilised.Store(time.Now().UnixNano())
		}
		n.ring.Step(ring.Answered{Call: c.Number, Response: answer})
	})
}

// callMember gives a relayed ping twice the time of a direct one, and the table
// a period for both together is too short: so half a period is the unit.
func (n *Node) callMember(c member.Call) {
	limit := n.cfg.Period / 2
	if _, direct := c.Request.(member.Ping); !direct {
		limit *= 2
	}
	ctx, cancel := context.WithTimeout(n.ctx, limit)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(c.To.Addr).Member(ctx, c.Request)
	n.post(func() {
		if err != nil {
			n.table.Failed(c.Number)
			return
		}
		n.table.Answered(c.Number, answer)
	})
}

func peerOf(m member.Member) ring.Peer { return ring.Peer{ID: m.ID, Addr: m.Addr} }
