package member

import (
	"sort"

	"chord/keyspace"
)

// Self returns the node's own record.
func (t *Table) Self() Member { return t.me.m }

// Get returns the record of a member.
func (t *Table) Get(id keyspace.ID) (Member, bool) {
	if e := t.byID[id]; e != nil {
		return e.m, true
	}
	return Member{}, false
}

// All returns every record, in every state, by rising identifier.
func (t *Table) All() []Member {
	out := make([]Member, len(t.order))
	for i, e := range t.order {
		out[i] = e.m
	}
	return out
}

// ByName returns the member of that name; where several have it, one that is
// present before one that is gone.
func (t *Table) ByName(name string) (Member, bool) {
	var best *entry
	for _, e := range t.order {
		if e.m.Name == name && (best == nil || e.m.State < best.m.State) {
			best = e
		}
	}
	if best == nil {
		return Member{}, false
	}
	return best.m, true
}

// Count returns how many members are in a state, the node itself included.
func (t *Table) Count(s State) int { return t.counts[s] }

// Closest returns the first live member clockwise in the open arc (after,
// before) that ok accepts; a nil ok accepts all. The arc (a, a) is the circle
// without a. It costs a binary search and a step for each that is passed over.
func (t *Table) Closest(after, before keyspace.ID, ok func(Member) bool) (Member, bool) {
	i := t.search(after)
	for range t.order {
		if i == len(t.order) {
			i = 0
		}
		e := t.order[i]
		i++
		if e.m.ID == after {
			continue
		}
		if !keyspace.Between(after, e.m.ID, before) {
			break
		}
		if e.m.State.Live() && (ok == nil || ok(e.m)) {
			return e.m, true
		}
	}
	return Member{}, false
}

// search returns the place of id in the order.
func (t *Table) search(id keyspace.ID) int {
	return sort.Search(len(t.order), func(i int) bool { return t.order[i].m.ID.Compare(id) >= 0 })
}
