package member

import (
	"errors"
	"fmt"
)

// ErrInvariant is wrapped by what [Table.CheckInvariants] finds.
var ErrInvariant = errors.New("member: invariant broken")

// CheckInvariants returns what is wrong with the table, for tests and for the
// program's self-check.
func (t *Table) CheckInvariants() error {
	broken := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrInvariant, fmt.Sprintf(format, args...))
	}
	var counts [Forgotten + 1]int
	for i, e := range t.order {
		counts[e.m.State]++
		switch {
		case t.byID[e.m.ID] != e:
			return broken("%s is in the order but not the table's", e.m.ID.Short())
		case i > 0 && t.order[i-1].m.ID.Compare(e.m.ID) >= 0:
			return broken("%s is out of order", e.m.ID.Short())
		case e.unverified && e.m.State != Down:
			return broken("%s is only remembered and %s", e.m.ID.Short(), e.m.State)
		case e.m.State == Suspect && !e.listed:
			return broken("the suspicion of %s will not end", e.m.ID.Short())
		}
	}
	switch {
	case len(t.order) != len(t.byID):
		return broken("%d members in order, %d in all", len(t.order), len(t.byID))
	case len(t.order) > t.c.Limit:
		return broken("%d members, the limit is %d", len(t.order), t.c.Limit)
	case t.byID[t.me.m.ID] != t.me:
		return broken("the own record is gone")
	case t.me.m.State == Suspect || t.me.m.State == Down:
		return broken("the node believes itself %s", t.me.m.State)
	case counts != t.counts:
		return broken("counts %v, want %v", t.counts, counts)
	}
	return nil
}
