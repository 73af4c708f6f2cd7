package ring

import "chord/keyspace"

// rectify handles a notification. The notifier becomes predecessor if there is
// none, if it is nearer, or if the present one is Down. One that is in the
// notifier's way without being Down is probed, so that the driver's failure
// detector hears of it if it does not answer; the notifier will notify again.
//
// A notifier in (self, head), which to a ring of one is everybody, is asked as a
// candidate for head.
func (r *Ring) rectify(from Peer) {
	if r.phase != Member || from.ID == r.self.ID || r.isDown(from) {
		return
	}
	switch {
	case r.precedes(from), from.ID == r.pred.ID:
		r.pred = from
	case !r.near(from):
		r.probe(r.pred)
	}
	r.offer(from)
}

// precedes reports whether p, who is alive, is a better predecessor.
func (r *Ring) precedes(p Peer) bool {
	return r.pred.IsZero() || r.isDown(r.pred) || keyspace.Between(r.pred.ID, p.ID, r.self.ID)
}

// probe asks a peer, unless it is being asked, for nothing but a sign of life. The answer is not applied,
// so the node's own state stays defined meanwhile.
func (r *Ring) probe(p Peer) {
	if r.probing.number == 0 && (r.asking.number == 0 || r.asking.to.ID != p.ID) {
		r.probing = question{number: r.call(p, AskState{}), to: p}
	}
}

// probed asks a last pointer in earnest once it gave a sign of life, though it
// counts as Down still.
func (r *Ring) probed(q question, a Response) {
	s, ok := a.(State)
	if ok && !s.Pending && r.asking.number == 0 && r.isolated() && r.succ[0].ID == q.to.ID {
		r.ask(forHead, q.to)
	}
}
