package node

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

const (
	purgeKeys  = 256       // of one purge
	purgeBytes = 256 << 10 // of one purge
	purgeScan  = 1024      // removed keys of one bucket that are looked at
	purgeRest  = 64        // buckets that are looked at without a rest
	// purgePatience is for how many rounds of questions a purge goes on in which
	// nobody else turns up.
	purgePatience = 3
)

// PurgeStatus says how far removed keys are forgotten. A node counts those of
// the buckets of which it is the first member.
type PurgeStatus struct {
	Waiting int    // removed keys that are remembered
	Done    uint64 // purges since the start
	Keys    uint64 // that they forgot
	// Blocked names who must be back, or be forgotten, before more is forgotten.
	Blocked []string
}

// purges forgets removed keys of the buckets of which this node is the first
// member: one bucket after the other, all of them a few times in the time for which
// they are remembered at least.
func (n *Node) purges() {
	var seen map[keyspace.ID]time.Time
	for sleep(n.ctx, max(n.cfg.PurgeAfter/4, n.cfg.Period)) {
		k := n.known.Load()
		if k == nil || k.view.Phase != ring.Member || joining(k.self) || k.self.State >= member.Leaving {
			continue
		}
		seen = n.purgeRound(k, seen)
	}
}

// purgeRound goes through the buckets; seen is since when removed keys are known
// to be that.
func (n *Node) purgeRound(k *knowledge, seen map[keyspace.ID]time.Time) map[keyspace.ID]time.Time {
	next := make(map[keyspace.ID]time.Time)
	waiting, looked := 0, 0
	var blocked []string
	k.placement.Runs(func(run Range, g replica.Group) {
		if len(g.Members) == 0 || g.Members[0] != n.cfg.ID {
			return
		}
		filled, err := n.filledIn(run)
		if err != nil {
			n.log.Debug("cannot look for removed keys", "err", err)
			return // the next round looks again
		}
		for _, b := range filled {
			if n.ctx.Err() != nil {
				return
			}
			stones, err := n.tombstones(b)
			if err != nil {
				n.lookForDamage(b, err)
				continue
			}
			if len(stones) == 0 {
				continue
			}
			waiting += len(stones)
			var old []store.Tombstone
			size := 0
			for _, s := range stones {
				since, ok := seen[s.ID]
				if !ok {
					since = time.Now()
				}
				next[s.ID] = since
				if time.Since(since) >= n.cfg.PurgeAfter && len(old) < purgeKeys && size < purgeBytes {
					old, size = append(old, s), size+len(s.Key)+40*len(s.Context)
				}
			}
			if looked++; looked%purgeRest == 0 {
				sleep(n.ctx, n.cfg.Period/10)
			}
			if len(old) > 0 {
				for _, name := range n.purgeBucket(k, b, g, old) {
					if !slices.Contains(blocked, name) {
						blocked = append(blocked, name)
					}
				}
			}
		}
	})
	slices.Sort(blocked)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.purge.Waiting, n.purge.Blocked = waiting, blocked
	return next
}

// filledIn returns the buckets of a run in which something lies here, removed or not,
// and whose copy is synced. A view shows many of them: most buckets are empty, and
// one view of each would cost more than all purges.
func (n *Node) filledIn(run Range) (filled []keyspace.Bucket, err error) {
	for first := int(run.First); first <= int(run.Last) && err == nil; first += compareBuckets {
		last := min(first+compareBuckets-1, int(run.Last))
		err = n.sumUp(Range{First: keyspace.Bucket(first), Last: keyspace.Bucket(last)}, func(b keyspace.Bucket, c replica.Copy, stats store.BucketStats) {
			if c.State == replica.Synced && !stats.Digest.IsZero() {
				filled = append(filled, b)
			}
		})
	}
	return filled, err
}

// tombstones returns the removed keys of a bucket whose copy is synced here.
func (n *Node) tombstones(b keyspace.Bucket) (stones []store.Tombstone, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		stats, err := v.Bucket(b)
		if err != nil || stats.Digest.IsZero() {
			return err
		}
		if c, err := n.copyOf(v, b); err != nil || c.State != replica.Synced {
			return err
		}
		stones, err = v.Tombstones(b, purgeScan)
		return err
	})
	return stones, err
}

// purgeBucket forgets these removed keys, and returns the names of those who
// must confirm and do not.
func (n *Node) purgeBucket(k *knowledge, b keyspace.Bucket, g replica.Group, stones []store.Tombstone) (blocked []string) {
	var c replica.Copy
	if err := n.cfg.Store.View(func(v *store.View) (err error) {
		c, err = n.copyOf(v, b)
		return err
	}); err != nil {
		return nil
	}
	p := replica.Purge{Epoch: c.Epoch + 1}
	for _, s := range stones {
		p.Keys = append(p.Keys, replica.Removed{Key: s.Key, Context: s.Context})
	}
	for range purgeTries {
		_, _ = rand.Read(p.ID[:])
		u := replica.NewPurging(p, slices.Concat([]keyspace.ID{n.cfg.ID}, g.Members, c.Peers))
		blocked = n.confirmAll(k, b, u)
		epoch, refused := u.Refused()
		if refused {
			p.Epoch = epoch + 1
			continue
		}
		if len(blocked) == 0 && len(u.Missing()) == 0 && n.known.Load().placed == k.placed {
			n.finishPurge(k, b, u)
		}
		break
	}
	return blocked
}

// confirmAll asks the holders, and whom they name, until all have confirmed or
// somebody does not; it returns the names of these. Whoever is down is found out
// before anybody is asked, as far as he is known by then.
func (n *Node) confirmAll(k *knowledge, b keyspace.Bucket, u *replica.Purging) (blocked []string) {
	for range purgePatience * len(k.members) {
		n.census(k, u)
		missing := u.Missing()
		if _, refused := u.Refused(); refused || len(missing) == 0 {
			return nil
		}
		for _, id := range missing {
			if m, _ := k.member(id); m.State == member.Down {
				blocked = append(blocked, m.Name)
			}
		}
		if len(blocked) > 0 {
			return blocked
		}
		for _, id := range missing {
			m, _ := k.member(id)
			r, err := n.askPurge(m, PurgeCall{From: n.cfg.ID, Bucket: b, Step: PurgePrepare, Purges: replica.Purges{Epoch: u.Epoch, Open: []replica.Purge{u.Purge}}})
			if err != nil {
				n.log.Debug("a purge waits", "bucket", b, "for", m.Name, "err", err)
				return []string{m.Name}
			}
			u.Answer(id, r.OK, r.Purges.Epoch, r.Peers)
		}
	}
	return nil
}

// census lets everybody take the place of those who are gone for ever.
func (n *Node) census(k *knowledge, u *replica.Purging) {
	var all []keyspace.ID
	for _, m := range k.members {
		if m.State < member.Left {
			all = append(all, m.ID)
		}
	}
	for _, id := range u.Missing() {
		if m, ok := k.member(id); !ok || m.State >= member.Left {
			u.Replace(id, all)
		}
	}
}

func (n *Node) finishPurge(k *knowledge, b keyspace.Bucket, u *replica.Purging) {
	finish := PurgeCall{From: n.cfg.ID, Bucket: b, Step: PurgeFinish, Purges: replica.Purges{Epoch: u.Epoch, Open: []replica.Purge{{ID: u.ID, Epoch: u.Epoch}}}}
	for _, id := range u.Holders() {
		if m, ok := k.member(id); ok && m.State < member.Left {
			if _, err := n.askPurge(m, finish); err != nil {
				n.log.Debug("a holder forgets later", "bucket", b, "name", m.Name, "err", err)
			}
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.purge.Done++
	n.purge.Keys += uint64(len(u.Keys))
}

func (n *Node) askPurge(m member.Member, p PurgeCall) (PurgeReply, error) {
	if m.ID == n.cfg.ID {
		return n.Purge(n.ctx, p)
	}
	ctx, cancel := context.WithTimeout(n.ctx, patience*n.cfg.Period)
	defer cancel()
	return n.cfg.Dialer.Dial(m.Addr).Purge(ctx, p)
}
