package member

import "slices"

// Contact names bootstrap addresses. Whole tables are exchanged with each,
// again and again until one answers, and once more whenever no live member is
// left. An address of which no member is known is asked at a low rate for
// ever: who was down there when the others started may know nobody else.
func (t *Table) Contact(addrs ...string) {
	for _, a := range addrs {
		if a != t.me.m.Addr && !slices.Contains(t.contacts, a) {
			t.contacts = append(t.contacts, a)
			t.reached = false
			t.callContact(a)
		}
	}
}

// contact asks the bootstrap addresses again.
func (t *Table) contact() {
	if t.me.m.State >= Left {
		return
	}
	lost := !t.reached || t.living() <= 1
	for _, a := range t.contacts {
		if lost && t.now%uint64(t.c.ContactEvery) == 0 || t.now%uint64(t.c.SyncEvery) == 0 && !t.met(a) {
			t.callContact(a)
		}
	}
}

// met reports whether a member of that address is known.
func (t *Table) met(addr string) bool {
	return slices.ContainsFunc(t.order, func(e *entry) bool { return e.m.Addr == addr })
}

func (t *Table) callContact(addr string) {
	for _, n := range t.flight {
		if c, ok := t.calls[n]; ok && c.kind == contact && c.addr == addr {
			return
		}
	}
	t.call(Member{Addr: addr}, t.table(), pending{kind: contact, addr: addr})
}

// exchange sends the whole table to a member that is down, at a low rate, so
// that partitions heal; and to a live one, so that what gossip missed gets
// round: often as long as that brings news, seldom where tables are large
// and quiet.
func (t *Table) exchange() {
	if t.me.m.State >= Left {
		return
	}
	if t.now%uint64(t.c.SyncEvery) == 0 {
		t.reunite(func(e *entry) bool { return e.m.State == Down })
	}
	if t.now >= t.nextSync {
		t.nextSync = t.now + t.pause
		t.reunite(func(e *entry) bool { return e.m.State.Live() })
	}
}

func (t *Table) reunite(fit func(*entry) bool) {
	for _, e := range t.pick(1, fit) {
		t.call(e.m, t.table(), pending{kind: reunion})
	}
}

// slowDown sets the pause before the next exchange with a live member, after one
// that brought so many news. A table of 10,000 takes a megabyte.
func (t *Table) slowDown(news int) {
	least := uint64(t.c.SyncEvery)
	most := least * uint64(max(1, t.living()/64))
	t.pause = min(2*t.pause, most)
	if news > GossipMax+t.living()/16 {
		t.pause = least
		t.nextSync = min(t.nextSync, t.now+least)
	}
}

// table is the whole table as a question, without what is only remembered.
func (t *Table) table() Sync { return Sync{From: t.me.m.ID, Members: t.whole()} }

func (t *Table) whole() []Member {
	out := make([]Member, 0, len(t.order))
	for _, e := range t.order {
		if !e.unverified {
			out = append(out, e.m)
		}
		out = append(out, e.banned...)
	}
	return out
}

// remembered returns the members of which nothing was heard since the start.
func (t *Table) remembered() (out []Member) {
	for _, e := range t.order {
		if e.unverified {
			out = append(out, e.m)
		}
	}
	return out
}
