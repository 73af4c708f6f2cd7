package ring

import (
	"slices"

	"chord/keyspace"
)

// setList makes the list of head and tail, where tail is the list that head, or
// the predecessor, just answered with: as far as it goes round clockwise without
// coming to self, and no longer than L. Lists are replaced as a whole, never
// patched entry by entry.
func (r *Ring) setList(head Peer, tail []Peer) {
	n, prev := 0, head.ID
	for n < len(tail) && n < r.length-1 && keyspace.Between(prev, tail[n].ID, r.self.ID) {
		prev = tail[n].ID
		n++
	}
	if len(r.succ) != n+1 || r.succ[0] != head || !slices.Equal(r.succ[1:], tail[:n]) {
		list := make([]Peer, 0, n+1)
		r.succ = append(append(list, head), tail[:n]...)
	}
	r.dropHead()
}

// dropHead takes heads off the list that are Down. The last pointer is never
// dropped: it may be the only way back.
func (r *Ring) dropHead() {
	for r.phase == Member && len(r.succ) > 1 && r.isDown(r.succ[0]) {
		r.succ = r.succ[1:]
		r.again = true
	}
}

// markDown notes the verdict of the failure detector, which is the only cause
// for a head to be dropped. Whoever is being asked will not answer any more.
func (r *Ring) markDown(id keyspace.ID) {
	if _, known := r.down[id]; known || id == r.self.ID {
		return
	}
	if r.down == nil {
		r.down = make(map[keyspace.ID]struct{})
	}
	r.down[id] = struct{}{}
	r.dropFinger(id)
	was := len(r.succ)
	r.dropHead()
	if r.isolated() && (len(r.succ) < was || r.succ[0].ID == id) {
		r.seeking, r.needContacts = true, true
		r.offer(r.fallback())
	}
	for _, n := range [...]question{r.asking, r.probing, {number: r.placing.number, to: r.placing.to},
		{number: r.fixing.number, to: r.fixing.to}} {
		if n.number != 0 && n.to.ID == id {
			r.answered(n.number, nil)
		}
	}
}

// markUp takes the verdict back. A last pointer that was kept is asked at once;
// a candidate that is not nearer than it does not count any more.
func (r *Ring) markUp(id keyspace.ID) {
	delete(r.down, id)
	if r.asking.number != 0 && r.asking.why == forCandidate && !r.near(r.asking.to) {
		r.asking = question{}
	}
	if r.phase == Member && r.succ[0].ID == id {
		r.again = true
	}
}

func (r *Ring) isDown(p Peer) bool {
	_, down := r.down[p.ID]
	return down
}

// isolated reports whether the last successor is Down.
func (r *Ring) isolated() bool { return r.phase == Member && r.isDown(r.succ[0]) }

// alone reports whether the node is a ring of one, or isolated: any peer that
// answers is then nearer than what it has.
func (r *Ring) alone() bool {
	return r.isolated() || r.phase == Member && r.succ[0].ID == r.self.ID
}

// fallback returns the nearest peer to ask where no successor lives; zero where
// there is none.
func (r *Ring) fallback() Peer {
	if len(r.fingers) > 0 {
		return r.fingers[0].Peer
	}
	if r.isDown(r.pred) {
		return Peer{}
	}
	return r.pred
}
