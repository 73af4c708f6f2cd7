package ringtest

import (
	"fmt"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/ring"
)

// cause is what made a machine act, as far as the checker wants to know.
type cause struct {
	answered int         // 1 + the node that answered, 0 for none
	state    *ring.State // its answer
	notified int         // 1 + the node that notified
	sent     time.Duration
}

// step feeds an event to the ring of node i and does what it wants done.
func (s *Sim) step(i int, e ring.Event, c cause) {
	s.nodes[i].machine.Step(e)
	s.drain(i, c)
}

// drain sends the ring's calls and has the checker look.
func (s *Sim) drain(i int, c cause) {
	n := s.nodes[i]
	r := n.machine.Ready()
	if s.checker != nil {
		s.checker.look(i, r.Changed, c)
	}
	if r.Changed {
		n.member = n.machine.View().Phase == ring.Member
		n.settled = n.settled || n.member
	}
	n.needs = n.needs || r.NeedContacts
	for _, call := range r.Calls {
		to := s.number(call.To.ID)
		s.ringRPC++
		s.ask(i, to, call.Request, func(answer any, sent time.Duration) { s.answered(i, to, call, answer, sent) })
	}
}

// number returns the node of an identifier, negative for nobody's.
func (s *Sim) number(id keyspace.ID) int {
	if i, ok := s.index[id]; ok {
		return i
	}
	return -1
}

// answered brings the answer to a call of the ring, or that there was none. A
// verdict comes with the failure where verdicts are perfect: who is asked and
// dead is noticed.
func (s *Sim) answered(i, from int, call ring.Call, answer any, sent time.Duration) {
	if answer == nil {
		s.note(didFail, i, from)
		s.step(i, ring.Failed{Call: call.Number}, cause{})
		if s.o.Memory == Tables {
			s.unreachable(i, from, call.To.ID)
		} else if from >= 0 {
			s.verdict(i, from)
		}
		return
	}
	s.note(didAnswer, i, from)
	s.nodes[i].verdicts.Answered(call.To.ID)
	c := cause{answered: 1 + from, sent: sent}
	if st, ok := answer.(ring.State); ok && !st.Pending {
		c.state = &st
	}
	s.step(i, ring.Answered{Call: call.Number, Response: answer.(ring.Response)}, c)
}

// unreachable tells the table of a failed call, and the ring what follows.
func (s *Sim) unreachable(i, j int, id keyspace.ID) {
	n := s.nodes[i]
	n.table.Unreachable(id)
	s.pump(i)
	m, known := n.table.Get(id)
	s.tell(i, j)(n.verdicts.Failed(id, known, known && gone(m)))
}

// handleRing answers a question to the ring of node i.
func (s *Sim) handleRing(asked *call, q ring.Request) ring.Response {
	from, i := asked.from, asked.to
	c, did := cause{sent: asked.sent}, didRoute
	switch q.(type) {
	case ring.AskState:
		did = didState
	case ring.Notify:
		did, c.notified = didNotify, 1+from
	}
	s.note(did, i, from)
	answer := s.nodes[i].machine.Handle(q)
	s.drain(i, c)
	return answer
}

// tick is a period of node i.
func (s *Sim) tick(i int) {
	n := s.nodes[i]
	p := s.o.Period
	s.schedule(i, n.life, p-p/10+s.spread(p/10), func() { s.tick(i) })
	s.note(didTick, i, -1)
	if n.table != nil {
		if late := int((s.now - n.ticks) / p); late > 2 {
			n.table.Paused(late)
		}
		n.table.Tick()
		s.pump(i)
	}
	n.ticks = s.now
	switch {
	case n.cold != nil:
		s.coldTick(i)
	case n.needs:
		s.again(i)
	default:
		s.step(i, ring.Tick{}, cause{})
		s.candidate(i)
	}
}

// again gives the ring of node i the contacts it asked for. One that was a
// member looks whether there is a ring at all.
func (s *Sim) again(i int) {
	n := s.nodes[i]
	n.needs = false
	var peers []ring.Peer
	if n.table == nil {
		for _, j := range s.remembered(i) {
			peers = append(peers, s.nodes[j].self)
		}
	} else if peers = s.peers(n.table.All()); n.settled {
		n.cold = ring.NewColdStart(n.self, peers, 0)
		return
	}
	s.step(i, ring.Join{Contacts: peers}, cause{})
}

// coldTick lets the rule of the cold start decide, until the node has its place and
// a successor that is not down.
func (s *Sim) coldTick(i int) {
	n := s.nodes[i]
	if !n.verdicts.Stranded(n.machine.View()) {
		n.cold = nil
		return
	}
	n.needs = false
	n.cold.Remember(s.peers(n.table.All()))
	ask, do := n.cold.Tick()
	if do == nil {
		do = ring.Tick{}
	}
	s.step(i, do, cause{})
	cold := n.cold
	for _, p := range ask {
		s.ask(i, s.number(p.ID), cold.Question(), func(answer any, _ time.Duration) {
			if r, ok := answer.(ring.Route); ok {
				cold.Answered(p, r)
			}
		})
	}
}

// candidate names the closest remembered peer in (self, head), or on the whole
// circle where the head is down, and every other time the one after it, lest one that never answers hide the others.
func (s *Sim) candidate(i int) {
	n := s.nodes[i]
	if s.o.Memory == Nothing || s.o.NoCandidates {
		return
	}
	_, before, ok := n.verdicts.Arc(n.machine.View())
	if !ok {
		return
	}
	p, ok := s.closest(i, before)
	n.shun = p.ID
	if ok {
		s.note(didCandidate, i, s.number(p.ID))
		s.step(i, ring.Candidate{Peer: p}, cause{})
	}
}

func (s *Sim) closest(i int, head keyspace.ID) (p ring.Peer, ok bool) {
	n := s.nodes[i]
	if n.table != nil {
		m, ok := n.table.Closest(n.self.ID, head, func(m member.Member) bool { return m.ID != n.shun })
		return ring.Peer{ID: m.ID, Addr: m.Addr}, ok
	}
	p = s.nodes[s.Owner(n.self.ID.AddPower(0))].self
	return p, p.ID != n.self.ID && keyspace.Between(n.self.ID, p.ID, head)
}

// newTable returns the table of node i.
func (s *Sim) newTable(i int, remembered []member.Member) *member.Table {
	n := s.nodes[i]
	return member.New(member.Config{
		Self: member.Member{ID: n.self.ID, Name: fmt.Sprintf("n%d", i), Addr: n.self.Addr, Domain: n.self.Addr, Incarnation: 1},
		Seed: s.rand.Uint64(),
	}, remembered)
}

// pump sends the calls of node i's table and tells its ring the verdicts.
func (s *Sim) pump(i int) {
	n := s.nodes[i]
	if n.table == nil {
		return
	}
	r := n.table.Ready()
	for _, c := range r.Changes {
		if c.New.ID == n.self.ID {
			continue
		}
		s.tell(i, s.number(c.New.ID))(n.verdicts.Changed(c.New.ID, gone(c.Old), gone(c.New)))
	}
	for _, c := range r.Calls {
		to, ok := s.addrs[c.To.Addr]
		if !ok {
			to = -1
		}
		s.ask(i, to, c.Request, func(answer any, _ time.Duration) {
			if answer == nil {
				n.table.Failed(c.Number)
			} else {
				n.table.Answered(c.Number, answer.(member.Response))
			}
			s.pump(i)
		})
	}
}

func gone(m member.Member) bool { return m.State == member.Down || m.State == member.Left }

// handleTable answers a question to the table of node i, by way of another node
// where it shall ping in the asker's place.
func (s *Sim) handleTable(i int, q member.Request, reply func(any)) {
	t := s.nodes[i].table
	answer, relay := t.Handle(q)
	s.pump(i)
	if relay == nil {
		reply(answer)
		return
	}
	to, ok := s.addrs[relay.To.Addr]
	if !ok {
		to = -1
	}
	s.ask(i, to, relay.Ping, func(answer any, _ time.Duration) {
		if ack, ok := answer.(member.Ack); ok {
			t.Learn(ack.Gossip)
			s.pump(i)
		}
		reply(answer)
	})
}
