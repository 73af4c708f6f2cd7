package ringtest

import "chord/ring"

// flight is an answer under way with a list that a node may take: it counts as
// if the node had taken it.
type flight struct {
	call     *call
	to, from int
	list     []int
}

// departed notes an answer that was sent.
func (c *checker) departed(call *call, st ring.State) *flight {
	if asker := c.s.nodes[call.from]; st.Pending || !asker.up || asker.life != call.life {
		return nil
	}
	f := &flight{call: call, to: call.from, from: call.to}
	for _, p := range st.Successors {
		f.list = append(f.list, c.s.number(p.ID))
	}
	c.flights[f.to] = append(c.flights[f.to], f)
	return f
}

// landed notes that it arrived.
func (c *checker) landed(f *flight) {
	if c == nil || f == nil {
		return
	}
	list := c.flights[f.to]
	for i, g := range list {
		if g == f {
			list[i] = list[len(list)-1]
			c.flights[f.to] = list[:len(list)-1]
			return
		}
	}
}

// taken returns the list that the flight leads to if it is applied; none where
// it will not be.
func (c *checker) taken(f *flight, into []int) []int {
	t := c.nodes[f.to]
	switch {
	case f.call.closed: // another answer, or the timeout, was faster
		return into
	case !t.member || t.succ[0] == f.to: // looks for a place, or is a ring of one
		list := f.list
		if list[0] == f.to {
			list = list[1:]
		}
		if t.member || len(list) == 0 {
			into = append(into, f.from)
		} else if !c.between(f.from, f.to, list[0]) {
			return into
		}
		into = append(into, list...)
	case f.from == t.succ[0] || c.between(f.to, f.from, t.succ[0]):
		into = append(append(into, f.from), f.list...)
	default:
		return into
	}
	prev := f.to
	for i, x := range into {
		if i == c.s.o.Length || x == f.to || i > 0 && !c.between(prev, x, f.to) {
			return into[:i]
		}
		prev = x
	}
	return into
}

// principals marks in c.now the members that no list skips, nor any that is
// under way, and returns how many there are, without counting one node.
func (c *checker) principals(without int) int {
	clear(c.skipped)
	for i := range c.nodes {
		if c.nodes[i].member && i != without {
			c.skip(i, c.nodes[i].succ)
		}
		if i == without || !c.s.nodes[i].up {
			continue
		}
		var room [32]int
		for _, f := range c.flights[i] {
			c.skip(i, c.taken(f, room[:0]))
		}
	}
	count, depth := 0, 0
	for r, i := range c.order {
		depth += c.skipped[r]
		c.now[i] = depth == 0 && c.nodes[i].member && i != without
		if c.now[i] {
			count++
		}
	}
	return count
}

// skip notes which places on the circle the list passes over: from after each
// entry to before the next. A ring of one passes over everybody.
func (c *checker) skip(owner int, list []int) {
	from := c.rank[owner]
	for _, x := range list {
		to := c.rank[x]
		if from < to {
			c.skipped[from+1]++
			c.skipped[to]--
		} else {
			c.skipped[from+1]++
			c.skipped[0]++
			c.skipped[to]--
		}
		from = to
	}
}

// mayFail reports whether node f may fail without breaking Zave's assumption:
// that every list keeps a live entry, and min(L, n-1) + 1 principals are left.
func (c *checker) mayFail(f int) bool {
	left := 0
	for i := range c.nodes {
		if i == f || !c.s.nodes[i].up {
			continue
		}
		if c.nodes[i].member {
			left++
			if c.successor(i, c.nodes[i].succ, f) < 0 {
				return false
			}
		}
		var room [32]int
		for _, fl := range c.flights[i] {
			if list := c.taken(fl, room[:0]); len(list) > 0 && c.successor(i, list, f) < 0 {
				return false
			}
		}
	}
	if !c.nodes[f].member {
		return true
	}
	return left > 0 && c.principals(f) >= min(c.s.o.Length, left-1)+1
}

// adopted checks I8 and I9 for a node whose pointers changed.
func (c *checker) adopted(i int, old, now seen, why cause) {
	if p := now.pred; p >= 0 && p != old.pred {
		if !c.heard[i][p] {
			c.breaks("I9", "n%d took n%d for predecessor and never heard of it", i, p)
		}
		if sender := why.answered == 1+p || why.notified == 1+p; !c.s.nodes[p].up && !(sender && why.sent <= c.died[p]) {
			c.breaks("I8", "n%d took n%d for predecessor, dead since %v", i, p, c.died[p])
		}
	}
	head := now.succ[0]
	if old.member && head == old.succ[0] || head == i || c.heard[i][head] {
		return
	}
	if old.member { // the next in the list, where the head is dropped
		for _, x := range old.succ {
			if x == head {
				return
			}
		}
	} else if why.state != nil { // the list of the member before it, taken whole
		for _, p := range why.state.Successors {
			if c.s.number(p.ID) == head {
				return
			}
		}
	}
	c.breaks("I9", "n%d took n%d for successor and never heard of it", i, head)
}
