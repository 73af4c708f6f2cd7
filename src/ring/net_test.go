package ring

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"chord/keyspace"
)

// network delivers calls between rings in one process. Its queue is first in,
// first out, or shuffled where rng is set; invariants are checked around every
// event.
type network struct {
	t     testing.TB
	rings map[keyspace.ID]*Ring
	ids   []keyspace.ID // in the order in which they were added
	queue []message
	rng   *rand.Rand
	// contacts: who needs contacts gets all there are.
	contacts bool
	calls    int
}

type message struct {
	from   keyspace.ID
	call   Call
	answer Response // set on the way back
	back   bool
}

func newNetwork(t testing.TB) *network {
	return &network{t: t, rings: map[keyspace.ID]*Ring{}}
}

// at is the peer whose identifier is n/256 of the way around.
func at(n int) Peer { return Peer{keyspace.ID{byte(n)}, fmt.Sprintf("n%d:1", n)} }

// random is a peer anywhere.
func random(rng *rand.Rand) Peer {
	var id keyspace.ID
	for i := 0; i < len(id); i += 4 {
		binary.BigEndian.PutUint32(id[i:], rng.Uint32())
	}
	return Peer{id, id.Short()}
}

func (n *network) add(c Config) *Ring {
	r := New(c)
	n.rings[c.Self.ID] = r
	n.ids = append(n.ids, c.Self.ID)
	return r
}

func (n *network) remove(p Peer) {
	delete(n.rings, p.ID)
	n.ids = slices.DeleteFunc(n.ids, func(id keyspace.ID) bool { return id == p.ID })
}

func (n *network) peers() []Peer {
	var list []Peer
	for _, id := range n.ids {
		list = append(list, n.rings[id].self)
	}
	return list
}

// step gives a ring an event and queues what it wants sent.
func (n *network) step(r *Ring, e Event) {
	n.t.Helper()
	r.Step(e)
	n.drain(r)
}

func (n *network) drain(r *Ring) {
	n.t.Helper()
	if err := r.CheckInvariants(); err != nil {
		n.t.Fatal(err)
	}
	ready := r.Ready()
	for _, c := range ready.Calls {
		n.calls++
		n.queue = append(n.queue, message{from: r.self.ID, call: c})
	}
	if ready.NeedContacts && n.contacts {
		n.step(r, Join{n.peers()})
	}
}

// deliver moves one message; false where there is none.
func (n *network) deliver() bool {
	n.t.Helper()
	if len(n.queue) == 0 {
		return false
	}
	i := 0
	if n.rng != nil {
		i = n.rng.IntN(len(n.queue))
	}
	m := n.queue[i]
	n.queue = slices.Delete(n.queue, i, i+1)
	if !m.back {
		if to := n.rings[m.call.To.ID]; to != nil && to.self.Addr == m.call.To.Addr {
			m.answer = to.Handle(m.call.Request)
			n.drain(to)
		}
		m.back = true
		n.queue = append(n.queue, m)
		return true
	}
	from := n.rings[m.from]
	switch {
	case from == nil:
	case m.answer == nil:
		n.step(from, Failed{m.call.Number})
	default:
		n.step(from, Answered{m.call.Number, m.answer})
	}
	return true
}

// settle delivers until it is quiet.
func (n *network) settle() {
	n.t.Helper()
	for range 1_000_000 {
		if !n.deliver() {
			return
		}
	}
	n.t.Fatal("a million messages, and no end: live-lock")
}

// round ticks all rings at the same instant and delivers until it is quiet.
func (n *network) round() {
	n.t.Helper()
	for _, id := range n.ids {
		n.step(n.rings[id], Tick{})
	}
	n.settle()
}

// ideal returns what is not as it should be, "" if all pointers are exact. Nodes
// outside do not count.
func (n *network) ideal() string {
	ids := slices.DeleteFunc(slices.Clone(n.ids), func(id keyspace.ID) bool { return n.rings[id].phase == Outside })
	slices.SortFunc(ids, keyspace.ID.Compare)
	for i, id := range ids {
		r, k := n.rings[id], len(ids)
		if k == 1 {
			continue
		}
		if r.phase != Member || r.pred.ID != ids[(i+k-1)%k] {
			return fmt.Sprintf("%s: %v, predecessor %s", id.Short(), r.phase, r.pred.ID.Short())
		}
		want := min(k-1, r.length)
		if len(r.succ) != want {
			return fmt.Sprintf("%s: %d successors, want %d", id.Short(), len(r.succ), want)
		}
		for j, p := range r.succ {
			if p.ID != ids[(i+1+j)%k] {
				return fmt.Sprintf("%s: successor %d is %s", id.Short(), j, p.ID.Short())
			}
		}
	}
	return ""
}

// until runs rounds until the ring is ideal and returns how many it took.
func (n *network) until(limit int) int {
	n.t.Helper()
	for i := range limit {
		if n.ideal() == "" {
			return i
		}
		n.round()
	}
	if wrong := n.ideal(); wrong != "" {
		n.t.Fatalf("not ideal after %d rounds: %s", limit, wrong)
	}
	return limit
}

// ideal is a ring of k members at rest, without fingers yet.
func ideal(t testing.TB, rng *rand.Rand, k, length int) *network {
	n := newNetwork(t)
	for range k {
		n.add(Config{Self: random(rng), Length: length})
	}
	slices.SortFunc(n.ids, keyspace.ID.Compare)
	list := n.peers()
	for i, id := range n.ids {
		r := n.rings[id]
		r.phase, r.pred = Member, list[(i+k-1)%k]
		for j := 1; j <= min(length, k-1); j++ {
			r.succ = append(r.succ, list[(i+j)%k])
		}
	}
	return n
}

// owner is the true successor of target.
func (n *network) owner(target keyspace.ID) keyspace.ID {
	best := n.ids[0]
	for _, id := range n.ids {
		if target.Distance(id).Compare(target.Distance(best)) < 0 {
			best = id
		}
	}
	return best
}

// lookup searches from one ring on, and returns how many others were asked.
func (n *network) lookup(from *Ring, target keyspace.ID) (Peer, int) {
	first := from.Route(target)
	if first.Found {
		return first.Hops[0], 0
	}
	s := NewSearch(target, first.Hops)
	for {
		p, ok := s.Next()
		if !ok {
			owner, _, _ := s.Result()
			return owner, len(s.Path())
		}
		if r := n.rings[p.ID]; r != nil {
			s.Answer(p, r.Route(target))
		} else {
			s.Fail(p)
		}
	}
}
