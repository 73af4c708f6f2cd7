package member

import (
	"math/rand/v2"
	"slices"

	"chord/keyspace"
)

// Table is what one node believes of all. It is a state machine for one
// goroutine: each method but the lookups may fill the next [Ready].
type Table struct {
	c   Config
	rng *rand.Rand
	now uint64 // ticks since New

	me     *entry
	byID   map[keyspace.ID]*entry
	order  []*entry // Invariant: all of byID, by rising identifier
	counts [Forgotten + 1]int
	// forgotten holds the versions of members that were dropped for their age: the
	// others' tables, which drop them a little later, do not bring them back.
	forgotten map[keyspace.ID]uint64

	turn     []*entry // who is still to be probed in this round
	suspects []*entry // Invariant: every suspect is in it; others leave it at the next tick
	window   health
	news     gossip

	contacts []string
	reached  bool   // a contact answered
	pause    uint64 // between two exchanges with live members
	nextSync uint64
	twinAt   uint64 // when another holder of the own identifier may be looked for again

	number uint64
	calls  map[uint64]pending
	flight []uint64 // numbers of calls by age; answered ones among them
	ready  Ready
}

// entry is a member and what this table alone knows of it.
type entry struct {
	m     Member
	heard uint64 // tick of its last direct sign of life; zero: never
	since uint64 // tick since which m.State holds
	asked uint64 // tick of the last probe
	// Remembered from before the start and neither heard of nor probed since. Such
	// a member reads as down, and is told to nobody.
	unverified bool
	probing    bool
	listed     bool // in Table.suspects
	// Evidence of a suspicion: the own probe failed, somebody else said so.
	own, hearsay bool
	rumour       uint64 // the entry's current place in the gossip; zero: none
	// former is the last record of another database of the member; zero: none. The
	// member itself is told, for it may not know.
	former Member
	banned []Member // forgotten incarnations before the present one
}

// New makes the table of c.Self. Remembered are the records that the driver
// kept of earlier changes, of the node itself among them, in any order.
//
// Remembered members are down until they are heard of: after a power cut of
// all, most of them are, and routing to them would cost a time-out each. They
// count as holders of data all the same. Each is probed once, in turn, and then
// at the low rate of the others that are down.
func New(c Config, remembered []Member) *Table {
	c = c.withDefaults()
	t := &Table{
		c: c, rng: rand.New(rand.NewPCG(c.Seed, 0x9e3779b97f4a7c15)),
		byID: map[keyspace.ID]*entry{}, calls: map[uint64]pending{},
		forgotten: map[keyspace.ID]uint64{}, pause: uint64(c.SyncEvery),
	}
	for _, m := range remembered {
		if m.ID == c.Self.ID && m.Version >= c.Self.Version {
			c.Self.Version = m.Version + 1
		}
		if m.ID == c.Self.ID && m.Incarnation == c.Self.Incarnation {
			c.Self.Placed = m.Placed
		}
	}
	if c.Self.Serving && c.Self.Placed == 0 {
		c.Self.Version = max(c.Self.Version, 1)
		c.Self.Placed = c.Self.Version
	}
	t.me = t.insert(c.Self)
	for _, m := range remembered {
		if !valid(m) || t.byID[m.ID] != nil {
			continue
		}
		unverified := m.State < Left
		if unverified {
			m.State = Down
		}
		if e := t.insert(m); e != nil {
			e.unverified, e.rumour = unverified, 0
		}
	}
	t.nextSync = 1 + t.rng.Uint64N(uint64(c.SyncEvery))
	t.ready.Changes = append(t.ready.Changes, Change{New: t.me.m})
	return t
}

// Tick is one period: a probe, the suspicions that ran out, and from time to
// time an exchange of whole tables. The driver sends one a second.
func (t *Table) Tick() {
	t.now++
	t.giveUp()
	t.condemn()
	if t.now%uint64(t.c.ProbeEvery) == 0 {
		for range t.pace() {
			t.probeNext()
		}
	}
	t.contact()
	t.exchange()
	if t.now%1024 == 0 {
		t.forget()
	}
}

// Announce sets the node's own state, [Leaving] or [Left], and raises its
// version. Who was forgotten announces nothing.
func (t *Table) Announce(s State) {
	m := t.me.m
	if m.State == Forgotten {
		return
	}
	m.State = s
	m.Version++
	t.adopt(t.me, m)
}

// Paused says that the driver's clock jumped by ticks: the process or its host
// stood still. Suspicions begin anew, and nobody is accused until most of the
// own probes succeed again.
func (t *Table) Paused(ticks int) {
	t.now += uint64(max(ticks, 0))
	t.window.distrust(t.now)
	for _, e := range t.suspects {
		e.since = t.now
	}
}

// Ready returns what is to be done since the last Ready.
func (t *Table) Ready() Ready {
	r := t.ready
	t.ready = Ready{}
	return r
}

// Healthy returns how far the table trusts its own view: the share of its last
// probes that were answered. At 0.5 and below it accuses nobody.
func (t *Table) Healthy() float64 { return 1 - float64(t.window.failed())/windowSize }

// insert takes in a member that is unknown; nil where there is no room.
func (t *Table) insert(m Member) *entry {
	if len(t.order) >= t.c.Limit && !t.makeRoom() {
		return nil
	}
	e := &entry{m: m, since: t.now}
	t.byID[m.ID] = e
	t.order = slices.Insert(t.order, t.search(m.ID), e)
	t.counts[m.State]++
	t.enlist(e)
	if t.me != nil {
		t.turn = append(t.turn, e)
		i := t.rng.IntN(len(t.turn))
		last := len(t.turn) - 1
		t.turn[i], t.turn[last] = t.turn[last], t.turn[i]
		t.news.add(e)
	}
	return e
}

// adopt replaces what is believed of a member, tells the driver, and spreads
// it.
func (t *Table) adopt(e *entry, m Member) {
	old := e.m
	if m.State != old.State || m.Version != old.Version {
		e.since, e.own, e.hearsay = t.now, false, false
	}
	t.counts[old.State]--
	t.counts[m.State]++
	e.m, e.unverified = m, false
	if old.Incarnation != m.Incarnation {
		e.former = old
		e.ban(old)
	}
	t.enlist(e)
	if old != m {
		t.ready.Changes = append(t.ready.Changes, Change{Old: old, New: m})
	}
	if e != t.me { // the own record leads every message anyway
		t.news.add(e)
	}
}

// makeRoom drops who matters least: who left longest ago, else who is down for
// longest and holds nothing. It reports whether there was one.
func (t *Table) makeRoom() bool {
	var victim *entry
	for _, e := range t.order {
		if e == t.me || e.m.State < Down || e.keeps() {
			continue
		}
		if victim == nil || e.m.State > victim.m.State || e.m.State == victim.m.State && e.since < victim.since {
			victim = e
		}
	}
	if victim != nil {
		t.drop(victim)
	}
	return victim != nil
}

// forget drops who has been gone for the remembered time, and holds nothing.
func (t *Table) forget() {
	for _, e := range slices.Clone(t.order) {
		if e != t.me && e.m.State >= Down && !e.keeps() && t.now-e.since >= uint64(t.c.Remember) {
			if len(t.forgotten) >= t.c.Limit {
				clear(t.forgotten)
			}
			t.forgotten[e.m.ID] = e.m.Version
			t.drop(e)
		}
	}
}

func (t *Table) drop(e *entry) {
	i := t.search(e.m.ID)
	t.order = slices.Delete(t.order, i, i+1)
	delete(t.byID, e.m.ID)
	t.counts[e.m.State]--
	e.rumour = 0
	t.ready.Changes = append(t.ready.Changes, Change{Old: e.m})
}

// knows reports whether e is still the table's.
func (t *Table) knows(e *entry) bool { return t.byID[e.m.ID] == e }
