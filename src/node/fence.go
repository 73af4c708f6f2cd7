package node

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// The fence: content of a bucket travels between two copies of the same epoch
// alone. Where the epochs differ, who is behind first takes part in the purges
// that the other one confirmed, and what it sends then is read from its store anew.

// purgeTries is how often what met a purge is begun again.
const purgeTries = 3

// fence returns an error where nothing may pass between a copy here and one of
// that epoch.
func fence(c replica.Copy, epoch uint64, b keyspace.Bucket) error {
	switch {
	case c.Epoch != epoch:
		return failf(Behind, "bucket %d is in epoch %d here", b, c.Epoch)
	case c.Doubted:
		return failf(Unavailable, "the copy of bucket %d is of a restored database and must be compared first", b)
	}
	return nil
}

func (n *Node) doubted(b keyspace.Bucket) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.catalog.At(b).Doubted
}

func (n *Node) doubts(buckets []keyspace.Bucket) bool {
	for _, b := range buckets {
		if n.doubted(b) {
			return true
		}
	}
	return false
}

// metaNotesLost stands in a database that may lack notes of whom its node gave
// something to: an earlier one was lost, or was newer, or rows of it were damaged.
// A purge asks everybody then.
const metaNotesLost = "notes lost"

func metaPurges(b keyspace.Bucket) string {
	return string(binary.BigEndian.AppendUint16([]byte("purge:"), uint16(b)))
}

func (n *Node) purgesOf(v *store.View, b keyspace.Bucket) (c replica.Copy, s replica.Purges, err error) {
	if c, err = n.copyOf(v, b); err != nil {
		return c, s, err
	}
	open, err := v.Meta(metaPurges(b))
	if err == nil {
		s, err = replica.DecodePurges(c.Epoch, open)
	}
	return c, s, err
}

// enterEpoch makes durable what a copy knows of purges, with the keys that it takes
// for removed from then on. Where nothing of a key is here, nothing is kept of
// it: who could still send it is behind.
func (n *Node) enterEpoch(tx *store.Tx, set setCopy, b keyspace.Bucket, c replica.Copy, s replica.Purges, merge []replica.Removed) error {
	for _, k := range merge {
		d, err := tx.Digest(k.Key)
		if err != nil {
			return err
		}
		if d.IsZero() {
			continue
		}
		if _, err := tx.MergeTombstone(store.Tombstone{ID: keyspace.HashKey(k.Key), Key: k.Key, Context: k.Context}); err != nil {
			return err
		}
	}
	if err := tx.SetMeta(metaPurges(b), s.Encode()); err != nil || c.Epoch == s.Epoch {
		return err
	}
	return set(b, c.Enter(s.Epoch))
}

// Purge takes a step of a purge, durably. Who has no part in the bucket learns what
// is known here of purges, and nothing more.
func (n *Node) Purge(_ context.Context, p PurgeCall) (r PurgeReply, err error) {
	if err := n.refusal(); err != nil {
		return r, err
	}
	k := n.known.Load()
	if k == nil {
		return r, errStarting
	}
	mayPurge := n.mayPurge(k, p.From, p.Bucket)
	if !mayPurge && p.Step != PurgeCatchUp {
		return r, notTheirs(p.From, p.Bucket)
	}
	err = n.changeCopies(func(tx *store.Tx, set setCopy) error {
		c, s, err := n.purgesOf(&tx.View, p.Bucket)
		if err != nil {
			return err
		}
		r = PurgeReply{Purges: s, Peers: c.Peers}
		if lost, err := tx.Meta(metaNotesLost); err != nil {
			return err
		} else if lost != nil {
			r.Peers = append([]keyspace.ID{{}}, c.Peers...) // nobody, so never there to be asked
		}
		switch {
		case p.Step == PurgeCatchUp:
			next, merge := s.CatchUp(p.Purges)
			if next.Epoch == s.Epoch || c.Doubted || !mayPurge {
				return nil
			}
			r.Purges = next
			return n.enterEpoch(tx, set, p.Bucket, c, next, merge)
		case len(p.Purges.Open) != 1:
			return failf(Invalid, "a step of %d purges", len(p.Purges.Open))
		case p.Step == PurgePrepare && c.Doubted:
			return fence(c, c.Epoch, p.Bucket)
		case p.Step == PurgePrepare:
			one := p.Purges.Open[0]
			next, ok, changed := s.Prepare(one)
			if r.Purges, r.OK = next, ok; !changed {
				return nil
			}
			return n.enterEpoch(tx, set, p.Bucket, c, next, one.Keys)
		}
		next, forget := s.Finish(p.Purges.Open[0].ID)
		r.Purges, r.OK = next, true
		if forget == nil {
			return nil
		}
		var stones []store.Tombstone
		for _, k := range forget {
			stones = append(stones, store.Tombstone{ID: keyspace.HashKey(k.Key), Key: k.Key, Context: k.Context})
		}
		if _, err := tx.Forget(p.Bucket, stones); err != nil {
			return err
		}
		return tx.SetMeta(metaPurges(p.Bucket), next.Encode())
	})
	n.lookForDamage(p.Bucket, err)
	return r, storeError(err)
}

// catchUp brings a copy here and that of another member into the same epoch: the
// later one.
func (n *Node) catchUp(ctx context.Context, m member.Member, b keyspace.Bucket) error {
	var c replica.Copy
	var mine replica.Purges
	if err := n.cfg.Store.View(func(v *store.View) (err error) {
		c, mine, err = n.purgesOf(v, b)
		return err
	}); err != nil {
		return storeError(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience*n.cfg.Period)
	defer cancel()
	r, err := n.cfg.Dialer.Dial(m.Addr).Purge(ctx, PurgeCall{From: n.cfg.ID, Bucket: b, Purges: mine})
	switch {
	case err != nil:
		return err
	case r.Purges.Epoch < mine.Epoch:
		return failf(Unavailable, "%s is behind with bucket %d, and stays so", m.Name, b)
	case r.Purges.Epoch == mine.Epoch:
		return nil
	case c.Doubted:
		return n.discard(b, r.Purges)
	}
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		c, mine, err := n.purgesOf(&tx.View, b)
		if err != nil {
			return err
		}
		next, merge := mine.CatchUp(r.Purges)
		if next.Epoch == mine.Epoch {
			return nil
		}
		return n.enterEpoch(tx, set, b, c, next, merge)
	})
}

// catchUpAll does so with all buckets of which the member's epoch is another; who
// doubts its own copy is left alone.
func (n *Node) catchUpAll(ctx context.Context, m member.Member, buckets []BucketPrint, doubted *bucketSet) error {
	for _, b := range buckets {
		mine := n.epoch(b.Bucket)
		if mine == b.Epoch || doubted.has(b.Bucket) {
			continue
		}
		if err := n.catchUp(ctx, m, b.Bucket); err != nil {
			return err
		}
	}
	return nil
}

// discard throws a doubted copy away: others purged since, and what it has of
// removed keys nobody remembers. As a lost disk's, it is filled again. Until the
// last row is gone it stays doubted.
func (n *Node) discard(b keyspace.Bucket, s replica.Purges) error {
	for {
		more := false
		err := n.changeCopies(func(tx *store.Tx, set setCopy) error {
			c, err := n.copyOf(&tx.View, b)
			if err != nil {
				return err
			}
			if !c.Doubted {
				return errNotDoubted
			}
			if more, err = tx.DropSome(b, clearRows); err != nil || more {
				return err
			}
			c.Doubted = false
			return errors.Join(tx.SetMeta(metaPurges(b), s.Encode()), set(b, c.To(replica.Missing).Enter(s.Epoch)))
		})
		if err != nil || !more {
			n.spoiled.Add(1) // what was filled so far went too
			return err
		}
	}
}

var errNotDoubted = failf(Unavailable, "the copy is synced by now")

// judge ends the doubts about copies that are to be handed over: all members of
// their group have synced copies, or everybody was asked, and none doubts its own or
// is in a later epoch. Members that are being filled may wait for what lies here, and
// could not become synced before. Who had a copy and left gave its epoch to those who
// have it now. A copy that is filled is judged by its sources.
func (n *Node) judge(k *knowledge, members []member.Member, buckets []keyspace.Bucket) error {
	doubted := slices.DeleteFunc(slices.Clone(buckets), func(b keyspace.Bucket) bool { return !n.doubted(b) })
	if len(doubted) == 0 {
		return nil
	}
	synced, err := n.compareDoubted(k, members, doubted)
	if err != nil {
		return err
	}
	need := len(members)
	lacks := func(b keyspace.Bucket) bool { return synced[b] < need }
	if all := others(k); slices.ContainsFunc(doubted, lacks) && !slices.ContainsFunc(all, isDown) {
		if synced, err = n.compareDoubted(k, all, doubted); err != nil {
			return err
		}
		need = 0
	}
	judged := slices.DeleteFunc(doubted, lacks)
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		if n.known.Load().placed != k.placed {
			return failf(Unavailable, "the members changed")
		}
		for _, b := range judged {
			c, err := n.copyOf(&tx.View, b)
			if err != nil {
				return err
			}
			if !c.Doubted {
				continue // thrown away
			}
			c.Doubted = false
			if err := set(b, c.To(c.State)); err != nil {
				return err
			}
		}
		return nil
	})
}

func isDown(m member.Member) bool { return m.State == member.Down }

// compareDoubted brings doubted copies here and those of members into the same
// epochs. It returns how many of them have a synced copy of each; -1 where one of
// them doubts its own, and so cannot say.
func (n *Node) compareDoubted(k *knowledge, members []member.Member, buckets []keyspace.Bucket) (synced map[keyspace.Bucket]int, err error) {
	synced = make(map[keyspace.Bucket]int)
	var unfit []keyspace.Bucket
	for _, m := range members {
		r, err := n.compare(n.ctx, m, replica.Ranges(buckets))
		if err != nil {
			return nil, err
		}
		if r.Stamp != k.placement.Stamp() {
			return nil, failf(NotResponsible, "%s sees other members", m.Name)
		}
		whole, doubted := newBucketSet(r.Synced), newBucketSet(r.Doubted)
		for _, b := range buckets {
			if whole.has(b) {
				synced[b]++
			}
			if doubted.has(b) {
				unfit = append(unfit, b)
			}
		}
		if err := n.catchUpAll(n.ctx, m, r.Buckets, doubted); err != nil {
			return nil, err
		}
	}
	for _, b := range unfit {
		synced[b] = -1
	}
	return synced, nil
}
