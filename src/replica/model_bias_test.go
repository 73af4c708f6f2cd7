package replica_test

import (
	"slices"

	"chord/replica"
	"chord/value"
)

// stride is a step of a biased schedule: something happens at a node, and what
// it causes goes on to its end among some of the nodes. What would go to others
// comes late, or never. So a write lands on just so many copies, a newcomer is
// filled while a member is cut off, and a confirmation of yesterday arrives.
func (m *model) stride() {
	var with [modelNodes]bool
	for i := range with {
		with[i] = m.rng.IntN(3) > 0
	}
	n, p := m.nodes[m.rng.IntN(modelNodes)], 90+m.rng.IntN(110)
	switch m.rng.IntN(16) {
	case 0, 1:
		m.suspectCut(n)
	case 2:
		m.yesterday()
	default:
		m.act(n, p)
	}
	m.flow(with)
	switch {
	case m.rng.IntN(3) == 0:
		m.net = nil
	case len(m.net) > 60:
		m.net = slices.Delete(m.net, 0, len(m.net)-60)
	}
}

// suspectCut cuts one node off, or nobody any more; who is cut off is believed
// to be down by n, and perhaps forgotten.
func (m *model) suspectCut(n *modelNode) {
	clear(m.cut[:])
	n.down = [modelNodes]bool{}
	i := m.rng.IntN(modelNodes)
	if m.rng.IntN(2) == 0 || i == n.index || !n.up {
		return
	}
	m.cut[i], n.down[i] = true, true
	if m.rng.IntN(4) == 0 && m.mayLose() {
		m.forget(n, i)
	}
}

// yesterday has the confirmations of a release come late: after one was forgotten
// and the copy, of a member now, took a write, and after an empty database came
// in the name of the forgotten one. The placement is then what it was.
func (m *model) yesterday() {
	i := slices.IndexFunc(m.nodes[:], func(n *modelNode) bool {
		return n.up && n.copy.State != replica.Missing && !m.group(n).Contains(n.id)
	})
	if i < 0 || !m.mayLose() {
		return
	}
	n, list := m.nodes[i], m.group(m.nodes[i]).Members
	x, e := m.node(list[m.rng.IntN(len(list))]), m.node(list[m.rng.IntN(len(list))])
	if x == e || !x.up {
		return
	}
	clear(m.cut[:])
	m.release(n)
	var late []*modelMessage
	for asked := m.net; len(asked) > 0; asked = asked[1:] {
		m.net = nil
		if !asked[0].answer {
			m.arrive(asked[0])
		}
		late = append(late, m.net...)
	}
	m.cut[e.index], x.down[e.index], m.net = true, true, nil
	m.forget(x, e.index)
	m.spreadNews()
	m.operate(x)
	var both [modelNodes]bool
	both[x.index], both[n.index] = true, true
	m.flow(both)
	clear(m.cut[:])
	m.net = nil
	m.rejoin(e)
	m.start(e)
	m.compare(e, m.nodes[m.rng.IntN(modelNodes)], true)
	m.flow(everybody)
	m.spreadNews()
	m.net = late
	m.flow(everybody)
}

var everybody = [modelNodes]bool{true, true, true, true, true, true, true}

func (m *model) spreadNews() {
	for _, a := range m.nodes {
		for _, b := range m.nodes {
			if a != b {
				m.meet(a, b)
			}
		}
	}
}

// flow delivers, in any order, whatever goes on among these nodes.
func (m *model) flow(with [modelNodes]bool) {
	for range 200 {
		var among []int
		for k, msg := range m.net {
			if with[msg.from] && with[msg.to] {
				among = append(among, k)
			}
		}
		if len(among) == 0 || m.wrong != nil {
			return
		}
		k := among[m.rng.IntN(len(among))]
		msg := m.net[k]
		m.net = slices.Delete(m.net, k, k+1)
		m.arrive(msg)
	}
}

// checkSpread: whatever was acknowledged since all was repaired is on as many
// disks as a write needs, less those that were lost since it began; and of
// the newest group's synced copies fewer lack it than a read asks, unless a disk
// was lost since.
func (m *model) checkSpread() {
	forgotten := m.forgotten()
	var reads [modelNodes]int // what a read needs, where a node may answer it
	for i, n := range m.nodes {
		if g := m.group(n); !m.shrunk(g) && !n.gone && !forgotten[i] && n.copy.State == replica.Synced && g.Contains(n.id) && m.newest(n) {
			reads[i] = g.Read
		}
	}
	for _, e := range m.history {
		if e.op.kind == "read" {
			continue
		}
		disks, blind, read := 0, 0, replica.MaxCopies
		for i, n := range m.nodes {
			switch has := m.shows(n.sets[e.op.key], e.op); {
			case has && !forgotten[i]:
				disks++
			case !has && reads[i] > 0:
				blind++
				read = reads[i]
			}
		}
		lost := m.lost - e.op.lost
		if need := min(m.least, m.quorums.Write) - lost; disks < need {
			m.fail("the acknowledged %s of %d is on %d disks instead of %d", e.op.kind, e.op.x.index, disks, need)
		}
		if blind >= read && m.lost == e.op.losses {
			m.fail("%d synced copies lack the acknowledged %s of %d", blind, e.op.kind, e.op.x.index)
		}
	}
}

// shrunk reports whether a group has fewer members than the ring was made for. A
// copy that is filled in it asks fewer sources than a write of before went past,
// so that while two leave at once a read may miss what they have; they hand it
// over all the same.
func (m *model) shrunk(g replica.Group) bool { return g.Copies < m.quorums.Copies }

// shows reports whether a set has what an operation did, as far as nothing
// covered it since.
func (m *model) shows(s value.Set, op *modelOp) bool {
	if op.dot.Seq > 0 && !m.covered[op.dot] && !has(s, op.dot) {
		return false
	}
	for _, d := range op.gone {
		if has(s, d) || !s.Context.Covers(d) {
			return false
		}
	}
	return true
}

func has(s value.Set, d value.Dot) bool {
	for _, e := range s.Elements {
		if slices.Contains(e.Dots, d) {
			return true
		}
	}
	return false
}
