package ring

import "chord/keyspace"

// askHead is step 1 of stabilise. A last pointer that is Down is only probed:
// the question takes long to fail, and the node's state must not count as
// undefined meanwhile.
func (r *Ring) askHead() {
	switch {
	case r.isolated():
		r.probe(r.succ[0])
	case r.phase == Member && !r.alone():
		r.ask(forHead, r.succ[0])
	}
}

// follow takes who just answered as head, and its list as the rest. If its
// predecessor is nearer, that one is asked next (step 2) before it is adopted;
// as every step shrinks (self, head), this comes to an end. The last head is notified.
func (r *Ring) follow(s State) {
	r.again = false
	r.setList(s.Self, s.Successors)
	if r.succ[0] != s.Self {
		return // it is Down, although it answers: dropped in favour of the next, which will be asked
	}
	r.offer(s.Predecessor)
	if !r.near(r.candidate) {
		r.notifyHead()
	}
}

// near reports whether p may become the head, once it has answered: it lies in
// (self, head) and is not Down. A head that moved to another address is its own
// candidate.
func (r *Ring) near(p Peer) bool {
	if r.phase != Member || p.IsZero() || p.ID == r.self.ID || r.isDown(p) {
		return false
	}
	head := r.succ[0]
	return r.alone() || keyspace.Between(r.self.ID, p.ID, head.ID) || p.ID == head.ID && p.Addr != head.Addr
}

// offer names a candidate. Of several the nearest is asked.
func (r *Ring) offer(p Peer) {
	if r.near(p) && (!r.near(r.candidate) || keyspace.Between(r.self.ID, p.ID, r.candidate.ID)) {
		r.candidate = p
	}
}

// notifyHead tells the head that self believes to be its predecessor. Who is
// newly placed tells its predecessor as well, which need not wait for a tick
// then to find it.
func (r *Ring) notifyHead() {
	if r.phase != Member || r.succ[0].ID == r.self.ID {
		return
	}
	r.call(r.succ[0], Notify{r.self})
	if r.greet && !r.pred.IsZero() && r.pred.ID != r.succ[0].ID {
		r.call(r.pred, Notify{r.self})
	}
	r.greet = false
}
