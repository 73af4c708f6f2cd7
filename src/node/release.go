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
	"chord/ring"
	"chord/store"
)

// What one Take offers.
const (
	offerBuckets = 4096
	offerBytes   = 8 << 20
	// offerPatience is how many periods it may take; what is not confirmed by
	// then is offered again.
	offerPatience = 30
)

// releases gives up copies that this node should not have: each once all
// members of its group have confirmed all of its content.
func (n *Node) releases() {
	n.noteError(n.sweep())
	var last balance
	var next time.Time
	pause := n.cfg.Period / 2
	for n.awake(wakeRelease) {
		k := n.known.Load()
		b := n.misplaced(k)
		if k.view.Phase != ring.Member || joining(k.self) || len(b.surplus) == 0 {
			continue
		}
		if b.placed != last.placed || b.version != last.version {
			pause = n.cfg.Period / 2
		} else if time.Now().Before(next) {
			continue
		}
		last = b
		n.releaseAll(k, b.surplus)
		pause = min(2*pause, longestRound*n.cfg.Period)
		next = time.Now().Add(pause)
	}
}

// releaseAll offers what lies here to the groups that should have it, as far as
// all of their members are there.
func (n *Node) releaseAll(k *knowledge, surplus []keyspace.Bucket) {
	byGroup := make(map[replica.Stamp][]keyspace.Bucket)
	var order []replica.Group
	for _, b := range surplus {
		g := k.placement.Group(b)
		if byGroup[g.Stamp] == nil {
			order = append(order, g)
		}
		byGroup[g.Stamp] = append(byGroup[g.Stamp], b)
	}
	for _, g := range order {
		var members []member.Member
		for _, id := range g.Members {
			if m, ok := k.member(id); ok && m.State != member.Down {
				members = append(members, m)
			}
		}
		if len(g.Members) == 0 || len(members) < len(g.Members) {
			continue // who is down cannot confirm
		}
		if err := n.judge(k, members, byGroup[g.Stamp]); err != nil {
			n.log.Debug("cannot compare copies of a restored database", "err", err)
			continue
		}
		if err := n.releaseTo(k, members, byGroup[g.Stamp]); err != nil && n.ctx.Err() == nil {
			n.log.Debug("cannot hand buckets over", "err", err)
		}
	}
}

// releaseTo offers buckets, share by share, to the members of their group.
func (n *Node) releaseTo(k *knowledge, members []member.Member, buckets []keyspace.Bucket) error {
	for len(buckets) > 0 && n.ctx.Err() == nil && n.known.Load().placed == k.placed {
		share, err := n.share(buckets)
		if err != nil {
			return err
		}
		buckets = buckets[len(share):]
		confirmed, failure := n.offer(k, members, share)
		if err := n.drop(k, confirmed); err != nil {
			return err
		}
		if failure != nil {
			return failure
		}
	}
	return nil
}

// share sums up so many of the first buckets as one Take offers.
func (n *Node) share(buckets []keyspace.Bucket) (share []BucketDigest, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		bytes := uint64(0)
		for _, b := range buckets[:min(offerBuckets, len(buckets))] {
			stats, err := v.Bucket(b)
			if err != nil {
				return err
			}
			if bytes += stats.Bytes; bytes > offerBytes && len(share) > 0 {
				return nil
			}
			share = append(share, BucketDigest{b, stats.Digest, n.epoch(b)})
		}
		return nil
	})
	return share, storeError(err)
}

// offer has all members take the buckets, and returns those which all of them
// have as they were, with the first failure.
func (n *Node) offer(k *knowledge, members []member.Member, share []BucketDigest) (confirmed []BucketDigest, failure error) {
	ctx, cancel := context.WithTimeout(n.ctx, offerPatience*n.cfg.Period)
	defer cancel()
	var mu sync.Mutex
	times := make(map[keyspace.Bucket]int)
	same := make(map[keyspace.Bucket]store.Digest)
	for _, b := range share {
		same[b.Bucket] = b.Digest
	}
	var asked sync.WaitGroup
	for _, m := range members {
		asked.Go(func() {
			got, err := n.cfg.Dialer.Dial(m.Addr).Take(ctx, Take{From: k.self, Stamp: k.placement.Stamp(), Buckets: share})
			if KindOf(err) == NotResponsible && err != nil {
				_ = n.exchangeTables(n.ctx, m) // the next round shows whether it helped
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failure = err
			}
			for _, b := range got {
				if d, ok := same[b.Bucket]; ok && d == b.Digest {
					times[b.Bucket]++
				}
			}
		})
	}
	asked.Wait()
	for _, b := range share {
		if times[b.Bucket] == len(members) || fault.Planted(fault.DropOnSend) || times[b.Bucket] > 0 && fault.Planted(fault.DropOnOne) {
			confirmed = append(confirmed, b)
		}
	}
	return confirmed, failure
}

// drop gives up confirmed copies whose content is still what was confirmed, and
// deletes what lies here of them.
func (n *Node) drop(k *knowledge, confirmed []BucketDigest) error {
	var full []keyspace.Bucket
	if len(confirmed) == 0 {
		return nil
	}
	released := 0
	err := n.changeCopies(func(tx *store.Tx, set setCopy) error {
		full, released = full[:0], 0
		if n.known.Load().placed != k.placed {
			return failf(Unavailable, "the members changed")
		}
		for _, b := range confirmed {
			c, err := n.copyOf(&tx.View, b.Bucket)
			if err != nil {
				return err
			}
			stats, err := tx.Bucket(b.Bucket)
			if err != nil {
				return err
			}
			if c.State == replica.Missing || stats.Digest != b.Digest && !fault.Planted(fault.DropStale) {
				continue
			}
			if stats != (store.BucketStats{}) {
				full = append(full, b.Bucket)
			}
			released++
			if err := set(b.Bucket, c.To(replica.Missing)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n.tally.released.Add(uint64(released))
	n.dropping.Add(1)
	defer n.dropping.Add(-1)
	return n.clear(full)
}

// claim makes partial copies of those missing ones of which something still lies
// here: from then on it is not deleted, and counts.
func (n *Node) claim(buckets []keyspace.Bucket) error {
	var left []keyspace.Bucket
	for _, r := range replica.Ranges(buckets) {
		if err := n.sumUp(r, func(b keyspace.Bucket, c replica.Copy, stats store.BucketStats) {
			if c.State == replica.Missing && stats != (store.BucketStats{}) {
				left = append(left, b)
			}
		}); err != nil {
			return err
		}
	}
	if len(left) == 0 {
		return nil
	}
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		for _, b := range left {
			c, err := n.copyOf(&tx.View, b)
			if err != nil {
				return err
			}
			stats, err := tx.Bucket(b)
			if err == nil && c.State == replica.Missing && stats != (store.BucketStats{}) {
				err = set(b, c.To(replica.Partial))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// clearRows is how many rows of items one transaction deletes.
const clearRows = 4096

// clear deletes what lies here of missing copies, in slices, unless something of
// them has come back.
func (n *Node) clear(buckets []keyspace.Bucket) error {
	for len(buckets) > 0 && n.ctx.Err() == nil {
		var rest []keyspace.Bucket
		err := n.changeCopies(func(tx *store.Tx, _ setCopy) error {
			rest = buckets
			for rows := clearRows; rows > 0 && len(rest) > 0; rest = rest[1:] {
				stats, err := tx.Bucket(rest[0])
				if err != nil {
					return err
				}
				c, err := n.copyOf(&tx.View, rest[0])
				if err != nil {
					return err
				}
				if c.State != replica.Missing {
					continue
				}
				if more, err := tx.DropSome(rest[0], rows); err != nil || more {
					return err
				}
				rows -= 1 + int(min(stats.Keys+stats.Values, clearRows))
			}
			return nil
		})
		if KindOf(err) == Corrupt && err != nil && len(rest) > 0 {
			if err = n.dropDamaged(rest[0]); err == nil {
				continue // from where it began: nothing of it was done
			}
		}
		if err != nil {
			return err
		}
		buckets = rest
	}
	return nil
}

// dropDamaged deletes the rows of a bucket that cannot be read, so that the others can
// be deleted.
func (n *Node) dropDamaged(b keyspace.Bucket) error {
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		lost, err := n.mend(tx, set, b)
		if err == nil && lost == 0 {
			err = failf(Corrupt, "bucket %d cannot be deleted", b)
		}
		return err
	})
}

// sweep clears, at the start, what an earlier run did not come to.
func (n *Node) sweep() error {
	var buckets []keyspace.Bucket
	err := n.cfg.Store.View(func(v *store.View) error {
		return v.Buckets(func(b keyspace.Bucket, stats store.BucketStats, _ []byte, _ error) error {
			if stats != (store.BucketStats{}) && n.stateOf(b) == replica.Missing {
				buckets = append(buckets, b)
			}
			return nil
		})
	})
	slices.Sort(buckets)
	if err != nil {
		return storeError(err)
	}
	return n.clear(buckets)
}
