package replica_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/value"
)

// The model: some nodes, one bucket with a few keys, and a network that delays,
// loses, repeats and reorders. Each node has its own belief of who the members
// are and of who is down. Nodes crash and come back, lose their disks, get an
// old copy of them back, join, leave and are forgotten, at any point.
const (
	modelNodes  = 7
	modelKeys   = 2
	modelBucket = keyspace.Bucket(0x3000)
)

type modelNode struct {
	index int
	id    keyspace.ID
	// On the disk.
	copy        replica.Copy
	sets        [modelKeys]value.Set
	incarnation uint64
	seq         uint64
	view        [modelNodes]member.Member // a zero record: unknown
	// In memory.
	up      bool
	gone    bool // for ever, or until an empty database comes in its name
	joined  bool
	boot    int
	down    [modelNodes]bool // whom it believes to be down
	filling *modelFilling
	old     *modelDisk // a copy that somebody made of the disk
	seen    [modelNodes]member.Member
	placed  replica.Placement // by what was seen
	passed  [modelNodes]bool  // who had gone when the placement last changed
}

type modelDisk struct {
	copy replica.Copy
	sets [modelKeys]value.Set
	seq  uint64
}

// modelMessage is a question or an answer: what happens when it arrives, which
// may be more than once.
type modelMessage struct {
	from, to int
	boot     int // of the receiver of an answer
	answer   bool
	arrive   func()
}

type model struct {
	rng     *rand.Rand
	fault   fault
	quorums replica.Quorums
	nodes   [modelNodes]*modelNode
	net     []*modelMessage
	cut     [modelNodes]bool // who is on the other side
	deaf    int              // a node to which most messages are lost
	lazy    bool             // nobody repairs unless all is calm
	biased  bool             // whole steps among some of the nodes; see stride
	safe    bool             // no disk is lost, so that every check is at its sharpest
	lost    int              // disks, since all was repaired
	least   int              // write quorum since then
	news    int              // incarnations so far
	log     []string
	wrong   error
	ledger
}

func newModel(seed uint64, f fault) *model {
	m := &model{rng: rand.New(rand.NewPCG(seed, 2)), fault: f, least: replica.MaxCopies, ledger: newLedger()}
	m.quorums = []replica.Quorums{replica.Default, replica.Default, replica.Default, {2, 2, 1}, {3, 3, 1}, {5, 4, 2}, {5, 3, 3}}[m.rng.IntN(7)]
	domains := []int{1, modelNodes, modelNodes, 3}[m.rng.IntN(4)]
	first := 1 + m.rng.IntN(4)
	count := max(first, 3+m.rng.IntN(modelNodes-2))
	if m.biased = seed%3 > 0; m.biased {
		first, count = 3+m.rng.IntN(2), 4+m.rng.IntN(2)
		if m.safe = seed%3 == 1; m.safe {
			m.quorums = []replica.Quorums{replica.Default, {3, 3, 1}}[m.rng.IntN(2)]
		}
	}
	m.lazy, m.deaf = m.rng.IntN(3) > 0, m.rng.IntN(2*modelNodes)
	for i := range m.nodes {
		n := &modelNode{index: i, id: keyspace.ID{byte(i*36 + 1)}, gone: i >= count}
		m.nodes[i] = n
		m.renew(n)
		n.view[i] = member.Member{
			ID: n.id, Addr: fmt.Sprint(i), Domain: fmt.Sprint(i % domains), Incarnation: n.incarnation,
			Version: 1, Serving: i < first,
		}
		if i < first {
			n.up, n.joined, n.copy = true, true, replica.Copy{State: replica.Synced, Version: 1}
		}
	}
	for range 2 {
		for i := range first {
			for j := range first {
				m.tell(m.nodes[i], m.nodes[j])
			}
		}
	}
	return m
}

func (m *model) note(f string, a ...any) { m.log = append(m.log, fmt.Sprintf(f, a...)) }

func (m *model) fail(f string, a ...any) {
	if m.wrong == nil {
		m.wrong = fmt.Errorf(f, a...)
	}
}

// renew gives a node's database a new incarnation.
func (m *model) renew(n *modelNode) {
	if m.fault == reuseIncarnation && n.incarnation != 0 {
		return
	}
	m.news++
	n.incarnation = uint64(m.news)
}

func (n *modelNode) self() *member.Member { return &n.view[n.index] }

func (n *modelNode) placement(q replica.Quorums) replica.Placement {
	if n.seen == n.view {
		return n.placed
	}
	var known []member.Member
	for _, r := range n.view {
		if r.Addr != "" {
			known = append(known, r)
		}
	}
	n.seen, n.placed = n.view, replica.NewPlacement(known, q)
	return n.placed
}

func (m *model) stamp(n *modelNode) replica.Stamp { return n.placement(m.quorums).Stamp() }
func (m *model) group(n *modelNode) replica.Group { return n.placement(m.quorums).Group(modelBucket) }
func (m *model) node(id keyspace.ID) *modelNode   { return m.nodes[int(id[0]-1)/36] }

// tell makes to believe what from believes, where that is newer. Members refute
// what is wrong of them; who was forgotten stops.
func (m *model) tell(from, to *modelNode) {
	before := m.stamp(to)
	for i, r := range from.view {
		mine := &to.view[i]
		switch {
		case r.Addr == "":
		case i == to.index:
			m.refute(to, r)
		case newer(r, *mine):
			*mine = r
		}
	}
	if m.stamp(to) != before {
		m.moved(to)
	}
}

// moved is called where a node's placement changed. A copy of a node that is in
// the group no longer is synced no longer: it takes no writes from here on. Nor
// is one whose node may have been outside meanwhile, without hearing of it: it
// would be with all who were placed before, are now, or came and went.
func (m *model) moved(n *modelNode) {
	m.epoch++
	n.filling = nil
	var between []member.Member
	for i, r := range n.view {
		gone := r.State >= member.Leaving && r.State != member.Down && r.State != member.Suspect
		if r.Serving && (!gone || !n.passed[i]) {
			r.State = member.Alive
			between = append(between, r)
		}
		n.passed[i] = gone
	}
	outside := !m.group(n).Contains(n.id) || !replica.NewPlacement(between, m.quorums).Group(modelBucket).Contains(n.id)
	if outside && n.copy.State == replica.Synced && m.fault != staySynced {
		n.copy = n.copy.To(replica.Partial)
	}
}

func newer(a, b member.Member) bool {
	switch gone := a.State == member.Forgotten; {
	case gone == (b.State == member.Forgotten):
	case a.Incarnation == b.Incarnation:
		return gone
	case gone && b.Serving:
		return a.Version >= b.Placed
	case a.Serving && !gone:
		return a.Placed > b.Version
	}
	if a.Version != b.Version {
		return a.Version > b.Version
	}
	return a.State > b.State
}

func (m *model) refute(n *modelNode, r member.Member) {
	self := n.self()
	switch {
	case r.Incarnation == self.Incarnation && r.State == member.Forgotten:
		m.note("%d hears that it was forgotten", n.index)
		n.up, n.gone = false, true
		n.boot++
	case self.State >= member.Left || r == *self:
	case r.State == member.Forgotten && self.Serving && r.Version >= self.Placed:
		// Others may have written without this life of it, which they took for the
		// former one's end.
		self.Version = max(self.Version, r.Version) + 1
		self.Placed = self.Version
		n.outside(m)
	case r.Version >= self.Version:
		self.Version = r.Version + 1
		if !self.Serving && r.Serving && r.State < member.Left {
			self.Serving, self.Placed = true, self.Version
		}
	}
}

// outside notes that the node was perhaps in no group for a while.
func (n *modelNode) outside(m *model) {
	m.epoch++
	n.filling = nil
	if n.copy.State == replica.Synced {
		n.copy = n.copy.To(replica.Partial)
	}
}

// call sends a question. What it returns is the answer's arrival; nil: none.
func (m *model) call(from, to *modelNode, ask func() func()) {
	boot := from.boot
	m.net = append(m.net, &modelMessage{from: from.index, to: to.index, arrive: func() {
		if answer := ask(); answer != nil {
			m.net = append(m.net, &modelMessage{from: to.index, to: from.index, boot: boot, answer: true, arrive: answer})
		}
	}})
}

// deliver takes a random message.
func (m *model) deliver(faults bool) {
	if len(m.net) == 0 {
		return
	}
	k := m.rng.IntN(len(m.net))
	if !faults {
		k = 0
	}
	msg := m.net[k]
	fate := m.rng.IntN(20)
	if !faults || fate > 1 || len(m.net) > 60 {
		m.net = slices.Delete(m.net, k, k+1)
	}
	deaf := msg.to == m.deaf && !msg.answer && m.rng.IntN(4) > 0
	if !faults || fate <= 18 && !deaf {
		m.arrive(msg)
	}
}

func (m *model) arrive(msg *modelMessage) {
	to := m.nodes[msg.to]
	if to.up && (!msg.answer || msg.boot == to.boot) && m.cut[msg.from] == m.cut[msg.to] {
		msg.arrive()
	}
}

// step lets one random thing happen.
func (m *model) step() {
	p := m.rng.IntN(200)
	switch n := m.nodes[m.rng.IntN(modelNodes)]; {
	case m.biased && p > 10:
		m.stride()
	case p < 90:
		m.deliver(true)
	default:
		m.act(n, p)
	}
}

// act has something happen at n.
func (m *model) act(n *modelNode, p int) {
	switch {
	case !n.up && p > 150 && n.gone:
		m.rejoin(n)
	case !n.up && p > 150:
		m.start(n)
	case !n.up:
	case p < 120:
		m.operate(n)
	case p < 135:
		m.fill(n)
	case p < 142:
		if !m.lazy {
			m.repair(n)
		}
	case p < 160:
		m.release(n)
	case p < 175:
		m.gossip(n)
	case p < 180:
		n.down[m.rng.IntN(modelNodes)] = m.rng.IntN(3) == 0
	case p < 183:
		n.old = &modelDisk{n.copy, n.sets, n.seq}
	default:
		m.disturb(n, p)
	}
}

// gossip is with anybody: not only whom one knows.
func (m *model) gossip(n *modelNode) { m.meet(n, m.nodes[m.rng.IntN(modelNodes)]) }

// meet lets two exchange tables, where they can.
func (m *model) meet(a, b *modelNode) {
	if a.up && b.up && m.cut[a.index] == m.cut[b.index] {
		m.tell(a, b)
		if a.up && b.up {
			m.tell(b, a)
		}
	}
}
