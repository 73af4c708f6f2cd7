package ringtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/ring"
)

// machine is a node's part in the ring: package ring's, or the one published.
type machine interface {
	Step(ring.Event)
	Handle(ring.Request) ring.Response
	Ready() ring.Ready
	View() ring.View
}

// node is one simulated server.
type node struct {
	self  ring.Peer
	life  int // how often it was started; 0: never
	up    bool
	until time.Duration // paused until then
	ticks time.Duration // when the last tick was

	machine machine
	needs   bool // the ring asked for contacts
	member  bool // is a member of a ring
	settled bool // was one, in this life or another

	verdicts ring.Verdicts
	table    *member.Table
	cold     *ring.ColdStart
	// bootstrap are the contacts it was configured with.
	bootstrap []ring.Peer
	shun      keyspace.ID // the last candidate, which gives way to the next
}

// Sim is a simulation of nodes, a network and time. It is not for concurrent use.
type Sim struct {
	o     Options
	rand  *rand.Rand
	now   time.Duration
	seq   uint64
	queue queue
	nodes []*node
	order []int // by identifier; see circle
	index map[keyspace.ID]int
	addrs map[string]int

	network network
	trace   trace
	checker *checker // nil unless Options.Check
	events  int
	ringRPC int
	churn   int // how often Churn was called
}

// New returns a simulation of o.Nodes nodes of which none is started.
func New(o Options) *Sim {
	o = o.withDefaults()
	s := &Sim{
		o:     o,
		rand:  rand.New(rand.NewPCG(o.Seed, 0x63686f7264)),
		index: map[keyspace.ID]int{},
		addrs: map[string]int{},
	}
	s.network = network{loss: o.Loss, duplicate: o.Duplicate, cut: map[[2]int]bool{}}
	if o.Check {
		s.checker = newChecker(s)
	}
	for range o.Nodes {
		s.Add()
	}
	return s
}

// Add makes one more node, not started, and returns its number.
func (s *Sim) Add() int {
	i := len(s.nodes)
	name := fmt.Sprintf("n%d", i)
	id := keyspace.HashNode(fmt.Sprint("ring ", s.o.Seed), name, 0)
	s.nodes = append(s.nodes, &node{self: ring.Peer{ID: id, Addr: name + ":1"}})
	s.index[id] = i
	s.addrs[name+":1"] = i
	s.network.side = append(s.network.side, 0)
	return i
}

// Len returns how many nodes there are, up or not.
func (s *Sim) Len() int { return len(s.nodes) }

// Peer returns node i as the others know it.
func (s *Sim) Peer(i int) ring.Peer { return s.nodes[i].self }

// Up reports whether node i is running, paused or not.
func (s *Sim) Up(i int) bool { return s.nodes[i].up }

// View returns the pointers of node i, which must have been started.
func (s *Sim) View(i int) ring.View { return s.nodes[i].machine.View() }

// Now returns the virtual time since the start.
func (s *Sim) Now() time.Duration { return s.now }

// Events returns how many events there were.
func (s *Sim) Events() int { return s.events }

// Questions returns how many questions the rings of all nodes asked.
func (s *Sim) Questions() int { return s.ringRPC }

// Err returns the first invariant that was found broken, a [*Broken], or nil.
func (s *Sim) Err() error {
	if s.checker == nil || s.checker.first == nil {
		return nil
	}
	return s.checker.first
}

// Step lets the next event happen. It returns false where there is none.
func (s *Sim) Step() bool {
	for len(s.queue) > 0 {
		e := s.queue.pop()
		if e.node >= 0 {
			n := s.nodes[e.node]
			if e.life != 0 && (e.life != n.life || !n.up) {
				continue
			}
			if n.up && n.until > e.at {
				s.schedule(e.node, e.life, n.until-s.now, e.do)
				continue
			}
		}
		s.now = e.at
		s.events++
		e.do()
		return true
	}
	return false
}

// Rounds lets n periods go by, or fewer where an invariant breaks, and returns
// [Sim.Err].
func (s *Sim) Rounds(n int) error {
	s.run(n)
	return s.Err()
}

// run goes on whatever is broken, unless the rules are those that must not be.
func (s *Sim) run(periods int) {
	end := s.now + time.Duration(periods)*s.o.Period
	for len(s.queue) > 0 && s.queue[0].at <= end {
		if s.o.Rules == Zave && s.Err() != nil {
			return
		}
		s.Step()
	}
	s.now = max(s.now, end)
}

// After has do called when d has gone by.
func (s *Sim) After(d time.Duration, do func()) { s.schedule(-1, 0, d, do) }

func (s *Sim) schedule(node, life int, d time.Duration, do func()) {
	s.seq++
	s.queue.push(event{at: s.now + d, seq: s.seq, node: node, life: life, do: do})
}

// spread returns a random duration of d/2 to 3d/2.
func (s *Sim) spread(d time.Duration) time.Duration {
	return d/2 + time.Duration(s.rand.Int64N(int64(d)+1))
}
