package replica_test

import (
	"fmt"
	"slices"

	"chord/keyspace"
	"chord/replica"
	"chord/value"
)

// modelOp is an operation at its coordinator.
type modelOp struct {
	x       *modelNode
	g       replica.Group
	key     int
	kind    string
	value   string
	began   int // clock
	epoch   int
	lost    int                       // disks, when it began; none where its coordinator may not know of all
	losses  int                       // the same whatever it knows
	answers map[keyspace.ID]value.Set // of the read phase
	merged  bool                      // the read phase has what it needs
	done    bool
	before  value.Set
	after   value.Set
	gone    []value.Dot // what it took out
	dot     value.Dot
	then    func()
}

// modelWrite is a change on its way to the others, at its coordinator.
type modelWrite struct {
	op     *modelOp
	delta  value.Delta
	have   []keyspace.ID // who has it
	tries  int
	enough func() // called once
}

// operate has a client ask n for something.
func (m *model) operate(n *modelNode) {
	g := m.group(n)
	if n.copy.State != replica.Synced || !g.Contains(n.id) {
		return
	}
	op := &modelOp{
		x: n, g: g, key: m.rng.IntN(modelKeys), epoch: m.epoch, losses: m.lost, began: m.tick(),
		kind:  []string{"insert", "insert", "insert", "read", "read", "remove", "put", "delete"}[m.rng.IntN(8)],
		value: fmt.Sprint("v", m.rng.IntN(4)),
	}
	if m.newest(n) { // else one of its group may be forgotten already
		op.lost = m.lost
	}
	var up []keyspace.ID
	for _, id := range g.Members {
		if !n.down[m.node(id).index] || id == n.id {
			up = append(up, id)
		}
	}
	if op.kind != "read" && !g.Durable(up) {
		return
	}
	if m.least > g.Write {
		m.least = g.Write
	}
	switch {
	case op.kind == "read":
		m.read(op, func() { m.answered(op) })
	case op.kind == "insert" || m.fault == removeBlindly:
		m.commit(op)
	default:
		m.read(op, func() { m.commit(op) })
	}
}

// read asks a quorum, merges, and writes back what others lack.
func (m *model) read(op *modelOp, then func()) {
	x := op.x
	op.answers = map[keyspace.ID]value.Set{x.id: x.sets[op.key]}
	op.then = then
	m.readOn(op)
	for _, id := range op.g.Members {
		y := m.node(id)
		if y == x {
			continue
		}
		m.call(x, y, func() func() {
			if g := m.group(y); g.Stamp != op.g.Stamp || y.copy.State != replica.Synced && m.fault != readPartial {
				return nil
			}
			if y.copy.State != replica.Synced {
				m.fail("%d answers from a copy that is %s", y.index, y.copy.State)
			}
			set := y.sets[op.key]
			return func() {
				if !op.merged {
					op.answers[y.id] = set
					m.readOn(op)
				}
			}
		})
	}
}

// readOn goes on with a read once a quorum has answered.
func (m *model) readOn(op *modelOp) {
	x := op.x
	if len(op.answers) < op.g.Read || op.merged {
		return
	}
	if x.copy.State != replica.Synced || m.group(x).Stamp != op.g.Stamp {
		op.done = true
		return
	}
	for _, id := range op.g.Members {
		x.sets[op.key].Merge(op.answers[id])
	}
	op.after, op.merged = x.sets[op.key], true
	w := &modelWrite{op: op, delta: op.after.Delta(nil), have: []keyspace.ID{x.id}, enough: op.then}
	for _, id := range op.g.Members {
		if set, ok := op.answers[id]; ok && id != x.id && alike(set, op.after) {
			w.have = append(w.have, id)
		}
	}
	if m.fault == noWriteBack {
		op.then()
		return
	}
	m.spread(w)
}

// commit makes the change in the coordinator's store and sends it.
func (m *model) commit(op *modelOp) {
	x := op.x
	if x.copy.State != replica.Synced || m.group(x).Stamp != op.g.Stamp {
		op.done = true
		return
	}
	set := &x.sets[op.key]
	op.before = *set
	switch v := []byte(op.value); op.kind {
	case "insert":
		set.Insert(v, m.newDot(op))
	case "put":
		set.Put(v, m.newDot(op))
	case "remove":
		set.Remove(v)
	case "delete":
		set.Clear()
	}
	op.after = *set
	m.committed(op)
	m.spread(&modelWrite{op: op, delta: m.delta(op), have: []keyspace.ID{x.id}, enough: func() { m.acknowledged(op) }})
}

func (m *model) newDot(op *modelOp) value.Dot {
	op.x.seq++
	op.dot = value.Dot{Actor: value.Actor{Node: op.x.id, Incarnation: op.x.incarnation}, Seq: op.x.seq}
	return op.dot
}

// delta is of one value, or of all.
func (m *model) delta(op *modelOp) value.Delta {
	if op.kind == "put" || op.kind == "delete" {
		return op.after.Delta(nil)
	}
	var now []value.Element
	for _, e := range op.after.Elements {
		if string(e.Value) == op.value {
			now = append(now, e)
		}
	}
	return value.NewDelta(nil, value.Hash([]byte(op.value)), op.before.Context, op.after.Context, now...)
}

// spread sends a change to the other members; enough of them: it is durable.
func (m *model) spread(w *modelWrite) {
	m.settled(w)
	for _, id := range w.op.g.Members {
		if !slices.Contains(w.have, id) {
			m.write(w, m.node(id))
		}
	}
}

func (m *model) settled(w *modelWrite) {
	if w.enough != nil && (w.op.g.Durable(w.have) || m.fault == ackAlone) {
		then := w.enough
		w.enough = nil
		then()
	}
}

func (m *model) write(w *modelWrite, y *modelNode) {
	x, key, d := w.op.x, w.op.key, w.delta
	again := func() {
		if w.tries++; w.tries < 6 {
			m.write(w, y)
		}
	}
	m.call(x, y, func() func() {
		if g := m.group(y); m.fault != ignoreStamp && (g.Stamp != w.op.g.Stamp || !g.Contains(y.id)) {
			return func() { // they tell each other whom they know, and it is tried again
				m.meet(x, y)
				again()
			}
		}
		if !m.merge(y, key, d) {
			return func() {
				w.delta = x.sets[key].Delta(nil)
				again()
			}
		}
		return func() {
			if !slices.Contains(w.have, y.id) {
				w.have = append(w.have, y.id)
				m.settled(w)
			}
		}
	})
}

// merge takes a change in, in one transaction. It is false where there is a gap.
func (m *model) merge(n *modelNode, key int, d value.Delta) bool {
	set := &n.sets[key]
	if !d.Whole() && !set.Context.CoversAll(d.Before) && m.fault != mergeGaps {
		return false
	}
	if n.copy.State == replica.Missing {
		n.copy = n.copy.To(replica.Partial)
	}
	piece := d.Piece
	piece.Last = true
	set.MergePiece(piece)
	return true
}
