package replica_test

import (
	"slices"

	"chord/member"
	"chord/replica"
	"chord/value"
)

// start brings a node up, again or for the first time: then it asks somebody who
// is there to let it in.
func (m *model) start(n *modelNode) {
	if n.gone {
		return
	}
	if !n.joined {
		for _, o := range m.nodes {
			if o.up && o != n && o.self().State == member.Alive && m.cut[o.index] == m.cut[n.index] {
				n.up = true
				m.note("%d joins at %d", n.index, o.index)
				m.tell(o, n)
				m.tell(n, o)
				break
			}
		}
		n.joined = n.up
		return
	}
	n.up = true
	n.self().Version++
}

func (m *model) stop(n *modelNode) {
	n.up, n.filling = false, nil
	n.boot++
}

// disturb does what happens seldom.
func (m *model) disturb(n *modelNode, p int) {
	switch {
	case p < 187:
		m.note("%d crashes", n.index)
		m.stop(n)
	case p < 188:
		m.split()
	case p < 192:
		m.leave(n)
	case p < 195 && m.mayLose():
		m.wipe(n)
	case p < 198 && n.old != nil && m.mayLose():
		m.restore(n)
	case p == 199 && m.mayLose():
		m.forget(n, m.rng.IntN(modelNodes))
	}
}

func (m *model) split() {
	for i := range m.cut {
		m.cut[i] = m.rng.IntN(3) == 0
	}
	if m.rng.IntN(2) == 0 {
		clear(m.cut[:])
	}
}

// mayLose reports whether one more disk may be lost: fewer than a write quorum
// since all was repaired.
func (m *model) mayLose() bool {
	return !m.safe && m.lost+1 < m.least && m.lost+1 < m.quorums.Write && m.serving() > 2
}

func (m *model) serving() int {
	n := 0
	for _, o := range m.nodes {
		if o.self().Serving && o.self().State == member.Alive && !o.gone {
			n++
		}
	}
	return n
}

// wipe takes a node's disk. What it knows of the others it learns anew; that it
// has a place they tell it.
func (m *model) wipe(n *modelNode) {
	m.note("%d loses its disk", n.index)
	m.lose(n)
	n.copy = replica.Copy{Version: n.copy.Version + 1}
	n.sets, n.seq = [modelKeys]value.Set{}, 0
}

// restore brings back an older state of the disk, as the command does it.
func (m *model) restore(n *modelNode) {
	m.note("%d is restored", n.index)
	m.lose(n)
	version := n.copy.Version
	n.copy, n.sets, n.seq = n.old.copy, n.old.sets, n.old.seq
	n.copy.Version = version + 1
	if n.copy.State == replica.Synced && m.fault != restoreSynced {
		n.copy.State = replica.Partial
	}
}

func (m *model) lose(n *modelNode) {
	m.stop(n)
	m.lost++
	m.epoch++
	m.renew(n)
	n.self().Incarnation = n.incarnation
	n.self().Version++
	if n.self().Serving {
		n.self().Placed = n.self().Version
	}
	if m.rng.IntN(2) == 0 {
		n.up = true
	}
}

// forget is an operator's word at n that another, which it takes for down, is
// lost.
func (m *model) forget(n *modelNode, i int) {
	r := &n.view[i]
	if i == n.index || !n.down[i] || r.Addr == "" || r.State >= member.Left || !r.Serving {
		return
	}
	m.note("%d has %d forgotten", n.index, i)
	r.State = member.Forgotten
	r.Version++
	m.lost++
	m.moved(n)
	m.nodes[i].old = nil
}

// forgotten tells who of the nodes was: somebody knows it of its present life.
func (m *model) forgotten() (list [modelNodes]bool) {
	for _, n := range m.nodes {
		for i, r := range n.view {
			if r.State == member.Forgotten && r.Incarnation == m.nodes[i].incarnation {
				list[i] = true
			}
		}
	}
	return list
}

// ended reports whether somebody believes that a node was forgotten, in this life
// or in one that it did not know of when it took its place.
func (m *model) ended(i int) bool {
	return slices.ContainsFunc(m.nodes[:], func(n *modelNode) bool {
		return n.view[i].State == member.Forgotten && newer(n.view[i], *m.nodes[i].self())
	})
}

// rejoin has an empty database come under the name of one that was forgotten:
// then the placement is again what it was.
func (m *model) rejoin(n *modelNode) {
	if !n.joined || !m.forgotten()[n.index] {
		return
	}
	m.note("%d is replaced", n.index)
	m.stop(n)
	m.renew(n)
	record := member.Member{ID: n.id, Addr: n.self().Addr, Domain: n.self().Domain, Incarnation: n.incarnation, Version: 1}
	n.gone, n.joined, n.old, n.seq = false, false, nil, 0
	n.copy, n.sets, n.view = replica.Copy{}, [modelKeys]value.Set{}, [modelNodes]member.Member{}
	n.passed = [modelNodes]bool{}
	n.view[n.index] = record
}

// leave begins or ends a node's way out.
func (m *model) leave(n *modelNode) {
	self := n.self()
	switch {
	case self.State == member.Alive && self.Serving && n.placement(m.quorums).Len() > 1 && m.serving() > 2 && m.rng.IntN(2) == 0:
		self.State = member.Leaving
	case self.State == member.Leaving && n.copy.State == replica.Missing:
		self.State = member.Left
	default:
		return
	}
	self.Version++
	m.moved(n)
	m.note("%d is %s", n.index, self.State)
}
