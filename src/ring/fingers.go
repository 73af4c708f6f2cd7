package ring

import (
	"slices"

	"chord/keyspace"
)

// firstFinger returns the number of the first finger that need not equal the
// head: the smaller ones start before it.
func (r *Ring) firstFinger() int { return r.span(r.succ[0]) + 1 }

// span returns the number of the last finger that starts at or before p.
func (r *Ring) span(p Peer) int { return r.self.ID.Distance(p.ID).Log2() }

// fixFinger repairs the next finger, by a search of its own that changes nothing
// else. A search that is under way is left to go on.
func (r *Ring) fixFinger() {
	if r.noFingers || r.phase != Member || r.alone() || r.fixing.search != nil {
		return
	}
	first := r.firstFinger()
	if r.cursor < first || r.cursor >= keyspace.Bits {
		r.cursor = first
	}
	if first == keyspace.Bits {
		return
	}
	start := r.self.ID.AddPower(r.cursor)
	route := r.Route(start)
	if route.Found {
		r.setFinger(route.Hops[0])
		return
	}
	r.fixing.search = NewSearch(start, route.Hops)
	r.searchFinger()
}

// searchFinger takes the repair one question further.
func (r *Ring) searchFinger() {
	if r.advance(&r.fixing) {
		return
	}
	owner, _, done := r.fixing.search.Result()
	r.fixing = inquiry{}
	if done {
		r.setFinger(owner)
	} else {
		r.cursor++
	}
}

// setFinger makes p the finger in repair, and all further ones that start before
// p. What stood there, and where that began, is p's now. Where p is self, nobody
// is that far away.
func (r *Ring) setFinger(p Peer) {
	from, to := r.cursor, keyspace.Bits-1
	if p.ID != r.self.ID {
		to = r.span(p)
	}
	r.cursor = max(r.cursor, to) + 1
	if to < from || r.isDown(p) {
		return
	}
	list := make([]Finger, 0, len(r.fingers)+1)
	for _, f := range r.fingers {
		if f.From < from && f.To >= from {
			from = f.From
		} else if f.To < from {
			list = append(list, f)
		}
	}
	if p.ID != r.self.ID {
		list = append(list, Finger{from, to, p})
	}
	for _, f := range r.fingers {
		if f.To > to && f.From >= from && f.Peer.ID != p.ID {
			list = append(list, Finger{max(f.From, to+1), f.To, f.Peer})
		}
	}
	if !slices.Equal(list, r.fingers) {
		r.fingers = list
	}
}

// dropFinger forgets a finger that is Down.
func (r *Ring) dropFinger(id keyspace.ID) {
	r.fingers = slices.DeleteFunc(r.fingers, func(f Finger) bool { return f.Peer.ID == id })
}

// viewFingers returns all fingers, with those that equal the head.
func (r *Ring) viewFingers() []Finger {
	if r.noFingers || r.phase != Member || r.alone() {
		return nil
	}
	first := r.firstFinger()
	list := append(make([]Finger, 0, len(r.fingers)+1), Finger{0, first - 1, r.succ[0]})
	for _, f := range r.fingers {
		if f.To >= first && f.Peer.ID != r.succ[0].ID {
			list = append(list, Finger{max(f.From, first), f.To, f.Peer})
		}
	}
	return list
}
