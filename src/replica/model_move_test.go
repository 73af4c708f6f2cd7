package replica_test

import (
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/value"
)

// modelFilling counts with whom a copy was compared, under one placement.
type modelFilling struct {
	stamp   replica.Stamp
	synced  map[keyspace.ID]bool
	answers map[keyspace.ID]bool
}

// fill compares with one other, to make the own copy synced; or, before the node
// serves, to have nearly everything when it begins to.
func (m *model) fill(n *modelNode) {
	joining := !n.self().Serving && n.self().State == member.Alive
	if !joining && (!m.group(n).Contains(n.id) || n.copy.State == replica.Synced) {
		return
	}
	o := m.nodes[m.rng.IntN(modelNodes)]
	m.compare(n, o, true)
}

// repair brings what another has and n lacks.
func (m *model) repair(n *modelNode) {
	if m.group(n).Contains(n.id) || n.copy.State == replica.Partial {
		m.compare(n, m.nodes[m.rng.IntN(modelNodes)], false)
	}
}

func (m *model) compare(n, o *modelNode, counts bool) {
	if r := n.view[o.index]; o == n || r.Addr == "" || r.State >= member.Left {
		return
	}
	asked := m.stamp(n)
	record := *n.self()
	m.call(n, o, func() func() {
		if newer(record, o.view[n.index]) {
			before := m.stamp(o)
			if o.view[n.index] = record; m.stamp(o) != before {
				m.moved(o)
			}
		}
		stamp, state, sets := m.stamp(o), o.copy.State, o.sets
		return func() {
			m.take(n, sets)
			switch {
			case m.stamp(n) != asked && m.fault != otherStamp:
			case stamp == m.stamp(n) || m.fault == otherStamp:
				if counts {
					m.counted(n, o, state == replica.Synced)
				}
			default:
				m.meet(n, o)
			}
		}
	})
}

// take merges whole sets.
func (m *model) take(n *modelNode, sets [modelKeys]value.Set) {
	for k, s := range sets {
		if len(s.Context) > 0 {
			m.merge(n, k, s.Delta(nil))
		}
	}
}

// counted notes a source, or an answer that brought nothing else, and draws the
// conclusion.
func (m *model) counted(n, o *modelNode, synced bool) {
	f := n.filling
	if f == nil || f.stamp != m.stamp(n) {
		f = &modelFilling{m.stamp(n), map[keyspace.ID]bool{}, map[keyspace.ID]bool{}}
		n.filling = f
	}
	f.answers[o.id] = true
	if synced {
		f.synced[o.id] = true
	}
	all := true
	for i, r := range n.view {
		if i != n.index && r.Addr != "" && r.State < member.Left && !f.answers[r.ID] {
			all = false
		}
	}
	g := m.group(n)
	need := g.Sources()
	if m.fault == oneSource || !n.self().Serving {
		need = 1
	}
	switch {
	case len(f.synced) < need && !all:
	case !n.self().Serving && n.self().State == member.Alive:
		m.note("%d serves", n.index)
		n.self().Serving = true
		n.self().Version++
		n.self().Placed = n.self().Version
		n.filling = nil
		m.moved(n)
	case g.Contains(n.id) && n.copy.State != replica.Synced:
		m.note("%d is synced", n.index)
		n.copy = n.copy.To(replica.Synced)
	}
}

// release offers what n should not have to all members of its group, and drops
// it when all have confirmed just this.
func (m *model) release(n *modelNode) {
	g := m.group(n)
	if g.Contains(n.id) || n.copy.State == replica.Missing || len(g.Members) == 0 || !n.self().Serving {
		return
	}
	stamp, offered, version := m.stamp(n), n.sets, n.copy.Version
	confirmed := map[keyspace.ID]bool{}
	need := len(g.Members)
	if m.fault == dropMajority {
		need = len(g.Members)/2 + 1
	}
	drop := func() {
		same := allAlike(offered, n.sets) && version == n.copy.Version
		if (same || m.fault == dropOld) && m.stamp(n) == stamp && n.copy.State != replica.Missing {
			m.note("%d drops", n.index)
			m.least = min(m.least, len(g.Members))
			n.copy, n.sets = n.copy.To(replica.Missing), [modelKeys]value.Set{}
			n.filling = nil
		}
	}
	for _, id := range g.Members {
		o := m.node(id)
		m.call(n, o, func() func() {
			if m.stamp(o) != stamp || !m.group(o).Contains(o.id) {
				return func() { m.meet(n, o) }
			}
			m.take(o, offered)
			return func() {
				if confirmed[o.id] = true; len(confirmed) >= need {
					drop()
				}
			}
		})
	}
	if m.fault == dropOnSend {
		drop()
	}
}

// alike reports whether sets are the same: their digests would be.
func alike(a, b value.Set) bool {
	return a.Context.Equal(b.Context) && slices.EqualFunc(a.Elements, b.Elements, func(a, b value.Element) bool {
		return string(a.Value) == string(b.Value) && slices.Equal(a.Dots, b.Dots)
	})
}

func allAlike(a, b [modelKeys]value.Set) bool { return slices.EqualFunc(a[:], b[:], alike) }
