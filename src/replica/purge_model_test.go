package replica_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"chord/keyspace"
	"chord/replica"
	"chord/value"
)

var purgeSeeds = flag.Int("purge.seeds", 200, "how many runs of the model of purges")

// The model: some nodes with one key. Each has its own, changing and arbitrary
// belief of who holds the key: far worse than a ring. Messages are delayed without
// bound, lost, repeated and reordered; nodes crash, come back, and are forgotten.
const (
	purgeNodes  = 6
	purgeCopies = 3
	purgeWrite  = 2
)

type purgeFault string

const (
	presentOnly   purgeFault = "purge by the present replicas only"
	noFence       purgeFault = "closure without the fence"
	seenNumber    purgeFault = "epoch raised by seeing a number"
	oldBytes      purgeFault = "what was refused is sent again as it was"
	beforeAll     purgeFault = "purge before all have confirmed"
	notDurable    purgeFault = "a confirmation is not durable"
	noPurgeFaults purgeFault = ""
)

type purgeNode struct {
	index  int
	id     keyspace.ID
	set    value.Set // on the disk, as the next four
	seq    uint64
	life   uint64 // new with each drop: what is filled before it coordinates again would cover the dots of before
	peers  replica.Copy
	purges replica.Purges
	before *purgeNode // as of the last confirmation, for a fault

	up, gone bool
	view     []int
	acks     map[int]map[int]bool // of operations
	purging  *replica.Purging
	above    uint64
	handed   map[int]bool
	handing  value.Set
}

type purgeModel struct {
	rng                           *rand.Rand
	fault                         purgeFault
	nodes                         [purgeNodes]*purgeNode
	net                           []func()
	calm, forgot                  bool
	ops                           int
	inserts, removes              map[int][]value.Dot
	acked                         map[value.Dot]bool
	gone, maybe                   map[value.Dot]bool // covered by acknowledged removes; by any
	finished                      map[value.Dot]bool
	ackedInserts, removed, purged int
	wrong                         error
}

func newPurgeModel(seed uint64, f purgeFault) *purgeModel {
	m := &purgeModel{
		rng: rand.New(rand.NewPCG(seed, 9)), fault: f, inserts: map[int][]value.Dot{}, removes: map[int][]value.Dot{},
		acked: map[value.Dot]bool{}, gone: map[value.Dot]bool{}, maybe: map[value.Dot]bool{}, finished: map[value.Dot]bool{},
	}
	for i := range m.nodes {
		m.nodes[i] = &purgeNode{index: i, id: keyspace.ID{byte(i + 1)}}
		m.restart(m.nodes[i])
	}
	return m
}

func (m *purgeModel) restart(n *purgeNode) {
	if n.before != nil && m.fault == notDurable {
		n.set, n.purges = n.before.set, n.before.purges
	}
	n.up, n.acks, n.purging, n.handed, n.before = true, map[int]map[int]bool{}, nil, nil, nil
	m.look(n)
}

func (m *purgeModel) look(n *purgeNode) {
	n.view, n.handed = m.rng.Perm(purgeNodes)[:purgeCopies], nil
}

// send has f happen at the receiver: once, twice, never, any time later.
func (m *purgeModel) send(to *purgeNode, f func(to *purgeNode)) {
	deliver := func() {
		if to.up && !to.gone {
			f(to)
			m.check(to)
		}
	}
	if m.calm || m.rng.IntN(10) > 0 {
		m.net = append(m.net, deliver)
	}
	if !m.calm && m.rng.IntN(10) == 0 {
		m.net = append(m.net, deliver)
	}
}

// check: what was forgotten is nowhere, and never comes back.
func (m *purgeModel) check(n *purgeNode) {
	for _, e := range n.set.Elements {
		for _, d := range e.Dots {
			if m.finished[d] && m.wrong == nil {
				m.wrong = fmt.Errorf("node %d has %v again, which was forgotten", n.index, d)
			}
		}
	}
}

func dotsOf(s value.Set) (dots []value.Dot) {
	for _, e := range s.Elements {
		dots = append(dots, e.Dots...)
	}
	return dots
}

func (m *purgeModel) fenced(mine, theirs uint64) bool { return mine != theirs && m.fault != noFence }

// write sends the set, as of now, for an operation; zero: for none.
func (m *purgeModel) write(n *purgeNode, to, op int) {
	n.peers, _ = n.peers.Note(m.nodes[to].id)
	m.deliver(n, m.nodes[to], op, n.purges.Epoch, n.set)
}

func (m *purgeModel) deliver(n, to *purgeNode, op int, epoch uint64, set value.Set) {
	m.send(to, func(to *purgeNode) {
		if m.fenced(to.purges.Epoch, epoch) {
			state := to.purges
			m.send(n, func(n *purgeNode) { m.refused(n, to, op, state, set) })
			return
		}
		to.set.Merge(set)
		to.peers, _ = to.peers.Note(n.id)
		m.send(n, func(n *purgeNode) { m.ack(n, to.index, op) })
	})
}

// refused: one of the two is behind. Who is catches up; then all is sent again
// from the store, if that can vouch for the operation still.
func (m *purgeModel) refused(n, to *purgeNode, op int, theirs replica.Purges, old value.Set) {
	if theirs.Epoch < n.purges.Epoch {
		mine := n.purges
		m.send(to, func(to *purgeNode) { m.catchUp(to, mine) })
	}
	m.catchUp(n, theirs)
	if op < 0 && n.handed == nil {
		return
	}
	if m.fault == oldBytes {
		m.deliver(n, to, op, n.purges.Epoch, old)
		return
	}
	if n.set.Context.CoversAll(m.inserts[op]) && n.set.Context.CoversAll(m.removes[op]) {
		m.write(n, to.index, op)
	}
}

func (m *purgeModel) catchUp(n *purgeNode, theirs replica.Purges) {
	if m.fault == seenNumber {
		n.purges.Epoch = max(n.purges.Epoch, theirs.Epoch)
		return
	}
	next, merge := n.purges.CatchUp(theirs)
	m.confirm(n, next, merge)
}

func (m *purgeModel) confirm(n *purgeNode, next replica.Purges, merge []replica.Removed) {
	before := *n
	n.before = &before
	for _, k := range merge {
		n.set.Merge(value.Set{Context: k.Context})
	}
	n.purges = next
}

// read asks for the set: who answers notes the reader in the same transaction in
// which it looks at the epoch.
func (m *purgeModel) read(n, of *purgeNode) {
	epoch := n.purges.Epoch
	m.send(of, func(of *purgeNode) {
		state, set := of.purges, of.set
		if m.fenced(state.Epoch, epoch) {
			m.send(n, func(n *purgeNode) { m.catchUp(n, state) })
			return
		}
		of.peers, _ = of.peers.Note(n.id)
		m.send(n, func(n *purgeNode) {
			if m.fenced(n.purges.Epoch, state.Epoch) {
				m.catchUp(n, state)
				return
			}
			n.set.Merge(set)
			n.peers, _ = n.peers.Note(of.id)
		})
	})
}

func (m *purgeModel) ack(n *purgeNode, from, op int) {
	if op < 0 {
		m.handedTo(n, from, op)
		return
	}
	if n.acks[op] == nil {
		return
	}
	n.acks[op][from] = true
	if len(n.acks[op]) < purgeWrite {
		return
	}
	for _, d := range m.inserts[op] {
		m.acked[d] = true
	}
	for _, d := range m.removes[op] {
		m.gone[d] = true
	}
}

func (m *purgeModel) begin(n *purgeNode) int {
	m.ops++
	n.acks[m.ops] = map[int]bool{n.index: true}
	return m.ops
}

func (m *purgeModel) insert(n *purgeNode) {
	if !slices.Contains(n.view, n.index) {
		return
	}
	n.seq++
	d := value.Dot{Actor: value.Actor{Node: n.id, Incarnation: n.life}, Seq: n.seq}
	op := m.begin(n)
	n.set.Insert(fmt.Append(nil, op), d)
	m.inserts[op] = []value.Dot{d}
	m.spread(n, op)
}

func (m *purgeModel) remove(n *purgeNode) {
	if !slices.Contains(n.view, n.index) || len(n.set.Elements) == 0 {
		return
	}
	op := m.begin(n)
	m.removes[op] = dotsOf(n.set)
	for _, d := range m.removes[op] {
		m.maybe[d] = true
	}
	n.set.Clear()
	m.spread(n, op)
}

func (m *purgeModel) spread(n *purgeNode, op int) {
	for _, to := range n.view {
		if to != n.index {
			m.write(n, to, op)
		}
	}
}

// repair brings what is here to the others of the view, or gives it up to them.
func (m *purgeModel) repair(n *purgeNode) {
	to := n.view[m.rng.IntN(purgeCopies)]
	if slices.Contains(n.view, n.index) {
		if to != n.index {
			if m.rng.IntN(2) == 0 {
				m.read(n, m.nodes[to])
			} else if len(n.set.Context) > 0 {
				m.write(n, to, 0)
			}
		}
		return
	}
	if len(n.set.Context) == 0 {
		return
	}
	if n.handed == nil || !slices.EqualFunc(n.handing.Elements, n.set.Elements, sameElement) || !n.handing.Context.Equal(n.set.Context) {
		m.ops++
		n.handed, n.handing = map[int]bool{-m.ops: true}, n.set
	}
	for op := range n.handed {
		if op < 0 {
			for _, to := range n.view {
				m.write(n, to, op)
			}
		}
	}
}

func sameElement(a, b value.Element) bool {
	return string(a.Value) == string(b.Value) && slices.Equal(a.Dots, b.Dots)
}

func (m *purgeModel) handedTo(n *purgeNode, from, op int) {
	if n.handed == nil || !n.handed[op] {
		return
	}
	if n.handed[from] = true; len(n.handed) <= purgeCopies {
		return
	}
	if n.handing.Context.Equal(n.set.Context) && slices.EqualFunc(n.handing.Elements, n.set.Elements, sameElement) {
		n.set = value.Set{}
		n.life++
	}
	n.handed = nil
}

// purge begins one, or asks once more those who have not confirmed.
func (m *purgeModel) purge(n *purgeNode) {
	if n.purging == nil {
		if len(n.set.Elements) > 0 || len(n.set.Context) == 0 || !slices.Contains(n.view, n.index) {
			return
		}
		var id replica.PurgeID
		m.ops++
		copy(id[:], fmt.Sprint(m.ops))
		p := replica.Purge{ID: id, Epoch: max(n.purges.Epoch, n.above) + 1, Keys: []replica.Removed{{Key: []byte("k"), Context: n.set.Context}}}
		holders := []keyspace.ID{n.id}
		for _, i := range n.view {
			holders = append(holders, m.nodes[i].id)
		}
		if m.fault == presentOnly {
			p.Keys, n.purging = nil, replica.NewPurging(p, holders)
			n.purging.Keys = []replica.Removed{{Key: []byte("k"), Context: n.set.Context}}
		} else {
			n.purging = replica.NewPurging(p, append(holders, n.peers.Peers...))
		}
	}
	g := n.purging
	for _, id := range g.Missing() {
		to := m.nodes[id[0]-1]
		if to.gone {
			var all []keyspace.ID
			for _, o := range m.nodes {
				if !o.gone {
					all = append(all, o.id)
				}
			}
			g.Replace(id, all)
			continue
		}
		m.prepare(n, to, g)
	}
	m.finish(n)
}

func (m *purgeModel) prepare(n, to *purgeNode, g *replica.Purging) {
	p := g.Purge
	m.send(to, func(to *purgeNode) {
		next, ok, changed := to.purges.Prepare(p)
		if !ok && m.fault == seenNumber && p.Epoch == to.purges.Epoch {
			ok = true
		}
		if changed {
			m.confirm(to, next, p.Keys)
		}
		epoch, peers := to.purges.Epoch, to.peers.Peers
		if m.fault == presentOnly {
			peers = nil
		}
		m.send(n, func(n *purgeNode) {
			if n.purging == g {
				g.Answer(to.id, ok, epoch, peers)
				m.finish(n)
			}
		})
	})
}

func (m *purgeModel) finish(n *purgeNode) {
	g := n.purging
	if g == nil {
		return
	}
	if epoch, refused := g.Refused(); refused {
		n.above, n.purging = max(n.above, epoch), nil
		return
	}
	if left := len(g.Missing()); left > 0 && (m.fault != beforeAll || left > 1) {
		return
	}
	m.purged++
	n.purging = nil
	for _, id := range g.Holders() {
		m.send(m.nodes[id[0]-1], func(to *purgeNode) {
			next, forget := to.purges.Finish(g.ID)
			to.purges = next
			for _, k := range forget {
				if len(to.set.Elements) == 0 && k.Context.CoversAll(to.set.Context) {
					to.set = value.Set{}
				}
			}
		})
	}
	for d := range m.maybe {
		if g.Keys[0].Context.Covers(d) {
			m.finished[d] = true
		}
	}
	for _, o := range m.nodes {
		if !o.gone {
			m.check(o)
		}
	}
}

func (m *purgeModel) step(load bool) {
	if k := m.rng.IntN(100); k < 75 && len(m.net) > 0 {
		i := m.rng.IntN(len(m.net))
		if i%8 == 7 && len(m.net) > 8 && m.rng.IntN(20) > 0 {
			return // some linger for very long
		}
		f := m.net[i]
		m.net = slices.Delete(m.net, i, i+1)
		f()
		return
	}
	n := m.nodes[m.rng.IntN(purgeNodes)]
	switch k := m.rng.IntN(100); {
	case n.gone:
	case !n.up:
		if m.calm || m.rng.IntN(4) == 0 {
			m.restart(n)
		}
	case load && k < 12:
		m.insert(n)
	case k < 30 && !m.calm:
		m.remove(n)
	case k < 60:
		m.repair(n)
	case k < 85:
		m.purge(n)
	case m.calm && k < 90:
		m.remove(n)
	case m.calm:
	case k < 96:
		m.look(n)
	case k < 98:
		n.up = false
	case !m.forgot && m.rng.IntN(10) == 0:
		m.forgot, n.gone = true, true
	}
}

func (m *purgeModel) run() error {
	for i := 0; i < 900 && m.wrong == nil; i++ {
		m.step(i%150 < 90)
	}
	m.settle()
	if m.wrong != nil {
		return m.wrong
	}
	return m.judge()
}

// settle lets all live, agree on who holds the key, and talk until they are equal.
func (m *purgeModel) settle() {
	m.calm = true
	final := slices.DeleteFunc(m.rng.Perm(purgeNodes), func(i int) bool { return m.nodes[i].gone })[:purgeCopies]
	for round := 0; round < 40 && m.wrong == nil; round++ {
		for _, n := range m.nodes {
			if n.gone {
				continue
			}
			if !n.up {
				m.restart(n)
			}
			if !slices.Equal(n.view, final) {
				n.view, n.handed = final, nil
			}
			n.purging = nil
			if round%4 == 3 {
				m.purge(n)
			} else {
				for range 3 {
					m.repair(n)
				}
			}
		}
		for len(m.net) > 0 && m.wrong == nil {
			f := m.net[0]
			m.net = m.net[1:]
			f()
		}
	}
}

func (m *purgeModel) judge() error {
	for _, n := range m.nodes {
		if n.gone || !slices.Contains(n.view, n.index) {
			continue
		}
		live := map[value.Dot]bool{}
		for _, d := range dotsOf(n.set) {
			live[d] = true
			if m.gone[d] {
				return fmt.Errorf("node %d has %v again, whose remove was acknowledged", n.index, d)
			}
		}
		for d := range m.acked {
			if !live[d] && !m.maybe[d] && !m.forgot {
				return fmt.Errorf("node %d lost %v, which was acknowledged", n.index, d)
			}
		}
	}
	m.ackedInserts, m.removed = len(m.acked), len(m.gone)
	return nil
}

// What was acknowledged stays, what was removed never comes back, whatever is
// purged when.
func TestPurgeModel(t *testing.T) {
	inserts, removes, purges := 0, 0, 0
	for seed := range uint64(*purgeSeeds) {
		m := newPurgeModel(seed, noPurgeFaults)
		if err := m.run(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		inserts, removes, purges = inserts+m.ackedInserts, removes+m.removed, purges+m.purged
	}
	t.Logf("%d seeds: %d acknowledged inserts, %d removed dots, %d purges", *purgeSeeds, inserts, removes, purges)
	if purges < *purgeSeeds/2 {
		t.Error("hardly anything is purged")
	}
}

// The model would notice.
func TestPurgeModelCatchesFaults(t *testing.T) {
	for _, f := range []purgeFault{presentOnly, noFence, seenNumber, oldBytes, beforeAll, notDurable} {
		caught := -1
		for seed := range uint64(500) {
			if err := newPurgeModel(seed, f).run(); err != nil {
				caught = int(seed)
				t.Logf("%s: seed %d: %v", f, seed, err)
				break
			}
		}
		if caught < 0 {
			t.Errorf("%s: not caught", f)
		}
	}
}
