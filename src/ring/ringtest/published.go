package ringtest

import (
	"chord/keyspace"
	"chord/ring"
)

// published is a node by the rules of 2001 (Stoica et al., SIGCOMM 2001, figure
// 7, with the successor list of section 5.2): it joins with one successor, takes
// over what it only heard of, and forgets a predecessor that failed. Lists are
// cut before their owner, so that rings smaller than a list do not break it.
type published struct {
	self   ring.Peer
	length int
	phase  ring.Phase
	pred   ring.Peer
	succ   []ring.Peer
	down   map[keyspace.ID]bool

	last     uint64
	asking   uint64 // the call for the head's state
	head     ring.Peer
	finding  uint64 // the call of the search
	asked    ring.Peer
	search   *ring.Search
	contacts []ring.Peer
	ready    ring.Ready
}

func newPublished(c ring.Config) *published {
	return &published{self: c.Self, length: c.Length, down: map[keyspace.ID]bool{}}
}

func (p *published) Step(e ring.Event) {
	switch e := e.(type) {
	case ring.Create:
		p.phase, p.succ = ring.Member, []ring.Peer{p.self}
	case ring.Join:
		p.phase, p.contacts = ring.Joining, e.Contacts
		p.find()
	case ring.Tick:
		p.tick()
	case ring.Answered:
		p.answered(e.Call, e.Response)
	case ring.Failed:
		p.answered(e.Call, nil)
	case ring.Down:
		p.down[e.ID] = true
		p.check()
	case ring.Up:
		delete(p.down, e.ID)
	}
	p.ready.Changed = true
}

func (p *published) Ready() ring.Ready {
	r := p.ready
	p.ready = ring.Ready{}
	return r
}

func (p *published) View() ring.View {
	return ring.View{Self: p.self, Phase: p.phase, Predecessor: p.pred, Successors: p.succ}
}

func (p *published) Handle(q ring.Request) ring.Response {
	p.ready.Changed = true
	switch q := q.(type) {
	case ring.Notify:
		if p.pred.IsZero() || keyspace.Between(p.pred.ID, q.From.ID, p.self.ID) {
			p.pred = q.From
		}
		return ring.Noted{}
	case ring.AskRoute:
		return p.route(q.Target)
	}
	return ring.State{Pending: p.phase != ring.Member, Self: p.self, Predecessor: p.pred, Successors: p.succ}
}

// tick is stabilise.
func (p *published) tick() {
	switch {
	case p.phase == ring.Joining && p.search == nil:
		p.ready.NeedContacts = true
	case p.phase != ring.Member || p.asking != 0:
	case p.succ[0] == p.self:
		p.stabilise(ring.State{Predecessor: p.pred, Successors: p.succ})
	default:
		p.head = p.succ[0]
		p.asking = p.call(p.head, ring.AskState{})
	}
}

// stabilise takes the head's predecessor for head if it is nearer, unasked.
func (p *published) stabilise(s ring.State) {
	if x := s.Predecessor; !x.IsZero() && x != p.self && keyspace.Between(p.self.ID, x.ID, p.succ[0].ID) {
		p.set(x, p.succ)
	} else if p.succ[0] != p.self {
		p.set(p.succ[0], s.Successors)
	}
	if p.succ[0] != p.self {
		p.call(p.succ[0], ring.Notify{From: p.self})
	}
}

func (p *published) set(head ring.Peer, tail []ring.Peer) {
	p.succ = []ring.Peer{head}
	for _, x := range tail {
		if len(p.succ) == p.length || x == p.self || !keyspace.Between(p.succ[len(p.succ)-1].ID, x.ID, p.self.ID) {
			return
		}
		p.succ = append(p.succ, x)
	}
}

// check drops a head and a predecessor that failed.
func (p *published) check() {
	if p.down[p.pred.ID] {
		p.pred = ring.Peer{}
	}
	for len(p.succ) > 1 && p.down[p.succ[0].ID] {
		p.succ = p.succ[1:]
	}
}

func (p *published) answered(number uint64, a ring.Response) {
	switch number {
	case p.asking:
		p.asking = 0
		if s, ok := a.(ring.State); ok && !s.Pending && p.phase == ring.Member && p.succ[0] == p.head {
			p.stabilise(s)
		}
	case p.finding:
		if r, ok := a.(ring.Route); ok && p.search != nil {
			p.search.Answer(p.asked, r)
		} else if p.search != nil {
			p.search.Fail(p.asked)
		}
		p.find()
	}
}

// find is join: whoever follows the node's own identifier is its successor.
func (p *published) find() {
	if p.search == nil {
		p.search = ring.NewSearch(p.self.ID, p.contacts)
	}
	for {
		next, ok := p.search.Next()
		if ok && next == p.self {
			p.search.Fail(next)
			continue
		}
		if ok {
			p.asked, p.finding = next, p.call(next, ring.AskRoute{Target: p.self.ID})
			return
		}
		break
	}
	owner, rest, done := p.search.Result()
	p.search = nil
	if done && owner == p.self && len(rest) > 0 {
		owner = rest[0]
	}
	if done && owner != p.self {
		p.phase, p.succ, p.pred = ring.Member, []ring.Peer{owner}, ring.Peer{}
	}
}

func (p *published) route(target keyspace.ID) ring.Route {
	if p.phase != ring.Member {
		return ring.Route{Pending: true}
	}
	if target == p.self.ID {
		return ring.Route{Found: true, Hops: append([]ring.Peer{p.self}, p.succ...)}
	}
	if (keyspace.Arc{Start: p.self.ID, End: p.succ[0].ID}).Contains(target) {
		return ring.Route{Found: true, Hops: p.succ}
	}
	for i := len(p.succ) - 1; i > 0; i-- {
		if x := p.succ[i]; keyspace.Between(p.self.ID, x.ID, target) && !p.down[x.ID] {
			return ring.Route{Hops: []ring.Peer{x, p.succ[0]}}
		}
	}
	return ring.Route{Hops: p.succ[:1]}
}

func (p *published) call(to ring.Peer, q ring.Request) uint64 {
	p.last++
	p.ready.Calls = append(p.ready.Calls, ring.Call{Number: p.last, To: to, Request: q})
	return p.last
}
