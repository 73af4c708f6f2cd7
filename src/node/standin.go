package node

import (
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
)

const (
	// deadAfter is how long a member is down before its copies are made elsewhere
	// as well.
	deadAfter = 10 * time.Minute
	// manyDown: where more than one in so many is down, the network is to blame,
	// and nothing is copied.
	manyDown = 5
)

// watch notes since when members are down. It runs in the loop.
func (n *Node) watch(k *knowledge) {
	down, all := 0, 0
	dead := make(map[keyspace.ID]bool)
	for _, m := range k.members {
		if m.State >= member.Left {
			delete(n.downSince, m.ID)
			continue
		}
		all++
		if m.State != member.Down {
			delete(n.downSince, m.ID)
			continue
		}
		down++
		since, ok := n.downSince[m.ID]
		if !ok {
			since = time.Now()
			n.downSince[m.ID] = since
		}
		dead[m.ID] = time.Since(since) >= deadAfter
	}
	if down*manyDown > all {
		clear(dead)
	}
	n.standIn(k, dead)
}

// standIn settles which buckets this node keeps a copy of in the place of dead
// members: those in whose groups it would be without them.
func (n *Node) standIn(k *knowledge, dead map[keyspace.ID]bool) {
	var living []member.Member
	for _, m := range k.members {
		if !dead[m.ID] {
			living = append(living, m)
		}
	}
	p := replica.NewPlacement(living, n.cfg.Quorums)
	if old := n.living.Load(); old == nil || !old.Equal(p) {
		n.living.Store(&p)
		n.suspicious.Store(true)
	}
}

// livingDiffers reports whether there are dead members, so that somebody stands
// in for them.
func (n *Node) livingDiffers(k *knowledge) bool {
	p := n.living.Load()
	return p != nil && !p.Equal(k.placement)
}

// standsIn reports whether this node keeps a copy of the bucket in the place of
// a dead member. Such a copy is part of no quorum; the drop rule takes it away
// when the dead one is back.
func (n *Node) standsIn(k *knowledge, b keyspace.Bucket) bool {
	p := n.living.Load()
	return p != nil && !k.placement.Group(b).Contains(n.cfg.ID) && p.Group(b).Contains(n.cfg.ID)
}
