package replica

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"chord/keyspace"
)

var (
	modelSeed  = flag.Uint64("token.seed", 0, "replay this seed of the model alone")
	modelSeeds = flag.Uint64("token.seeds", 3000, "how many seeds of the model to run")
)

// The model: some nodes, one bucket, and a network that delays, loses, repeats
// and reorders. Nodes differ in whom they take for the owner, crash at any
// point, leave and come back. The content of the bucket is the set of writes.
const modelNodes = 5

type modelNode struct {
	// On the disk.
	holding Holding
	content map[int]bool
	// In memory.
	owner     int  // whom the node believes to be the owner
	left      bool // it left the ring; the others know at once
	arriving  map[*modelMessage]bool
	asking    []int // whom it still asks about a bucket that went to a node that left
	claimedBy int
}

// modelMessage is a hand-over on its way, or its answer.
type modelMessage struct {
	from, to int
	epoch    uint64
	content  []int
	begun    bool // the first half is stored
	answer   bool
	stale    bool
	better   int // of stale; -1: the other does not say
}

// fault is a deliberate mistake that the checks must find.
type fault int

const (
	noFault fault = iota
	dropOnSend
	forgetFromEpoch
	clearArriving
	redirectBlindly
	hintWhileHanding
	askForHolders
)

type model struct {
	rng   *rand.Rand
	fault fault
	nodes [modelNodes]*modelNode
	net   []*modelMessage
	acked map[int]bool
	wrote int
	log   []string
}

func modelID(i int) keyspace.ID          { return node(byte(i + 1)) }
func modelIndex(id keyspace.ID) int      { return int(id[0]) - 1 }
func (m *model) note(f string, a ...any) { m.log = append(m.log, fmt.Sprintf(f, a...)) }

func newModel(seed uint64, f fault) *model {
	m := &model{rng: rand.New(rand.NewPCG(seed, 1)), fault: f, acked: map[int]bool{}}
	for i := range m.nodes {
		m.nodes[i] = &modelNode{content: map[int]bool{}, arriving: map[*modelMessage]bool{}}
	}
	m.nodes[0].holding = Found()
	return m
}

// step lets one thing happen.
func (m *model) step() {
	i := m.rng.IntN(modelNodes)
	switch k := m.rng.IntN(20); {
	case k < 3:
		m.write(i)
	case k < 7:
		m.handOver(i)
	case k < 13:
		m.deliver(m.rng.IntN(10) == 0)
	case k < 14 && len(m.net) > 0:
		m.lose(m.rng.IntN(len(m.net)))
	case k < 16:
		m.nodes[i].owner = m.rng.IntN(modelNodes)
	case k < 17:
		m.crash(i)
	case k < 18:
		m.clear(i)
	case k < 19:
		m.leave(i)
	default:
		m.nodes[i].left = false
	}
}

// write is a client's write at a node; it is acknowledged unless the answer is
// lost.
func (m *model) write(i int) {
	if n := m.nodes[i]; n.holding.State == Held {
		m.wrote++
		n.content[m.wrote] = true
		m.acked[m.wrote] = m.rng.IntN(4) > 0
	}
}

// handOver does what the node's pushes would do next.
func (m *model) handOver(i int) {
	n := m.nodes[i]
	if n.left {
		return
	}
	if n.holding.State == Held && n.owner != i && !m.nodes[n.owner].left {
		n.holding, _ = n.holding.Freeze(modelID(n.owner))
		m.note("%d freezes for %d", i, n.owner)
	}
	if n.holding.State != Handing {
		return
	}
	to := modelIndex(n.holding.To)
	if m.nodes[to].left {
		m.reclaim(i)
		return
	}
	n.asking = nil
	push := &modelMessage{from: i, to: to, epoch: n.holding.Epoch}
	for w := range n.content {
		push.content = append(push.content, w)
	}
	slices.Sort(push.content)
	m.net = append(m.net, push)
	m.note("%d pushes epoch %d to %d", i, push.epoch, to)
	if m.fault == dropOnSend {
		n.holding = n.holding.Confirm(n.holding.Epoch)
	}
}

// reclaim asks one more node, or acts when all have been asked.
func (m *model) reclaim(i int) {
	n := m.nodes[i]
	if n.asking == nil {
		n.claimedBy = -1
		for j, other := range m.nodes {
			if j != i && !other.left {
				n.asking = append(n.asking, j)
			}
		}
	}
	if len(n.asking) > 0 && m.fault != redirectBlindly {
		j := n.asking[0]
		if m.nodes[j].left {
			n.asking = nil // it does not answer any more: from the beginning
			return
		}
		n.asking = append([]int{}, n.asking[1:]...)
		other := m.nodes[j].holding
		if m.fault == askForHolders && (other.State == Held || other.State == Handing) ||
			m.fault != askForHolders && other.State != Absent && other.Epoch >= n.holding.Epoch {
			n.claimedBy = j
		}
		return
	}
	n.asking = nil
	switch {
	case n.claimedBy >= 0:
		n.holding, _ = n.holding.Redirect(modelID(n.claimedBy))
	case n.owner == i:
		n.holding, _ = n.holding.TakeBack()
	default:
		n.holding, _ = n.holding.Redirect(modelID(n.owner))
	}
	m.note("%d reclaims: %+v", i, n.holding)
}

// deliver takes a message out of the network, or only looks at it.
func (m *model) deliver(keep bool) {
	if len(m.net) == 0 {
		return
	}
	k := m.rng.IntN(len(m.net))
	msg := m.net[k]
	if msg.answer {
		m.confirmed(msg)
	} else if !m.nodes[msg.to].left && !m.receive(msg) {
		return // half of it is here
	}
	if !keep {
		m.lose(k)
	} else {
		msg.begun = false
	}
}

func (m *model) lose(k int) {
	delete(m.nodes[m.net[k].to].arriving, m.net[k])
	m.net = slices.Delete(m.net, k, k+1)
}

// receive stores a hand-over in two transactions and reports whether it is done.
func (m *model) receive(msg *modelMessage) bool {
	n := m.nodes[msg.to]
	answer := &modelMessage{from: msg.to, to: msg.from, epoch: msg.epoch, answer: true, better: -1}
	h := n.holding
	if m.fault == forgetFromEpoch {
		h.FromEpoch = 0
	}
	next, err := h.Receive(modelID(msg.from), msg.epoch)
	if m.fault == forgetFromEpoch && err != nil && h.From == modelID(msg.from) && h.State == Gone {
		next, err = Holding{State: Held, Epoch: h.Epoch + 1, From: h.From}, nil // "it must be new, then"
	}
	half := len(msg.content) / 2
	switch {
	case err != nil:
		answer.stale = true
		if h.State == Gone || m.fault == hintWhileHanding {
			answer.better = modelIndex(h.To)
		}
	case h.State != Held && h.Received(modelID(msg.from), msg.epoch):
	case !msg.begun && half > 0:
		n.arriving[msg], msg.begun = true, true
		n.holding = n.holding.Prepare()
		n.take(msg.content[:half])
		return false
	default:
		n.holding = next
		n.take(msg.content[half:])
		m.note("%d takes epoch %d of %d: %+v", msg.to, msg.epoch, msg.from, next)
	}
	delete(n.arriving, msg)
	if m.rng.IntN(5) > 0 {
		m.net = append(m.net, answer)
	}
	return true
}

func (n *modelNode) take(content []int) {
	for _, w := range content {
		n.content[w] = true
	}
}

func (m *model) confirmed(msg *modelMessage) {
	n := m.nodes[msg.to]
	same := n.holding.State == Handing && n.holding.Epoch == msg.epoch && n.holding.To == modelID(msg.from)
	switch {
	case !msg.stale:
		n.holding = n.holding.Confirm(msg.epoch)
	case same && msg.better >= 0 && msg.better != msg.to:
		n.holding, _ = n.holding.Redirect(modelID(msg.better))
		m.note("%d is sent on to %d", msg.to, msg.better)
	}
}

// crash loses what is in memory, and with the connections what is on its way.
func (m *model) crash(i int) {
	m.nodes[i].asking = nil
	m.hangUp(i)
}

func (m *model) hangUp(i int) {
	for k := len(m.net) - 1; k >= 0; k-- {
		if m.net[k].to == i || m.net[k].from == i {
			m.lose(k)
		}
	}
}

func (m *model) clear(i int) {
	n := m.nodes[i]
	if !n.holding.Parts || n.holding.State == Held || n.holding.State == Handing {
		return
	}
	if len(n.arriving) > 0 && m.fault != clearArriving {
		return
	}
	n.holding, n.content = n.holding.Clear(), map[int]bool{}
}

func (m *model) leave(i int) {
	if n := m.nodes[i]; n.holding.State != Held && n.holding.State != Handing && !n.left {
		n.left = true
		m.hangUp(i)
		m.note("%d leaves", i)
	}
}

// check returns what is wrong now.
func (m *model) check() error {
	holder := -1
	for i, n := range m.nodes {
		if n.holding.State != Held {
			continue
		}
		if holder >= 0 {
			return fmt.Errorf("%d and %d hold the bucket", holder, i)
		}
		holder = i
		for w, acked := range m.acked {
			if acked && !n.content[w] {
				return fmt.Errorf("%d serves without the acknowledged write %d", i, w)
			}
		}
	}
	return nil
}

// calm ends all faults and lets the nodes agree on an owner.
func (m *model) calm() error {
	for _, n := range m.nodes {
		n.left, n.owner = false, 3
	}
	for range 400 {
		for i := range m.nodes {
			m.handOver(i)
		}
		for len(m.net) > 0 {
			m.deliver(false)
			if err := m.check(); err != nil {
				return err
			}
		}
	}
	if m.nodes[3].holding.State != Held {
		return fmt.Errorf("nothing disturbs and the owner has %+v", m.nodes[3].holding)
	}
	return m.check()
}

func runModel(seed uint64, f fault) (*model, error) {
	m := newModel(seed, f)
	for range 300 {
		m.step()
		if err := m.check(); err != nil {
			return m, err
		}
	}
	return m, m.calm()
}

func TestOneHolder(t *testing.T) {
	first, last := uint64(1), *modelSeeds
	if *modelSeed != 0 {
		first, last = *modelSeed, *modelSeed
	}
	for seed := first; seed <= last; seed++ {
		if m, err := runModel(seed, noFault); err != nil {
			for _, line := range m.log {
				t.Log(line)
			}
			t.Fatalf("%v; replay with -token.seed=%d", err, seed)
		}
	}
}

// The checks must find each of these, or they check nothing.
func TestPlantedFaults(t *testing.T) {
	for f, name := range map[fault]string{
		// These two take some 10,000 and 100,000 seeds: -token.seeds.
		hintWhileHanding: "hint at who has nothing yet", askForHolders: "ask who holds it now, not who had it later",
		dropOnSend: "forget on sending", forgetFromEpoch: "forget FromEpoch", clearArriving: "clear what arrives",
		redirectBlindly: "redirect without asking",
	} {
		found := uint64(0)
		for seed := uint64(1); seed <= *modelSeeds && found == 0; seed++ {
			if _, err := runModel(seed, f); err != nil {
				found = seed
				t.Logf("%s: seed %d: %v", name, seed, err)
			}
		}
		if found == 0 && f < hintWhileHanding {
			t.Errorf("%s: not found in %d seeds", name, *modelSeeds)
		}
	}
}
