package ringtest

import (
	"fmt"
	"slices"
	"time"

	"chord/ring"
)

// Broken is an invariant found broken.
type Broken struct {
	Invariant string // I1 to I12; "own" for what a node says of itself
	Detail    string
	At        time.Duration
	Event     int // how many events had happened
}

func (b *Broken) Error() string {
	return fmt.Sprintf("ringtest: %s broken at %v, event %d: %s", b.Invariant, b.At, b.Event, b.Detail)
}

// seen is what the checker last saw of a node, by numbers of nodes.
type seen struct {
	member bool
	pred   int // negative for none
	succ   []int
}

// checker looks at the node that acted after every event, and at the whole ring
// if its pointers changed. Its ghost variables are what no node could know.
type checker struct {
	s       *Sim
	local   bool // I7 alone: the mode wild
	first   *Broken
	broken  map[string]*Broken // the first of each
	order   []int              // nodes in clockwise order
	rank    []int              // place of each node in order
	nodes   []seen
	heard   []map[int]bool  // ghost: who notified or answered a node, in its life
	died    []time.Duration // ghost: when a node stopped
	flights [][]*flight     // ghost: answers under way, by the node they fly to

	principal []bool // as of the last look
	now       []bool
	skipped   []int
	best      []int
	list      []int
	color     []int
}

func newChecker(s *Sim) *checker { return &checker{s: s, broken: map[string]*Broken{}} }

// grow makes room for nodes that were added.
func (c *checker) grow() {
	n := len(c.s.nodes)
	if len(c.rank) == n {
		return
	}
	for i := len(c.nodes); i < n; i++ {
		c.nodes = append(c.nodes, seen{pred: -1})
		c.heard = append(c.heard, map[int]bool{})
		c.order = append(c.order, i)
	}
	c.died = append(c.died, make([]time.Duration, n-len(c.died))...)
	c.flights = append(c.flights, make([][]*flight, n-len(c.flights))...)
	c.principal = append(c.principal, make([]bool, n-len(c.principal))...)
	slices.SortFunc(c.order, func(a, b int) int { return c.s.nodes[a].self.ID.Compare(c.s.nodes[b].self.ID) })
	c.rank, c.now, c.best, c.color = make([]int, n), make([]bool, n), make([]int, n), make([]int, n)
	c.skipped = make([]int, n+1)
	for r, i := range c.order {
		c.rank[i] = r
	}
}

// breaks notes a broken invariant.
func (c *checker) breaks(invariant, format string, args ...any) {
	if c.broken[invariant] != nil {
		return
	}
	b := &Broken{invariant, fmt.Sprintf(format, args...), c.s.now, c.s.events}
	c.broken[invariant] = b
	if c.first == nil {
		c.first = b
	}
}

// started forgets the former life of a node.
func (c *checker) started(i int) {
	if c == nil {
		return
	}
	c.grow()
	clear(c.heard[i])
	c.flights[i] = nil
	c.nodes[i] = seen{pred: -1}
}

// begin takes the state of every node for given.
func (c *checker) begin() {
	if c == nil {
		return
	}
	for i, n := range c.s.nodes {
		if n.up {
			c.nodes[i] = c.read(n.machine.View())
			c.nodes[i].succ = slices.Clone(c.nodes[i].succ)
			c.heard[i][c.nodes[i].pred] = true
		}
	}
	c.ring()
}

// stopped takes a node out of the ring.
func (c *checker) stopped(i int) {
	if c == nil {
		return
	}
	c.flights[i] = nil
	c.nodes[i] = seen{pred: -1}
	c.died[i] = c.s.now
	c.principal[i] = false
	c.ring()
}

// look is called after node i acted.
func (c *checker) look(i int, changed bool, why cause) {
	n := c.s.nodes[i]
	if r, ok := n.machine.(*ring.Ring); ok {
		if err := r.CheckInvariants(); err != nil {
			c.breaks("own", "n%d: %v", i, err)
		}
	}
	if why.answered > 0 && why.state != nil {
		c.heard[i][why.answered-1] = true
	}
	if why.notified > 0 {
		c.heard[i][why.notified-1] = true
	}
	old := c.nodes[i]
	now := c.read(n.machine.View())
	if now.member == old.member && now.pred == old.pred && slices.Equal(now.succ, old.succ) {
		return
	}
	now.succ = slices.Clone(now.succ)
	c.nodes[i] = now
	c.s.trace.add(record{c.s.now, didChange, i, -1, fmt.Sprintf("%v pred n%d succ %v", now.member, now.pred, now.succ)})
	if !changed {
		c.breaks("own", "n%d: pointers changed and Ready did not say so", i)
	}
	if now.member {
		c.ownList(i, now)
		if !c.local {
			c.adopted(i, old, now, why)
		}
	}
	c.ring()
}

// read translates a view into numbers; the list is good until the next read.
func (c *checker) read(v ring.View) seen {
	now := seen{member: v.Phase == ring.Member, pred: -1}
	if !v.Predecessor.IsZero() {
		now.pred = c.s.number(v.Predecessor.ID)
	}
	c.list = c.list[:0]
	for _, p := range v.Successors {
		c.list = append(c.list, c.s.number(p.ID))
	}
	now.succ = c.list
	return now
}

// ownList checks I7.
func (c *checker) ownList(i int, v seen) {
	if len(v.succ) == 0 || len(v.succ) > c.s.o.Length {
		c.breaks("I7", "n%d has %d successors, want 1 to %d", i, len(v.succ), c.s.o.Length)
	}
	if len(v.succ) == 1 && v.succ[0] == i {
		return
	}
	prev := i
	for _, x := range v.succ {
		if x < 0 || x == i || x == prev || prev != i && !c.between(prev, x, i) {
			c.breaks("I7", "n%d has the list %v", i, v.succ)
			return
		}
		prev = x
	}
}

// between is keyspace.Between for nodes.
func (c *checker) between(a, b, d int) bool {
	x, y, z := c.rank[a], c.rank[b], c.rank[d]
	if x < z {
		return x < y && y < z
	}
	return x < y || y < z
}

// ring checks I1 to I6.
func (c *checker) ring() {
	if c.local || c.first != nil && c.s.o.Rules == Zave {
		return
	}
	members := 0
	for i := range c.nodes {
		c.best[i] = -1
		if c.nodes[i].member {
			members++
			c.best[i] = c.successor(i, c.nodes[i].succ, -1)
			if c.best[i] < 0 {
				c.breaks("I1", "n%d has no live successor in %v", i, c.nodes[i].succ)
			}
		}
	}
	if members > 0 {
		c.cycles()
	}
	c.principals(-1)
	for i, was := range c.principal {
		if was && !c.now[i] && c.nodes[i].member {
			c.breaks("I2", "n%d was a principal and is none any more", i)
		}
		c.principal[i] = c.now[i]
	}
}

// successor returns the first live entry of a list, without counting one node as
// alive; the owner itself only in a ring of one; negative for none.
func (c *checker) successor(owner int, list []int, without int) int {
	if len(list) == 1 && list[0] == owner {
		return owner
	}
	for _, x := range list {
		if x >= 0 && x != owner && x != without && c.nodes[x].member {
			return x
		}
	}
	return -1
}

// cycles checks I3 to I6 on the graph of best successors.
func (c *checker) cycles() {
	for i := range c.color {
		c.color[i] = 0
	}
	rings, start := 0, -1
	for i := range c.nodes {
		x := i
		for x >= 0 && c.nodes[x].member && c.color[x] == 0 {
			c.color[x] = 1 + i
			x = c.best[x]
		}
		if x >= 0 && c.nodes[x].member && c.color[x] == 1+i && c.nodes[i].member { // came back to this walk
			rings, start = rings+1, x
		}
	}
	switch {
	case rings == 0:
		c.breaks("I3", "there is no ring")
		return
	case rings > 1:
		c.breaks("I4", "there are %d rings", rings)
		return
	}
	c.ordered(start)
}

// ordered checks I5 and I6: the only ring, through start, goes round once, and
// every member leads to it.
func (c *checker) ordered(start int) {
	for i := range c.color {
		c.color[i] = 0
	}
	turns, x := 0, start
	for c.color[x] == 0 {
		c.color[x] = 1
		if c.rank[c.best[x]] <= c.rank[x] {
			turns++
		}
		x = c.best[x]
	}
	if turns != 1 {
		c.breaks("I5", "the ring through n%d goes round %d times", start, turns)
	}
	for i := range c.nodes {
		if !c.nodes[i].member {
			continue
		}
		for x = i; x >= 0 && c.color[x] == 0; x = c.best[x] {
			c.color[x] = 2
		}
		if x < 0 {
			c.breaks("I6", "n%d does not reach the ring", i)
		}
	}
}
