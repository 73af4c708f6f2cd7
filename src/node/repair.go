package node

import (
	"context"
	"slices"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// repairEvery is how many periods lie between two comparisons in the background,
// each of one part of the buckets with one other member.
const repairEvery = 5

// repairs compares synced copies with those of the other members of their
// groups and fetches what is lacking here; the others do the same. In the
// background that goes part by part. Where there is reason to suspect more
// differences than usual, all is compared at once: after a start, when somebody may
// have died in the middle of a write, and when somebody is back.
func (n *Node) repairs() {
	last := time.Now()
	first, turn := 0, 0
	for n.awake(wakeRepair) {
		k := n.known.Load()
		if k.view.Phase != ring.Member || joining(k.self) || k.self.State == member.Left {
			continue
		}
		switch {
		case fault.Planted(fault.NoRepair):
		case n.suspicious.Swap(false):
			n.repairAll(n.ctx, k)
		case time.Since(last) >= repairEvery*n.cfg.Period:
			last = time.Now()
			mates := n.mates(k)
			if len(mates) == 0 {
				continue
			}
			if turn++; turn >= len(mates) {
				turn, first = 0, first+compareBuckets
			}
			if first >= keyspace.Buckets {
				first = 0
				n.progress.round(time.Now())
			}
			n.repairPart(n.ctx, k, mates[turn], first)
		}
	}
}

func (n *Node) repairAll(ctx context.Context, k *knowledge) {
	for _, m := range n.mates(k) {
		for first := 0; first < keyspace.Buckets; first += compareBuckets {
			if !n.repairPart(ctx, k, m, first) {
				break
			}
		}
	}
	n.progress.round(time.Now())
}

// mates returns those whom this node shares buckets with, and who are there.
func (n *Node) mates(k *knowledge) []member.Member {
	shares := make(map[keyspace.ID]bool)
	share := func(g replica.Group, mine bool) {
		for _, id := range g.Members {
			shares[id] = shares[id] || mine
		}
	}
	k.placement.Runs(func(run Range, g replica.Group) {
		share(g, g.Contains(k.self.ID) || k.living.Group(run.First).Contains(k.self.ID))
	})
	return slices.DeleteFunc(others(k), func(m member.Member) bool { return !shares[m.ID] || m.State == member.Down })
}

// repairPart compares the buckets from first on with one other member, and is
// false where that one does not answer.
func (n *Node) repairPart(ctx context.Context, k *knowledge, m member.Member, first int) bool {
	err := n.pull(ctx, m, n.shared(k, m.ID, first), nil)
	if err != nil && ctx.Err() == nil {
		n.log.Debug("cannot compare copies", "with", m.Name, "addr", m.Addr, "err", err)
	}
	return err == nil
}

// shared returns the buckets from first on, a part of all, of which this node
// has a copy beside that of a member.
func (n *Node) shared(k *knowledge, with keyspace.ID, first int) (buckets []keyspace.Bucket) {
	last := min(first+compareBuckets, keyspace.Buckets) - 1
	standsIn := k.hasDead()
	n.mu.Lock()
	defer n.mu.Unlock()
	k.placement.Runs(func(r Range, g replica.Group) {
		if !g.Contains(with) {
			return
		}
		mine := g.Contains(n.cfg.ID)
		for b := max(int(r.First), first); (mine || standsIn) && b <= min(int(r.Last), last); b++ {
			at := keyspace.Bucket(b)
			if mine && n.catalog.At(at).State != replica.Missing || standsIn && k.standsIn(at) {
				buckets = append(buckets, at)
			}
		}
	})
	return buckets
}

// compared is what one other member had of some buckets, all of which is here
// now.
type compared struct {
	stamp  replica.Stamp // of its placement
	synced []keyspace.Bucket
}

// pull fetches what one other member has of some buckets and this node lacks.
// Done, which may be nil, hears of each part that is done.
func (n *Node) pull(ctx context.Context, m member.Member, buckets []keyspace.Bucket, done func(compared)) error {
	for chunk := range slices.Chunk(buckets, compareBuckets) {
		reply, err := n.compare(ctx, m, replica.Ranges(chunk))
		if err != nil {
			return err
		}
		n.progress.compared(len(chunk))
		if reply.Stamp != n.known.Load().placement.Stamp() {
			_ = n.exchangeTables(ctx, m) // who differs from whom shows the next time
		}
		unfit := newBucketSet(reply.Doubted)
		differ, err := n.differingFrom(reply)
		if err == nil {
			differ = slices.DeleteFunc(differ, unfit.has)
			err = n.fetch(ctx, fetchJob{from: m, buckets: differ, done: func(keyspace.Bucket, store.Digest) {}})
		}
		if err != nil {
			return err
		}
		if done != nil {
			synced := newBucketSet(reply.Synced)
			done(compared{reply.Stamp, slices.DeleteFunc(chunk, func(b keyspace.Bucket) bool { return !synced.has(b) })})
		}
	}
	return nil
}
