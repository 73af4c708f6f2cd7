package member

import (
	"slices"

	"chord/keyspace"
)

// Serve says that the node has been filled and takes its place among those who
// hold copies; it raises the own version.
func (t *Table) Serve() {
	m := t.me.m
	m.Serving = true
	m.Version++
	m.Placed = m.Version
	t.adopt(t.me, m)
}

// Forget gives up a member that is down, with all that it holds. It reports
// whether it was down: who lives is not forgotten.
func (t *Table) Forget(id keyspace.ID) bool {
	e := t.byID[id]
	if e == nil || e.m.State != Down {
		return false
	}
	m := e.m
	m.State = Forgotten
	m.Version++
	t.adopt(e, m)
	return true
}

// bans reports whether the record is of an incarnation that was forgotten and
// replaced by another: nothing else that is said of it counts any more.
func (e *entry) bans(m Member) bool { return m.State != Forgotten && e.noted(m.Incarnation) }

func (e *entry) noted(incarnation uint64) bool {
	return slices.ContainsFunc(e.banned, func(b Member) bool { return b.Incarnation == incarnation })
}

// ban notes a forgotten incarnation beside the one that came after it.
func (e *entry) ban(m Member) {
	if m.State == Forgotten && m.Incarnation != e.m.Incarnation && !e.noted(m.Incarnation) {
		e.banned = append(e.banned, m)
	}
}

// keeps reports whether the entry must never be dropped: its member holds data,
// or is to stay out.
func (e *entry) keeps() bool {
	return e.m.State == Forgotten || len(e.banned) > 0 || e.m.Serving && e.m.State != Left
}
