package node

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
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

// metaServing is the name under which it notes that its node was filled once and
// took its place among those who hold copies.
const metaServing = "serving"

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
	if was {
		if err := n.guard(remembered, others); err != nil {
			return err
		}
	}
	if err := n.identify(others); err != nil {
		return err
	}
	if err := n.resign(); err != nil {
		return err
	}
	for _, m := range others {
		if m.ID == n.cfg.ID && m.Incarnation != n.cfg.Store.Identity().Incarnation {
			if err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
				return tx.SetMeta(metaNotesLost, memberFlag)
			}}); err != nil {
				return storeError(err)
			}
		}
	}
	serving, err := n.servesAtOnce(others, !was && len(n.cfg.Bootstrap) == 0)
	if err != nil {
		return err
	}
	n.joined, n.membersLast = was, remembered
	identity := n.cfg.Store.Identity()
	self := ring.Peer{ID: n.cfg.ID, Addr: n.cfg.Addr}
	n.ring = ring.New(ring.Config{Self: self})
	n.table = member.New(member.Config{
		Self: member.Member{
			ID: n.cfg.ID, Name: identity.Name, Addr: n.cfg.Addr, Domain: n.cfg.Domain, Incarnation: identity.Incarnation, Serving: serving,
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
	case was && len(n.contacts()) == 0 && len(n.cfg.Bootstrap) == 0:
		n.ring.Step(ring.Create{}) // it was alone when it stopped
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
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		founded := binary.BigEndian.AppendUint64(nil, n.cfg.Store.Identity().Incarnation)
		return errors.Join(tx.SetMeta(metaMember, founderFlag), tx.SetMeta(metaServing, memberFlag), tx.SetMeta(metaFounded, founded))
	}})
	if err != nil {
		return err
	}
	n.log.Info("founded a ring", "ring", n.cfg.Store.Identity().Ring)
	n.onTrial.Store(true)
	return n.loadCopies()
}

// introduce asks the bootstrap nodes, or whom the node remembers, who there is.
// A node that never was a member waits here until one of them answers; one that
// was asks once, to learn whether another node took its name.
func (n *Node) introduce(remembered []member.Member, was bool) ([]member.Member, error) {
	addrs := slices.Clone(n.cfg.Bootstrap)
	for _, m := range remembered {
		if was && len(addrs) < len(n.cfg.Bootstrap)+8 && m.ID != n.cfg.Store.Identity().ID && m.State < member.Left {
			addrs = append(addrs, m.Addr)
		}
	}
	for wait := n.cfg.Period / 10; ; wait = min(2*wait, 10*n.cfg.Period) {
		members, failure := n.introduceAny(addrs)
		if failure == nil {
			return members, n.checkName(members)
		}
		if KindOf(failure) == WrongRing && !was {
			return nil, failure
		}
		if was || len(addrs) == 0 {
			return nil, nil
		}
		n.do("waiting for a bootstrap node: " + failure.Error())
		n.log.Debug("no bootstrap node answers; trying again", "in", wait, "err", failure)
		select {
		case <-time.After(wait):
		case <-n.ctx.Done():
			return nil, n.ctx.Err()
		}
	}
}

// introduceAny asks all addresses at once and returns the first answer, or one
// of the failures: that of another ring before the others.
func (n *Node) introduceAny(addrs []string) (members []member.Member, failure error) {
	type answer struct {
		members []member.Member
		err     error
	}
	answers := make(chan answer, len(addrs))
	for _, addr := range addrs {
		n.spawn(func() {
			members, err := n.introduceAt(n.ctx, addr, member.Sync{})
			answers <- answer{members, err}
		})
	}
	for range addrs {
		a := <-answers
		if a.err == nil {
			return a.members, nil
		}
		if failure == nil || KindOf(a.err) == WrongRing {
			failure = a.err
		}
	}
	return nil, failure
}

func (n *Node) introduceAt(ctx context.Context, addr string, q member.Sync) ([]member.Member, error) {
	if addr == n.cfg.Addr {
		return nil, failf(Unavailable, "%s is this node itself", addr)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*n.cfg.Period)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(addr).Member(ctx, q)
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
		if m.ID == identity.ID && m.Incarnation == identity.Incarnation && m.State == member.Forgotten {
			return n.forgottenError()
		}
		if m.Name != identity.Name || m.State >= member.Left {
			continue
		}
		if m.Addr != n.cfg.Addr {
			if _, err := n.twin(m); err != nil {
				return err
			}
		}
		if n.cfg.ID.IsZero() && identity.ID.IsZero() {
			n.log.Warn("a node of this name was in the ring before; taking its place, to be filled again", "id", m.ID)
			n.cfg.ID = m.ID
		}
	}
	return nil
}

// twin asks whether another process than this one is the member, and returns
// what it says and an error if so.
func (n *Node) twin(m member.Member) (Hello, error) {
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	h, err := n.cfg.Dialer.Dial(m.Addr).Hello(ctx)
	if err != nil || h.Member.ID != m.ID || h.Process == n.process {
		return h, nil
	}
	return h, &Error{
		Kind:   Invalid,
		Text:   "a node named " + m.Name + " runs at " + m.Addr + " already",
		Remedy: "give this node another --name, or stop the other one; a copied database can not run beside its original",
	}
}

// examine looks closer at another node that claims this one's place or name.
// One of the two has to go: who is not ready yet; else, as neither knows who
// came first, the one with the larger random number.
func (n *Node) examine(c member.Conflict) {
	if c.Other.Addr == n.cfg.Addr {
		return
	}
	other, twin := n.twin(c.Other)
	if twin == nil {
		return
	}
	n.mu.Lock()
	ready := !n.ready.IsZero()
	n.mu.Unlock()
	if ready == other.Joined && n.process > other.Process || !ready && other.Joined {
		n.fail(twin)
		return
	}
	n.log.Error("another node has this node's name; it should stop by itself", "name", c.Other.Name, "addr", c.Other.Addr)
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
	p := replica.NewPlacement(others, replica.Quorums{Copies: 1, Write: 1, Read: 1})
	return replica.Choose(ringName, name, func(id keyspace.ID) (before, after keyspace.ID, ok bool) {
		around := p.Clockwise(id)
		if len(around) == 0 {
			return before, after, false
		}
		return around[len(around)-1], around[0], true
	})
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
			members = append(members, m)
			return err
		})
	})
	return members, was, err
}

// remember writes changed records to the database, without waiting.
func (n *Node) remember(changes []member.Change) {
	err := n.cfg.Store.Submit(store.Change{Do: func(tx *store.Tx) error {
		for _, c := range changes {
			if c.New.ID.IsZero() {
				if err := tx.DeleteMember(c.Old.ID); err != nil {
					return err
				}
				continue
			}
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
		if m.ID != n.cfg.ID && m.State < member.Left {
			peers = append(peers, peerOf(m))
		}
	}
	return peers
}

// join notes, once, that the node is a member of a ring. It runs in the loop.
func (n *Node) join() {
	if n.joined {
		return
	}
	n.joined = true
	n.noteError(n.cfg.Store.Submit(store.Change{Do: n.noteMember, Done: n.noteError}))
}

// noteMember makes it durable that the database's node is or was a member.
func (n *Node) noteMember(tx *store.Tx) error {
	flag, err := tx.Meta(metaMember)
	if err != nil || flag != nil {
		return err
	}
	return tx.SetMeta(metaMember, memberFlag)
}

// coldTick lets the cold start ask and decide, until the node has its place.
func (n *Node) coldTick() {
	n.needContacts = false
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
	if !n.hasSettled() || k == nil || k.view.Phase != ring.Member {
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

// servesAtOnce reports whether the node counts among those who hold copies from
// its start: it did before, or the others know it so and it lost its disk, and
// its place is kept. Who joins is filled first.
func (n *Node) servesAtOnce(others []member.Member, founds bool) (serves bool, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		flag, err := v.Meta(metaServing)
		serves = flag != nil
		return err
	})
	for _, m := range others {
		if m.ID == n.cfg.ID {
			serves = m.State < member.Left && (serves || m.Serving)
		}
	}
	return serves || founds, storeError(err)
}
