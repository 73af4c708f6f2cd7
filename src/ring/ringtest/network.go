package ringtest

import (
	"time"

	"chord/member"
	"chord/ring"
)

// network is what stands between the nodes.
type network struct {
	side            []int           // nodes of different sides do not hear each other
	cut             map[[2]int]bool // links that fail one way
	loss, duplicate float64
}

// call is a question under way and how its answer comes back.
type call struct {
	from, to, life int
	sent           time.Duration
	question       any
	done           func(answer any, sent time.Duration) // called once; nil where the call failed
	closed         bool
}

// ask carries a question to a node (negative: an address where nobody is) and
// brings back the answer, or nil when the timeout is over.
func (s *Sim) ask(from, to int, question any, done func(answer any, sent time.Duration)) {
	c := &call{from: from, to: to, life: s.nodes[from].life, sent: s.now, question: question, done: done}
	s.schedule(from, c.life, s.o.Timeout, func() { s.close(c, nil, 0) })
	if to < 0 {
		return
	}
	copies := 1
	if s.network.duplicate > 0 && s.rand.Float64() < s.network.duplicate {
		copies = 2
	}
	for range copies {
		if !s.lost(from, to) {
			s.schedule(to, 0, s.delay(), func() { s.arrive(c) })
		}
	}
}

func (s *Sim) close(c *call, answer any, sent time.Duration) {
	if c.closed {
		s.events-- // an event that was none
		return
	}
	c.closed = true
	c.done(answer, sent)
}

// arrive has the asked node answer. One that is not running refuses at once, as
// a host without the process does; whoever is asked afterwards may be in its
// next life.
func (s *Sim) arrive(c *call) {
	if c.closed && !s.nodes[c.to].up {
		return
	}
	reply := func(answer any) {
		if s.lost(c.to, c.from) || c.closed {
			return
		}
		var f *flight
		if st, ok := answer.(ring.State); ok && s.checker != nil {
			f = s.checker.departed(c, st)
		}
		sent := s.now
		s.schedule(c.from, c.life, s.delay(), func() {
			s.checker.landed(f)
			s.close(c, answer, sent)
		})
	}
	if !s.nodes[c.to].up {
		reply(nil)
		return
	}
	switch q := c.question.(type) {
	case ring.Request:
		reply(s.handleRing(c, q))
	case member.Request:
		s.handleTable(c.to, q, reply)
	}
}

func (s *Sim) lost(from, to int) bool {
	n := &s.network
	return n.side[from] != n.side[to] || len(n.cut) > 0 && n.cut[[2]int{from, to}] ||
		n.loss > 0 && s.rand.Float64() < n.loss
}

func (s *Sim) delay() time.Duration {
	d := s.spread(s.o.Delay)
	if s.rand.IntN(20) == 0 {
		d *= 10
	}
	return d
}

// Partition puts each node on the side that side names; nodes of different
// sides do not hear each other any more.
func (s *Sim) Partition(side func(i int) int) {
	for i := range s.nodes {
		s.network.side[i] = side(i)
	}
	s.note(didPartition, -1, -1)
}

// Cut has every message from one node to another lost; the way back is left.
func (s *Sim) Cut(from, to int) {
	s.network.cut[[2]int{from, to}] = true
	s.note(didCut, from, to)
}

// Lose sets the shares of messages that are lost and of questions that arrive
// twice.
func (s *Sim) Lose(loss, duplicate float64) {
	s.network.loss, s.network.duplicate = loss, duplicate
}

// Heal ends every partition, cut and loss.
func (s *Sim) Heal() {
	clear(s.network.side)
	clear(s.network.cut)
	s.Lose(0, 0)
	s.note(didHeal, -1, -1)
}
