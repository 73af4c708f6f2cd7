package ring

import (
	"slices"

	"chord/keyspace"
)

// create makes the node a ring of one, which points at itself. A member that is
// not isolated is in a ring already.
func (r *Ring) create() {
	if r.phase == Member && !r.isolated() {
		return
	}
	r.stopSeeking()
	r.asking, r.candidate = question{}, Peer{}
	r.phase, r.pred, r.succ = Member, Peer{}, []Peer{r.self}
}

// join starts or restarts the search for a place. A member does so only while it
// is alone, and keeps its pointers until it has better ones.
func (r *Ring) join(contacts []Peer) {
	if r.phase == Member && !r.alone() {
		return
	}
	if r.phase == Outside {
		r.phase = Joining
	}
	r.stopSeeking()
	r.seeking = true
	r.contacts = slices.DeleteFunc(slices.Clone(contacts), func(p Peer) bool {
		return p.IsZero() || p.ID == r.self.ID || r.isDown(p)
	})
	if len(r.contacts) > 0 {
		r.seek()
	}
}

// stopSeeking gives up the search and all questions that belong to it.
func (r *Ring) stopSeeking() {
	r.seeking, r.contacts, r.placing, r.place = false, nil, inquiry{}, Peer{}
	if r.asking.why == forPlace {
		r.asking = question{}
	}
}

// seek looks up the node's own identifier through its contacts. It does nothing
// while that is under way, and asks for contacts where there are none left.
func (r *Ring) seek() {
	switch {
	case r.placing.search != nil || !r.place.IsZero():
	case len(r.contacts) == 0:
		r.needContacts = true
	default:
		r.placing.search = NewSearch(r.self.ID, r.contacts)
		r.searchPlace()
	}
}

// searchPlace takes the search one question further. Who knew the answer is, or
// knows, the member before self.
func (r *Ring) searchPlace() {
	if r.advance(&r.placing) {
		return
	}
	if _, _, done := r.placing.search.Result(); done {
		r.place = r.placing.search.by
	} else {
		r.contacts = nil
	}
	r.placing = inquiry{}
}

// settle takes the place behind m, the sender of s, if self lies between m and
// its head by this very answer, which brings m's list, too: it is taken whole,
// and m as predecessor. If m's head is self, then m has not yet noticed that
// self was gone; its list without the head is what it will be when it has.
//
// Else the search goes on with who is nearer; where nobody is, the next tick
// starts over.
func (r *Ring) settle(s State) {
	m, list := s.Self, s.Successors
	switch {
	case list[0].ID == r.self.ID:
		list = list[1:]
	case !keyspace.Between(m.ID, r.self.ID, list[0].ID):
		r.place = r.nearest(m, append([]Peer{s.Predecessor}, list...))
		return
	}
	for len(list) > 0 && r.isDown(list[0]) {
		list = list[1:]
	}
	if len(list) == 0 {
		list = []Peer{m}
	}
	r.phase = Member
	if r.precedes(m) {
		r.pred = m
	}
	r.setList(list[0], list[1:])
	r.again, r.greet = true, true
}

// nearest returns who of list is nearer before self than m and all others; zero
// where nobody is.
func (r *Ring) nearest(m Peer, list []Peer) Peer {
	best := Peer{}
	for _, p := range list {
		if !p.IsZero() && !r.isDown(p) && keyspace.Between(m.ID, p.ID, r.self.ID) {
			best, m = p, p
		}
	}
	return best
}

// inquiry is a [Search] under way, one call at a time.
type inquiry struct {
	search *Search // nil where none is under way
	number uint64  // of the outstanding call
	to     Peer
}

func (q *inquiry) answered(a Response) {
	if route, ok := a.(Route); ok {
		q.search.Answer(q.to, route)
	} else {
		q.search.Fail(q.to)
	}
}

// advance asks whom the search names next, and reports false where there is
// nobody: it is done or exhausted.
func (r *Ring) advance(q *inquiry) bool {
	for {
		p, ok := q.search.Next()
		switch {
		case !ok:
			return false
		case p.ID == r.self.ID || r.isDown(p):
			q.search.Fail(p)
		default:
			q.to, q.number = p, r.call(p, AskRoute{q.search.target})
			return true
		}
	}
}
