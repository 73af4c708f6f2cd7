package node

import (
	"context"
	"errors"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// metaMember is the name under which the database notes that its node was a
// member of a ring: it never founds another then.
const metaMember = "member"

// enter gives the node its identifier and makes the state machines. It returns
// when the node can take part, not when it has its place.
func (n *Node) enter() error {
	remembered, was, err := n.remembered()
	if err != nil {
		return err
	}
	others, err := n.introduce(remembered, was)
	if err != nil {
		return err
	}
	if err := n.identify(others); err != nil {
		return err
	}
	identity := n.cfg.Store.Identity()
	self := ring.Peer{ID: n.cfg.ID, Addr: n.cfg.Addr}
	n.ring = ring.New(ring.Config{Self: self})
	n.table = member.New(member.Config{
		Self: member.Member{
			ID: n.cfg.ID, Name: identity.Name, Addr: n.cfg.Addr, Domain: n.cfg.Domain, Incarnation: identity.Incarnation,
		},
		Seed: n.rand.Uint64(),
	}, remembered)
	n.table.Learn(others)
	n.table.Contact(n.cfg.Bootstrap...)
	switch {
	case !was && len(n.cfg.Bootstrap) == 0:
		if err := n.found(); err != nil {
			return err
		}
		n.ring.Step(ring.Create{})
	case was:
		n.cold = ring.NewColdStart(self, n.contacts(), 0)
		n.coldTick()
	default:
		n.ring.Step(ring.Join{Contacts: n.contacts()})
	}
	n.drain()
	return nil
}

// found makes this node the ring's first: it holds every bucket.
func (n *Node) found() error {
	note := replica.Found().Encode()
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		for i := range keyspace.Buckets {
			if err := tx.SetNote(keyspace.Bucket(i), note); err != nil {
				return err
			}
		}
		return tx.SetMeta(metaMember, []byte{1})
	}})
	if err != nil {
		return err
	}
	n.log.Info("founded a ring", "ring", n.cfg.Store.Identity().Ring)
	return n.loadLedger()
}

// introduce asks the bootstrap nodes, or whom the node remembers, who there is.
// A node that never was a member waits here until one of them answers; one that
// was asks once, to learn whether another node took its name.
func (n *Node) introduce(remembered []member.Member, was bool) ([]member.Member, error) {
	addrs := n.cfg.Bootstrap
	if was {
		for _, m := range remembered[:min(len(remembered), 8)] {
			addrs = append(addrs[:len(addrs):len(addrs)], m.Addr)
		}
	}
	for wait := n.cfg.Period / 10; ; wait = min(2*wait, 10*n.cfg.Period) {
		var failure error
		for _, addr := range addrs {
			members, err := n.introduceAt(addr)
			if err == nil {
				return members, n.checkName(members)
			}
			failure = err
			if KindOf(err) == WrongRing && !was {
				return nil, err
			}
		}
		if was || len(addrs) == 0 {
			return nil, nil
		}
		n.do("waiting for a bootstrap node: " + failure.Error())
		n.log.Warn("no bootstrap node answers; trying again", "in", wait, "err", failure)
		select {
		case <-time.After(wait):
		case <-n.ctx.Done():
			return nil, n.ctx.Err()
		}
	}
}

func (n *Node) introduceAt(addr string) ([]member.Member, error) {
	if addr == n.cfg.Addr {
		return nil, failf(Unavailable, "%s is this node itself", addr)
	}
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(addr).Member(ctx, member.Sync{})
	if err != nil {
		return nil, err
	}
	all, ok := answer.(member.Members)
	if !ok {
		return nil, failf(Internal, "%s answers a sync with %T", addr, answer)
	}
	return all.Members, nil
}

// checkName refuses to start beside a running node of the same name, and
// recognises a wiped node's former identifier by it.
func (n *Node) checkName(members []member.Member) error {
	identity := n.cfg.Store.Identity()
	for _, m := range members {
		if m.Name != identity.Name || m.State == member.Left {
			continue
		}
		if m.Addr != n.cfg.Addr {
			if err := n.checkRunning(m); err != nil {
				return err
			}
		}
		if n.cfg.ID.IsZero() && identity.ID.IsZero() {
			n.cfg.ID = m.ID
		}
	}
	return nil
}

func (n *Node) checkRunning(m member.Member) error {
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	h, err := n.cfg.Dialer.Dial(m.Addr).Hello(ctx)
	if err != nil || h.Member.ID != m.ID || h.Process == n.process {
		return nil
	}
	return &Error{
		Kind:   Invalid,
		Text:   "a node named " + m.Name + " runs at " + m.Addr + " already",
		Remedy: "give this node another --name, or stop the other one; a copied database can not run beside its original",
	}
}

// examine looks closer at another node that claims this one's place or name.
func (n *Node) examine(c member.Conflict) {
	if c.Other.Addr == n.cfg.Addr {
		return
	}
	if err := n.checkRunning(c.Other); err != nil {
		n.fail(err)
	}
}

// identify settles the node's identifier, once for the life of its database:
// of its sixteen the one that splits the fullest arc.
func (n *Node) identify(others []member.Member) error {
	identity := n.cfg.Store.Identity()
	if !identity.ID.IsZero() && n.cfg.ID.IsZero() {
		n.cfg.ID = identity.ID
	}
	if n.cfg.ID.IsZero() {
		n.cfg.ID = choose(identity.Ring, identity.Name, others)
	}
	return n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error { return tx.SetID(n.cfg.ID) }})
}

// choose returns the identifier, of those that the name allows, that splits
// best: the smaller of the two arcs that it makes is the largest.
func choose(ringName, name string, others []member.Member) keyspace.ID {
	p := replica.NewPlacement(others)
	var best, widest keyspace.ID
	for i := range keyspace.NodeChoices {
		id := keyspace.HashNode(ringName, name, i)
		around := p.Clockwise(id)
		if len(around) == 0 {
			return id
		}
		before, after := around[len(around)-1].Distance(id), id.Distance(around[0])
		if before.Compare(after) < 0 {
			after = before
		}
		if i == 0 || after.Compare(widest) > 0 {
			best, widest = id, after
		}
	}
	return best
}

// remembered returns the members that the database knows, and whether the node
// was a member of a ring before.
func (n *Node) remembered() (members []member.Member, was bool, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		flag, err := v.Meta(metaMember)
		if err != nil {
			return err
		}
		was = len(flag) > 0
		return v.Members(func(id keyspace.ID, record []byte) error {
			m, err := decodeMember(record)
			if err == nil && id != n.cfg.Store.Identity().ID {
				members = append(members, m)
			}
			return err
		})
	})
	return members, was, err
}

// remember writes changed records to the database, without waiting.
func (n *Node) remember(changes []member.Change) {
	err := n.cfg.Store.Submit(store.Change{Do: func(tx *store.Tx) error {
		for _, c := range changes {
			if err := tx.SetMember(c.New.ID, encodeMember(c.New)); err != nil {
				return err
			}
		}
		return nil
	}, Done: n.noteError})
	n.noteError(err)
}

func (n *Node) noteError(err error) {
	if err != nil && n.ctx.Err() == nil {
		n.log.Error("cannot write to the database", "err", err)
		if errors.Is(err, store.ErrFatal) {
			n.fail(err)
		}
	}
}

// contacts returns who may be asked for a place on the ring.
func (n *Node) contacts() []ring.Peer {
	var peers []ring.Peer
	for _, m := range n.table.All() {
		if m.ID != n.cfg.ID && m.State != member.Left {
			peers = append(peers, peerOf(m))
		}
	}
	return peers
}

// coldTick lets the cold start ask and decide.
func (n *Node) coldTick() {
	n.cold.Remember(n.contacts())
	ask, event := n.cold.Tick()
	if event != nil {
		n.ring.Step(event)
	}
	question := n.cold.Question()
	for _, p := range ask {
		n.spawn(func() {
			ctx, cancel := context.WithTimeout(n.ctx, n.cfg.Period)
			defer cancel()
			answer, err := n.cfg.Dialer.Dial(p.Addr).Ring(ctx, question)
			route, ok := answer.(ring.Route)
			if err == nil && ok {
				n.post(func() {
					if n.cold != nil {
						n.cold.Answered(p, route)
					}
				})
			}
		})
	}
}

// checkReady tells the world, once, that the node is there for it.
func (n *Node) checkReady() {
	k := n.known.Load()
	select {
	case <-n.settled:
	default:
		return
	}
	if k == nil || k.view.Phase != ring.Member {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ready.IsZero() {
		n.ready = time.Now()
		n.doing = ""
		close(n.readyCh)
	}
}
