package member

import "chord/keyspace"

// kind is what a call was made for.
type kind int

const (
	direct  kind = iota // the first question of a probe
	through             // the same through a helper
	control             // whether anybody else answers
	twin                // whether somebody lives with the own identifier
	contact             // exchange with a bootstrap address
	reunion             // exchange with a member
)

// pending is a call in flight.
type pending struct {
	kind   kind
	probe  *probe
	expiry uint64
	addr   string // of a contact
}

// probe is one attempt to hear of a member: directly, then through helpers and
// with a control beside them, in as many rounds as the own health asks for.
type probe struct {
	id      keyspace.ID
	version uint64
	rounds  int
	waiting int
	// Results of the round.
	answered            bool
	controlled, trusted bool // a control was sent, and answered
}

// Unreachable says that the data path saw a call to id fail. It is probed at
// once, and nothing more follows from it.
func (t *Table) Unreachable(id keyspace.ID) {
	if e := t.byID[id]; e != nil && e != t.me && e.m.State.Live() && e.asked < t.now {
		t.probe(e)
	}
}

// pace is how many members are probed at a time: one, but while nobody is
// known to live, as after a power cut of all, enough to have asked everyone who
// is remembered within half a minute, up to a thousand.
func (t *Table) pace() int {
	if t.living() > 1 {
		return 1
	}
	return min(32, 1+len(t.order)/16)
}

// probeNext probes the next in turn; every second time a suspect, if there is
// one: who hears of a suspicion asks the suspect himself, tells it so, and
// gets its refutation first hand, or has evidence of its own.
func (t *Table) probeNext() {
	if n := len(t.suspects); n > 0 && t.now%2 == 0 {
		t.probe(t.suspects[t.now/2%uint64(n)])
		return
	}
	for range 2 {
		for len(t.turn) > 0 {
			last := len(t.turn) - 1
			e := t.turn[last]
			t.turn = t.turn[:last]
			if t.probeable(e) && t.knows(e) {
				t.probe(e)
				return
			}
		}
		t.newRound()
	}
}

// newRound puts all who are to be probed in a new random order, so that each
// is probed within two rounds (SWIM, section 4.3).
func (t *Table) newRound() {
	for _, e := range t.order {
		if t.probeable(e) {
			t.turn = append(t.turn, e)
		}
	}
	t.rng.Shuffle(len(t.turn), func(i, j int) { t.turn[i], t.turn[j] = t.turn[j], t.turn[i] })
}

func (t *Table) probeable(e *entry) bool {
	return e != t.me && (e.m.State.Live() || e.unverified)
}

func (t *Table) probe(e *entry) {
	if e.probing {
		return
	}
	e.probing, e.asked = true, t.now
	t.ask(e, &probe{id: e.m.ID, version: e.m.Version})
}

// ask begins a round.
func (t *Table) ask(e *entry, p *probe) {
	t.call(e.m, Ping{To: p.id, Gossip: t.gossip(e)}, pending{kind: direct, probe: p})
}

// askOthers is the round's second half. The control goes to who was heard
// last: if even that one does not answer, the fault is here.
func (t *Table) askOthers(e *entry, p *probe) {
	p.answered, p.controlled, p.trusted = false, false, false
	for _, h := range t.helpers(e) {
		p.waiting++
		q := PingThrough{Target: told(e), Gossip: t.gossip(h)}
		t.call(h.m, q, pending{kind: through, probe: p})
	}
	if c := t.lastHeard(e); c != nil {
		p.waiting++
		p.controlled = true
		t.call(c.m, Ping{To: c.m.ID, Gossip: t.gossip(c)}, pending{kind: control, probe: p})
	}
	if p.waiting == 0 {
		t.conclude(p)
	}
}

// helpers returns random live members other than the target.
func (t *Table) helpers(target *entry) []*entry {
	return t.pick(t.c.Helpers, func(e *entry) bool { return e != target && e.m.State.Live() })
}

// lastHeard returns the live member, other than the target, that gave the
// last sign of life; nil where none ever did.
func (t *Table) lastHeard(target *entry) *entry {
	var best *entry
	for _, e := range t.order {
		if e == target || e == t.me || !e.m.State.Live() || e.heard == 0 {
			continue
		}
		if best == nil || e.heard > best.heard {
			best = e
		}
	}
	return best
}

// conclude judges a round that nobody answered, or somebody.
func (t *Table) conclude(p *probe) {
	e := t.byID[p.id]
	if e == nil {
		return
	}
	if p.answered {
		e.probing = false
		return
	}
	if p.rounds == 0 && (e.m.State == Alive || e.m.State == Leaving) {
		t.window.push(false, t.now)
		if p.controlled {
			t.window.push(p.trusted, t.now)
		}
	}
	p.rounds++
	if p.rounds < t.patience() {
		t.ask(e, p)
		return
	}
	e.probing = false
	if t.doubting() || p.controlled && !p.trusted && !t.alone() {
		return
	}
	t.accuse(e, p)
}

// pick returns up to k random members that fit, each at most once.
func (t *Table) pick(k int, fit func(*entry) bool) []*entry {
	var out []*entry
	n := 0
	for _, e := range t.order {
		if e == t.me || !fit(e) {
			continue
		}
		n++
		if len(out) < k {
			out = append(out, e)
		} else if i := t.rng.IntN(n); i < k { // reservoir: each with equal chance
			out[i] = e
		}
	}
	return out
}
