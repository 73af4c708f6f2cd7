package dashboard

import (
	"context"
	"fmt"
	"sync"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// Peers asks other members. Its methods are safe for concurrent use.
type Peers interface {
	// Status returns what the node at addr knows of itself; of the members nothing is
	// needed.
	Status(ctx context.Context, addr string) (node.Status, error)
	// Leave makes it hand over everything and go, and returns when it is done.
	Leave(ctx context.Context, addr string) error
}

// What asking the others may cost, and how long an answer is good for.
const (
	asksAtOnce = 16
	askTimeout = 2 * time.Second
	askEvery   = 40 * time.Millisecond // on the average, however many there are
	askLeast   = 2 * time.Second       // between two questions to one
	keptLeast  = 15 * time.Second      // an answer, after which the load is unknown
)

// survey is what the other members said of themselves. They are asked while
// somebody looks, in turn, some at a time.
type survey struct {
	peers Peers
	ctx   context.Context // ends with the server
	slots chan struct{}

	mu      sync.Mutex
	said    map[keyspace.ID]*answered
	members []member.Member // when somebody looked last
	self    keyspace.ID
	next    int // who of them is asked next
}

// answered is what a member said last.
type answered struct {
	status node.Status // without members
	at     time.Time   // when; zero: never
	tried  time.Time
	asking bool
	err    error // why it said nothing the last time
}

func newSurvey(ctx context.Context, p Peers) *survey {
	return &survey{peers: p, ctx: ctx, slots: make(chan struct{}, asksAtOnce), said: map[keyspace.ID]*answered{}}
}

// loads returns what is known of the members' loads, and why not of the others,
// and asks some of those that are to be asked again. It does not wait for them.
func (v *survey) loads(s node.Status) (map[keyspace.ID]Load, map[keyspace.ID]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forget(s.Members)
	v.members, v.self = s.Members, s.Self.ID
	v.ask()
	loads, why, kept := map[keyspace.ID]Load{s.Self.ID: LoadOf(s)}, map[keyspace.ID]string{}, keep(len(s.Members))
	for _, m := range s.Members {
		a := v.said[m.ID]
		switch {
		case m.ID == s.Self.ID || m.State >= member.Left:
		case a != nil && time.Since(a.at) < kept && m.State < member.Down:
			loads[m.ID] = LoadOf(a.status)
		default:
			why[m.ID] = a.excuse(m)
		}
	}
	return loads, why
}

// again returns how long a member is left in peace.
func again(members int) time.Duration { return max(askLeast, time.Duration(members)*askEvery) }

// keep returns for how long an answer is good: three rounds, where there are many
// to be asked.
func keep(members int) time.Duration { return max(keptLeast, 3*again(members)) }

// excuse says why nothing is known of a member.
func (a *answered) excuse(m member.Member) string {
	switch {
	case m.State == member.Down:
		return "it is down"
	case a == nil || a.tried.IsZero() || a.err == nil:
		return "not asked yet"
	}
	return a.err.Error()
}

// forget drops what members said that are in the table no more.
func (v *survey) forget(members []member.Member) {
	if len(v.said) <= len(members) {
		return
	}
	there := map[keyspace.ID]bool{}
	for _, m := range members {
		there[m.ID] = true
	}
	for id := range v.said {
		if !there[id] {
			delete(v.said, id)
		}
	}
}

// ask asks the next ones that can answer, as far as there are slots.
func (v *survey) ask() {
	if v.peers == nil {
		return
	}
	for range v.members {
		v.next++
		m := v.members[v.next%len(v.members)]
		a := v.said[m.ID]
		if m.ID == v.self || m.State >= member.Down || a != nil && (a.asking || time.Since(a.tried) < again(len(v.members))) {
			continue
		}
		select {
		case v.slots <- struct{}{}:
		default:
			v.next-- // this one comes first the next time
			return
		}
		if a == nil {
			a = &answered{}
			v.said[m.ID] = a
		}
		a.asking = true
		go v.hear(m, a)
	}
}

// hear asks one member, notes what it says, and goes on with the next.
func (v *survey) hear(m member.Member, a *answered) {
	s, err := v.question(m)
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.ask()
	<-v.slots
	a.asking, a.tried, a.err = false, time.Now(), err
	if err == nil {
		a.status, a.at = s, a.tried
	}
}

func (v *survey) question(m member.Member) (node.Status, error) {
	ctx, cancel := context.WithTimeout(v.ctx, askTimeout)
	defer cancel()
	s, err := v.peers.Status(ctx, m.Addr)
	if err == nil && s.Self.ID != m.ID {
		err = fmt.Errorf("%s answers at %s", s.Self.Name, m.Addr)
	}
	return s, err
}

// of returns what a member said last, or asks it now.
func (v *survey) of(m member.Member) (node.Status, time.Time, error) {
	v.mu.Lock()
	a := v.said[m.ID]
	if a != nil && time.Since(a.at) < 2*askLeast {
		defer v.mu.Unlock()
		return a.status, a.at, nil
	}
	v.mu.Unlock()
	if v.peers == nil {
		return node.Status{}, time.Time{}, &node.Error{Kind: node.Unavailable, Text: "this node asks no others"}
	}
	select {
	case v.slots <- struct{}{}:
		defer func() { <-v.slots }()
	case <-time.After(askTimeout):
		return node.Status{}, time.Time{}, &node.Error{Kind: node.Overloaded, Text: "too many members are being asked", Remedy: "try again"}
	}
	s, err := v.question(m)
	return s, time.Now(), err
}
