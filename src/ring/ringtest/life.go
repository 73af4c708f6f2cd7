package ringtest

import (
	"time"

	"chord/member"
	"chord/ring"
)

// contactsAsked is how many contacts a node is given where it has no table.
const contactsAsked = 4

// start brings up the process of node i, with nothing but its table remembered.
func (s *Sim) start(i int) *node {
	n := s.nodes[i]
	n.life++
	n.up, n.until, n.ticks, n.needs, n.member = true, 0, s.now, false, false
	n.verdicts = ring.Verdicts{}
	c := ring.Config{Self: n.self, Length: s.o.Length, NoFingers: !s.o.Fingers}
	switch {
	case s.o.Rules == Published:
		n.machine = newPublished(c)
	case s.o.make != nil:
		n.machine = s.o.make(c)
	default:
		n.machine = ring.New(c)
	}
	if s.o.Memory == Tables {
		var remembered []member.Member
		if n.table != nil {
			remembered = n.table.All()
		}
		n.table = s.newTable(i, remembered)
	} else if n.life > 1 {
		s.takeBack(i)
	}
	s.checker.started(i)
	s.note(didStart, i, -1)
	s.schedule(i, n.life, s.spread(s.o.Period), func() { s.tick(i) })
	return n
}

// Found starts node i as a ring of one: the first of all.
func (s *Sim) Found(i int) {
	s.start(i)
	s.note(didFound, i, -1)
	s.step(i, ring.Create{}, cause{})
}

// Join starts node i and has it join the ring of the contacts; a few random
// ones out of those that were ever started where none are named.
func (s *Sim) Join(i int, contacts ...int) {
	n := s.start(i)
	if len(contacts) == 0 {
		contacts = s.remembered(i)
	}
	n.bootstrap = nil
	for _, c := range contacts {
		n.bootstrap = append(n.bootstrap, s.nodes[c].self)
	}
	s.contact(n)
	s.note(didJoin, i, -1)
	s.step(i, ring.Join{Contacts: n.bootstrap}, cause{})
	s.pump(i)
}

// contact tells the table of a node whom it was configured to contact.
func (s *Sim) contact(n *node) {
	for _, p := range n.bootstrap {
		if n.table != nil {
			n.table.Contact(p.Addr)
		}
	}
}

// Restart starts node i, which had crashed, again: as a new join with the
// contacts that it remembers, by the rule of [ring.ColdStart] where there are
// tables.
func (s *Sim) Restart(i int) {
	if s.o.Memory != Tables || !s.nodes[i].settled {
		s.Join(i)
		return
	}
	n := s.start(i)
	n.cold = ring.NewColdStart(n.self, s.peers(n.table.All()), 0)
	s.contact(n)
	s.pump(i)
}

// Crash ends the process of node i without a word.
func (s *Sim) Crash(i int) {
	s.note(didCrash, i, -1)
	s.stop(i, 3*s.o.Period)
}

// Leave has node i announce that it goes, and go a period later. It comes back,
// if ever, as a new one.
func (s *Sim) Leave(i int) {
	n := s.nodes[i]
	if n.table == nil {
		s.note(didLeave, i, -1)
		s.stop(i, s.o.Delay)
		return
	}
	n.table.Announce(member.Left)
	s.pump(i)
	s.schedule(i, n.life, s.o.Period, func() {
		s.note(didLeave, i, -1)
		s.stop(i, 0)
		n.table, n.settled = nil, false
	})
}

// stop ends a process; where verdicts are perfect the others hear within the
// given time, in a large ring when they next ask.
func (s *Sim) stop(i int, heard time.Duration) {
	n := s.nodes[i]
	n.up, n.cold = false, nil
	s.checker.stopped(i)
	if s.o.Memory == Tables || s.checker == nil {
		return
	}
	for j := range s.nodes {
		if j == i || !s.nodes[j].up {
			continue
		}
		s.schedule(j, s.nodes[j].life, time.Duration(s.rand.Int64N(int64(heard)+1)), func() { s.verdict(j, i) })
	}
}

// verdict tells node j that i is down, if it is.
func (s *Sim) verdict(j, i int) {
	n := s.nodes[j]
	if id := s.nodes[i].self.ID; !s.nodes[i].up && !n.verdicts.IsDown(id) {
		s.tellDown(j, i)
	}
}

// tellDown and tellUp bring a verdict on node j to the ring of i.
func (s *Sim) tellDown(i, j int) { s.tell(i, j)(s.nodes[i].verdicts.Down(s.nodes[j].self.ID)) }
func (s *Sim) tellUp(i, j int)   { s.tell(i, j)(s.nodes[i].verdicts.Up(s.nodes[j].self.ID)) }

// tell returns what brings an event about node j to the ring of i, if there is
// one.
func (s *Sim) tell(i, j int) func(e ring.Event, ok bool) {
	return func(e ring.Event, ok bool) {
		if !ok {
			return
		}
		did := didUp
		if _, down := e.(ring.Down); down {
			did = didDown
		}
		s.note(did, i, j)
		s.step(i, e, cause{})
	}
}

// Suspect has the ring of node i told, wrongly perhaps, that j is down, and told
// that it is up after a while.
func (s *Sim) Suspect(i, j int, d time.Duration) {
	id := s.nodes[j].self.ID
	s.tellDown(i, j)
	s.schedule(i, s.nodes[i].life, d, func() {
		if table := s.nodes[i].table; table != nil {
			if m, _ := table.Get(id); gone(m) {
				return
			}
		}
		s.tellUp(i, j)
	})
}

// takeBack ends the verdict on i wherever it was told.
func (s *Sim) takeBack(i int) {
	id := s.nodes[i].self.ID
	for j, n := range s.nodes {
		if n.up && n.verdicts.IsDown(id) {
			s.tellUp(j, i)
		}
	}
}

// Pause stops node i for a while, as SIGSTOP does: what is sent to it waits.
func (s *Sim) Pause(i int, d time.Duration) {
	s.nodes[i].until = s.now + d
	s.note(didPause, i, -1)
}

// remembered returns some of the nodes that were ever started, for one without
// a table.
func (s *Sim) remembered(i int) []int {
	var known []int
	for j, n := range s.nodes {
		if j != i && n.life > 0 {
			known = append(known, j)
		}
	}
	s.rand.Shuffle(len(known), func(a, b int) { known[a], known[b] = known[b], known[a] })
	return known[:min(len(known), contactsAsked)]
}

// peers returns the members that have not left as peers.
func (s *Sim) peers(ms []member.Member) []ring.Peer {
	var peers []ring.Peer
	for _, m := range ms {
		if m.State != member.Left {
			peers = append(peers, ring.Peer{ID: m.ID, Addr: m.Addr})
		}
	}
	return peers
}
