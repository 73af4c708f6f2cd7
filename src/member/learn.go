package member

// Learn takes in records from elsewhere, such as the gossip of a relayed [Ack].
func (t *Table) Learn(ms []Member) {
	for _, m := range ms {
		t.learn(m)
	}
}

// learn merges one record and reports whether it was news.
func (t *Table) learn(m Member) bool {
	switch e := t.byID[m.ID]; {
	case !valid(m):
		return false
	case e == t.me:
		t.refute(m)
		return false
	case e == nil:
		return t.meet(m)
	case e.bans(m):
		return false
	case e.unverified:
		return t.confirm(e, m)
	default:
		return t.update(e, m)
	}
}

// meet takes in a member that was unknown.
func (t *Table) meet(m Member) bool {
	if v, ok := t.forgotten[m.ID]; ok {
		if m.Version <= v {
			return false
		}
		delete(t.forgotten, m.ID)
	}
	e := t.insert(m)
	if e == nil {
		return false
	}
	e.hearsay = true
	t.ready.Changes = append(t.ready.Changes, Change{New: m})
	t.checkName(e)
	return true
}

// confirm takes in what others say of a member that is only remembered. Its
// last version counts as alive here: that it was not heard of is no evidence
// against it.
func (t *Table) confirm(e *entry, m Member) bool {
	held := e.m
	held.State = Alive
	if compare(m, held) < 0 {
		e.ban(m)
		return false
	}
	t.adopt(e, m)
	e.hearsay = true
	t.checkName(e)
	return true
}

// update takes in a newer belief. Others' word that a live member is down is
// taken as a suspicion only, which the own timer ends: when a partition heals,
// each side calls the other down, and one rumour must not fell those who can
// be seen alive.
func (t *Table) update(e *entry, m Member) bool {
	condemned := m.State == Down && e.m.State.Live()
	if condemned {
		m.State = Suspect
	}
	switch c := compare(m, e.m); {
	case c > 0:
		t.adopt(e, m)
		e.hearsay = true
		t.checkName(e)
		return true
	case c == 0 && condemned:
		e.hearsay = true // another's suspicion ran out: it is not only ours
	}
	e.ban(m)
	return false
}

// refute answers a rumour about the node itself that is as new as its own
// record and differs from it, by a newer record. That covers suspicions,
// and records of the node's own former life: other address, other incarnation,
// higher version. A node that left does not come back by rumours; one that was
// forgotten learns it here, and says so of itself. Whose former life served
// keeps its place: what it holds is found out, not whether it shall. Where a
// former life was forgotten after this one took its place, others placed it
// nowhere for a while: it takes its place anew.
func (t *Table) refute(m Member) {
	self := t.me.m
	t.me.ban(m)
	switch {
	case m.Incarnation != self.Incarnation && m.State != Forgotten:
		t.ready.Former = append(t.ready.Former, m)
	case m.Incarnation == self.Incarnation && m.State == Forgotten && self.State != Forgotten:
		m.Version = max(m.Version, self.Version)
		t.adopt(t.me, m)
		return
	}
	t.ready.Older = t.ready.Older || sameNode(m, self) && m.Version > self.Version && m.State < Left
	displaced := m.State == Forgotten && self.Serving && m.Version >= self.Placed
	if self.State >= Left || m == self || m.Version < self.Version && !displaced {
		return
	}
	if m.State == Suspect && sameNode(m, self) {
		t.window.push(false, t.now) // Lifeguard: who is suspected may well be slow
	}
	if m.State.Live() && m.Addr != self.Addr {
		t.seekTwin(m)
	}
	self.Version = max(self.Version, m.Version) + 1
	if displaced || !self.Serving && m.Serving && m.State < Left && m.Incarnation != self.Incarnation {
		self.Serving, self.Placed = true, self.Version
	}
	t.ready.Displaced = t.ready.Displaced || displaced
	t.adopt(t.me, self)
}

// seekTwin asks at the address of another record of the own identifier whether
// somebody is there, at most every 30 ticks.
func (t *Table) seekTwin(m Member) {
	if t.now < t.twinAt {
		return
	}
	t.twinAt = t.now + 30
	t.call(m, Ping{To: m.ID, Gossip: t.gossip(nil)}, pending{kind: twin})
}

// checkName probes a live member that has the node's own name, for only an
// answer is evidence of a conflict. It may be what the node was before.
func (t *Table) checkName(e *entry) {
	if e.m.Name != t.me.m.Name {
		return
	}
	if e.m.Incarnation != t.me.m.Incarnation {
		t.ready.Former = append(t.ready.Former, e.m)
	}
	if e.m.State.Live() {
		t.probe(e)
	}
}

// heard notes a direct sign of life, whose message held ms.
func (t *Table) heard(from *entry, ms []Member) {
	if from == nil {
		return
	}
	self := t.me.m
	if from != t.me {
		from.heard = t.now
		if from.m.Name == self.Name && self.State < Left {
			t.conflict(from.m)
		}
		return
	}
	for _, m := range ms {
		if m.ID == self.ID && !sameNode(m, self) && self.State < Left {
			t.conflict(m)
			return
		}
	}
}

func (t *Table) conflict(other Member) {
	t.ready.Conflicts = append(t.ready.Conflicts, Conflict{Self: t.me.m, Other: other})
}
