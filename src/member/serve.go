package member

import "chord/keyspace"

// Serve says that the node has been filled and takes its place among those who
// hold copies; it raises the own version.
func (t *Table) Serve() {
	m := t.me.m
	m.Serving = true
	m.Version++
	t.adopt(t.me, m)
}

// Forget gives up a member that is down. It reports whether it was.
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
