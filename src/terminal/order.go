package terminal

import (
	"cmp"
	"slices"

	"chord/client"
)

// order is by what the members are sorted.
type order int

const (
	byPlace order = iota
	byName
	byOperations
	byLatency
	byKeys
	byState
	orders
)

var orderNames = [orders]string{"place", "name", "operations", "latency", "keys", "state"}

// sorted returns the members in the chosen order: by numbers the largest first.
// Members that are equal stand by place.
func (t *Top) sorted() []client.Surveyed {
	members := slices.Clone(t.survey.Members)
	slices.SortStableFunc(members, func(a, b client.Surveyed) int {
		c := t.compare(a, b)
		if t.reverse {
			c = -c
		}
		return c
	})
	return members
}

func (t *Top) compare(a, b client.Surveyed) int {
	x, y := t.rates[a.ID], t.rates[b.ID]
	switch t.order {
	case byName:
		return cmp.Compare(a.Name, b.Name)
	case byOperations:
		return cmp.Compare(y.reads+y.writes, x.reads+x.writes)
	case byLatency:
		return cmp.Compare(y.mean(), x.mean())
	case byKeys:
		return cmp.Compare(keysOf(b), keysOf(a))
	case byState:
		return cmp.Compare(b.State, a.State)
	}
	return a.ID.Compare(b.ID)
}

func (r rate) mean() float64 { return float64(r.took) / float64(max(r.ops, 1)) }

func keysOf(m client.Surveyed) uint64 {
	if m.Status == nil {
		return 0
	}
	return m.Status.Store.Keys
}
