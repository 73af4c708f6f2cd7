package node

import (
	"slices"
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

// watch notes since when members are down, and which of them are dead. It runs in
// the loop.
func (n *Node) watch(k *knowledge) {
	down, all := 0, 0
	var dead []keyspace.ID // in order
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
		if time.Since(since) >= deadAfter {
			dead = append(dead, m.ID)
		}
	}
	if down*manyDown > all {
		dead = nil
	}
	if !slices.Equal(dead, n.dead) {
		n.dead = dead
		n.publish()
	}
}

// living returns the placement without those who were dead when last looked and are
// down still.
func (n *Node) living(k *knowledge) replica.Placement {
	isDead := func(m member.Member) bool { return m.State == member.Down && slices.Contains(n.dead, m.ID) }
	if !slices.ContainsFunc(k.members, isDead) {
		return k.placement
	}
	return replica.NewPlacement(slices.DeleteFunc(slices.Clone(k.members), isDead), n.cfg.Quorums)
}

// hasDead reports whether there are dead members, so that somebody stands in for
// them.
func (k *knowledge) hasDead() bool { return !k.living.Equal(k.placement) }

// standsIn reports whether this node keeps a copy of the bucket in the place of
// a dead member: it would be in the group without it. Such a copy is part of no
// quorum; the drop rule takes it away when the dead one is back.
func (k *knowledge) standsIn(b keyspace.Bucket) bool {
	return !k.placement.Group(b).Contains(k.self.ID) && k.living.Group(b).Contains(k.self.ID)
}
