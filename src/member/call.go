package member

import (
	"slices"

	"chord/keyspace"
)

// Relay is what the driver shall do for a [PingThrough]: send Ping to To. Got
// an [Ack], it lets the table learn its gossip and answers the asker with it;
// got none, the asker's call fails.
type Relay struct {
	To   Member
	Ping Ping
}

// Handle answers another table's question. The answer comes at once, or there
// is a [Relay] to do first.
func (t *Table) Handle(q Request) (Response, *Relay) {
	switch q := q.(type) {
	case Ping:
		t.Learn(q.Gossip)
		return t.ack(), nil
	case PingThrough:
		t.Learn(q.Gossip)
		if q.Target.State == Suspect { // anything less may only be the asker's memory
			t.learn(q.Target)
		}
		if q.Target.ID == t.me.m.ID {
			return t.ack(), nil
		}
		e, to := t.byID[q.Target.ID], q.Target
		if e != nil {
			to = merge(e.m, to)
		}
		return nil, &Relay{To: to, Ping: Ping{To: to.ID, Gossip: t.gossip(e)}}
	case Sync:
		t.heardOf(q.From, q.Members)
		known := t.whole()
		if q.From.IsZero() {
			// Who asks for a place shall find its own former one, also where nobody has
			// heard of it since this node started.
			known = append(known, t.remembered()...)
		}
		if e := t.byID[q.From]; e != nil && !e.former.ID.IsZero() {
			known = append(known, e.former)
		}
		return Members{From: t.me.m.ID, Members: known}, nil
	}
	return nil, nil
}

func (t *Table) ack() Ack { return Ack{From: t.me.m.ID, Gossip: t.gossip(nil)} }

// heardOf takes in a message that names its sender; it returns the number of
// news.
func (t *Table) heardOf(from keyspace.ID, ms []Member) int {
	if from == t.me.m.ID { // before the refutation makes them look alike
		t.heard(t.me, ms)
	}
	news := 0
	for _, m := range ms {
		if t.learn(m) {
			news++
		}
	}
	if from != t.me.m.ID {
		t.heard(t.byID[from], ms)
	}
	return news
}

// call puts a question in the next Ready.
func (t *Table) call(to Member, q Request, c pending) {
	t.number++
	c.expiry = t.now + uint64(t.c.ProbeTimeout)
	t.calls[t.number] = c
	t.flight = append(t.flight, t.number)
	t.ready.Calls = append(t.ready.Calls, Call{Number: t.number, To: to, Request: q})
}

// Answered brings the answer to the call of that number. One that comes too
// late for its purpose is learned from all the same.
func (t *Table) Answered(number uint64, r Response) {
	c, ok := t.calls[number]
	delete(t.calls, number)
	switch r := r.(type) {
	case Ack:
		if c.kind == through {
			t.Learn(r.Gossip)
		} else {
			t.heardOf(r.From, r.Gossip)
		}
		if ok && c.probe != nil {
			t.answeredBy(c, r.From)
		}
	case Members:
		news := t.heardOf(r.From, r.Members)
		switch {
		case r.From == t.me.m.ID:
			t.disown(c)
		case ok:
			t.reached = t.reached || c.kind == contact
			t.slowDown(news)
		}
	default:
		if ok {
			t.lost(c)
		}
	}
}

// disown strikes a bootstrap address that turned out to be the node's own.
func (t *Table) disown(c pending) {
	for i, a := range t.contacts {
		if c.kind == contact && a == c.addr {
			t.contacts = slices.Delete(t.contacts, i, i+1)
			return
		}
	}
}

// answeredBy goes on with a probe. Another node at the target's address is no
// sign of the target's life.
func (t *Table) answeredBy(c pending, from keyspace.ID) {
	p := c.probe
	switch {
	case c.kind == direct && from == p.id:
		if e := t.byID[p.id]; e != nil {
			e.probing = false
		}
		t.window.push(true, t.now)
	case c.kind == direct:
		t.lost(c)
	case c.kind == through:
		t.report(p, from == p.id, false)
	case c.kind == control:
		t.report(p, false, true)
	}
}

// Failed says that the call of that number was not answered in time.
func (t *Table) Failed(number uint64) {
	if c, ok := t.calls[number]; ok {
		delete(t.calls, number)
		t.lost(c)
	}
}

// lost goes on where a call brought nothing.
func (t *Table) lost(c pending) {
	if c.probe == nil {
		return
	}
	if c.kind != direct {
		t.report(c.probe, false, false)
	} else if e := t.byID[c.probe.id]; e != nil {
		t.askOthers(e, c.probe)
	}
}

// report is one result of a round's second half.
func (t *Table) report(p *probe, answered, trusted bool) {
	p.answered = p.answered || answered
	p.trusted = p.trusted || trusted
	p.waiting--
	if p.waiting == 0 {
		t.conclude(p)
	}
}

// giveUp fails the calls that the driver never reported.
func (t *Table) giveUp() {
	for len(t.flight) > 0 {
		n := t.flight[0]
		c, ok := t.calls[n]
		if ok && c.expiry > t.now {
			return
		}
		t.flight = t.flight[1:]
		if ok {
			t.Failed(n)
		}
	}
}
