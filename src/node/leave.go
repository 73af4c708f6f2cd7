package node

import (
	"context"
	"time"

	"chord/member"
	"chord/replica"
)

// ErrLast refuses to let the last node of a ring leave.
var ErrLast error = &Error{
	Kind:   Invalid,
	Text:   "this node is the last of its ring: there is nobody to hand its keys to",
	Remedy: "stop it instead; it keeps its keys and comes back with them",
}

// Leave hands every bucket over to those who hold them from now on, tells the
// ring, and ends the node's membership. It returns when all is confirmed; where
// ctx ends before that, the node goes on leaving, and the call can be repeated.
// The last member of a ring has nobody to hand over to: it is stopped, not left.
func (n *Node) Leave(ctx context.Context) error {
	alone := false
	err := n.ask(ctx, func() {
		if alone = n.known.Load().placement.Len() <= 1 && n.table.Self().State == member.Alive; !alone {
			n.table.Announce(member.Leaving)
		}
	})
	if err != nil {
		return err
	}
	if alone {
		return ErrLast
	}
	n.leaveOnce.Do(func() { n.spawn(n.goWhenEmpty) })
	select {
	case <-n.leftCh:
		return nil
	case <-ctx.Done():
		c := n.counts()
		return failf(Unavailable, "%d buckets are not handed over yet; the node goes on leaving", c.Held+c.Moving)
	case <-n.ctx.Done():
		return errClosed
	}
}

// goWhenEmpty waits until the node holds nothing, and says farewell to those
// who hold its buckets now.
func (n *Node) goWhenEmpty() {
	tick := time.NewTicker(n.cfg.Period / 10)
	defer tick.Stop()
	for {
		n.poke()
		if c := n.counts(); c.Held+c.Moving == 0 {
			break
		}
		select {
		case <-tick.C:
		case <-n.ctx.Done():
			return
		}
	}
	var members []member.Member
	if err := n.ask(n.ctx, func() {
		n.table.Announce(member.Left)
		members = n.table.All()
	}); err != nil {
		return
	}
	n.farewell(members)
	n.log.Info("left the ring; everything is handed over")
	close(n.leftCh)
}

// farewell tells the nearest members at once; gossip tells the rest.
func (n *Node) farewell(members []member.Member) {
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.Period)
	defer cancel()
	k := n.known.Load()
	near := k.placement.Clockwise(n.cfg.ID)
	for _, id := range near[:min(len(near), 16)] {
		if m := k.members[id]; m.State != member.Down {
			// Who does not hear it now hears it by gossip, or finds out.
			_, _ = n.cfg.Dialer.Dial(m.Addr).Member(ctx, member.Sync{From: n.cfg.ID, Members: members})
		}
	}
}

func (n *Node) counts() BucketCounts {
	var c BucketCounts
	k := n.known.Load()
	n.mu.Lock()
	defer n.mu.Unlock()
	c.Held, c.Moving = n.ledger.Count(replica.Held), n.ledger.Count(replica.Handing)
	if k != nil {
		c.Wanted = len(n.ledger.Wanted(k.placement, n.cfg.ID))
	}
	return c
}
