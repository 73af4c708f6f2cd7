package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// leaving is a wish to leave the ring and how it ended.
type leaving struct {
	done chan struct{}
	err  error
}

// Leave hands every bucket over to those who hold them from now on, tells the
// ring, and ends the node's membership. It returns when all is confirmed; where
// ctx ends before that, the node goes on leaving, and the call can be repeated.
// The last member of a ring has nobody to hand over to: it is stopped, not left.
func (n *Node) Leave(ctx context.Context) error {
	if err := n.ask(ctx, func() { n.announceLeaving() }); err != nil {
		return err
	}
	n.mu.Lock()
	leave := n.leave
	n.mu.Unlock()
	if leave == nil {
		return errLast
	}
	select {
	case <-leave.done:
		return leave.err
	case <-ctx.Done():
		c := n.counts()
		return &Error{
			Kind:   Unavailable,
			Text:   failf(Unavailable, "%d buckets are not handed over yet; the node goes on leaving", c.Held+c.Moving).Text,
			Remedy: "wait and look at its status, or ask it to leave again with more time",
		}
	case <-n.ctx.Done():
		return errClosed
	}
}

var errLast = &Error{
	Kind:   Invalid,
	Text:   "this node is the last of its ring: there is nobody to hand its keys to",
	Remedy: "stop it instead; it keeps its keys and comes back with them",
}

// announceLeaving begins to leave, unless that is under way or there is nobody
// else. It runs in the loop.
func (n *Node) announceLeaving() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.leave != nil || n.known.Load().placement.Len() <= 1 {
		return
	}
	n.leave = &leaving{done: make(chan struct{})}
	n.noteServing(nil)
	n.table.Announce(member.Leaving)
	n.spawn(n.goWhenEmpty)
}

// goWhenEmpty waits until the node holds nothing, and says farewell to those
// who hold its buckets now.
func (n *Node) goWhenEmpty() {
	// Who does not hear it at once would send buckets here meanwhile: where all
	// leave, round and round.
	if !n.announce(nil) {
		return
	}
	tick := time.NewTicker(n.cfg.Period / 10)
	defer tick.Stop()
	for {
		if n.stay() {
			return
		}
		n.poke()
		if n.holdsNothing() && n.dropping.Load() == 0 || fault.Planted(fault.LeaveAtOnce) {
			break
		}
		select {
		case <-tick.C:
		case <-n.ctx.Done():
			return
		}
	}
	if !n.announce(func() { n.table.Announce(member.Left) }) {
		return
	}
	n.log.Info("left the ring; everything is handed over")
	close(n.leftCh)
	n.endLeave(nil)
}

// holdsNothing reports whether no copy is here, in whatever state: where nobody
// serves, none of them is surplus.
func (n *Node) holdsNothing() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.catalog.Count(replica.Missing) == keyspace.Buckets
}

// noteServing notes whether the node counts among those who hold copies the
// next time that it starts.
func (n *Node) noteServing(flag []byte) {
	n.noteError(n.cfg.Store.Submit(store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta(metaServing, flag) }, Done: n.noteError}))
}

// stay ends the leaving of a node when all the others leave or left as well:
// of those the one with the smallest identifier stays.
func (n *Node) stay() bool {
	k := n.known.Load()
	if k.placement.Len() > 0 || k.self.State != member.Leaving {
		return false
	}
	for _, m := range k.members {
		if m.State == member.Leaving && m.ID.Compare(k.self.ID) < 0 {
			return false
		}
	}
	n.noteServing(memberFlag)
	if !n.announce(func() { n.table.Announce(member.Alive) }) {
		return false
	}
	n.log.Warn("everybody else leaves, too; this node stays")
	n.endLeave(errLast)
	return true
}

func (n *Node) endLeave(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.leave.err = err
	close(n.leave.done)
	if err != nil {
		n.leave = nil
	}
}

// announce changes the own record, where change is not nil, and tells the
// nearest members of it at once; gossip tells the rest. It is false where the
// node is stopping.
func (n *Node) announce(change func()) bool {
	var members []member.Member
	if err := n.ask(n.ctx, func() {
		if change != nil {
			change()
		}
		members = n.table.All()
	}); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.Period)
	defer cancel()
	var told sync.WaitGroup
	for _, m := range n.near(16) {
		// Who does not hear it now hears it by gossip, or finds out.
		told.Go(func() {
			_, _ = n.cfg.Dialer.Dial(m.Addr).Member(ctx, member.Sync{From: n.cfg.ID, Members: members})
		})
	}
	told.Wait()
	return true
}

// near returns the next members clockwise that can hear this node.
func (n *Node) near(most int) []member.Member {
	k := n.known.Load()
	at, found := slices.BinarySearchFunc(k.members, n.cfg.ID, func(m member.Member, id keyspace.ID) int { return m.ID.Compare(id) })
	if !found {
		return nil
	}
	var near []member.Member
	for i := 1; i < len(k.members) && len(near) < most; i++ {
		if m := k.members[(at+i)%len(k.members)]; m.State < member.Down {
			near = append(near, m)
		}
	}
	return near
}
