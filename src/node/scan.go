package node

import (
	"context"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// Scan asks for a page of the keys that have values, in the order of their
// identifiers.
type Scan struct {
	From keyspace.ID
	// Limit is how many keys to list, at most; zero: whole buckets are counted, and
	// nothing is listed.
	Limit int
}

// ScanReply is a page of keys.
type ScanReply struct {
	Keys []ScannedKey
	// Count is how many keys there are in the counted buckets.
	Count uint64
	// Next is where the next page begins; zero: that was all.
	Next keyspace.ID
}

// ScannedKey is a key and how many values it has.
type ScannedKey struct {
	Key    []byte
	Values uint64
}

const (
	maxScan     = 4096    // keys of a page
	scanBuckets = 4096    // buckets that a page covers
	scanStep    = 64      // keys that are read at once
	scanBytes   = 1 << 20 // bytes of keys, after which a page ends
)

// ScanRing lists or counts keys of the whole ring: a page comes from a member
// that holds where it begins, and may be short or empty before the end. Page
// after page, up to one without a next, it gives every key that was there all
// the time; a key that comes or goes meanwhile may be given, or not. Counts are
// of one copy of each bucket, which may lag a moment behind.
func (n *Node) ScanRing(ctx context.Context, s Scan) (ScanReply, error) {
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		k, g, err := n.group(keyspace.BucketOf(s.From))
		if err != nil {
			return ScanReply{}, err
		}
		r, err := n.scanGroup(ctx, k, g, s)
		if err == nil || n.ctx.Err() != nil || !sleep(ctx, pause) {
			return r, unavailable(err)
		}
	}
}

// scanGroup asks this node, if it is a member, then the others that are not down.
func (n *Node) scanGroup(ctx context.Context, k *knowledge, g replica.Group, s Scan) (r ScanReply, err error) {
	err = &Error{Kind: Unavailable, Text: "all members that hold the keys are down"}
	if g.Contains(n.cfg.ID) {
		if r, err = n.Scan(ctx, s); err == nil {
			return r, nil
		}
	}
	for _, id := range g.Members {
		m, known := k.member(id)
		if !known || m.State == member.Down || id == n.cfg.ID || ctx.Err() != nil {
			continue
		}
		if r, err = n.scanAt(ctx, m, s); err == nil {
			return r, nil
		}
	}
	return ScanReply{}, err
}

// scanAt leaves time for the others.
func (n *Node) scanAt(ctx context.Context, m member.Member, s Scan) (ScanReply, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return n.cfg.Dialer.Dial(m.Addr).Scan(ctx, s)
}

// Scan gives a page of what this node holds. Where it lists, the buckets are
// compared with a read quorum first.
func (n *Node) Scan(ctx context.Context, s Scan) (r ScanReply, err error) {
	k := n.known.Load()
	if err := n.refusal(); err != nil || k == nil {
		return r, unavailable(err)
	}
	first := keyspace.BucketOf(s.From)
	if s.Limit <= 0 {
		return n.countKeys(k, first)
	}
	s.Limit = min(s.Limit, maxScan)
	last := n.scanEnd(first, s.Limit)
	fresh := n.refresh(ctx, first, last)
	err = n.cfg.Store.View(func(v *store.View) error {
		to, err := n.scannable(v, first, last, fresh)
		if err != nil {
			return err
		}
		return r.list(v, s, to)
	})
	n.lookForDamage(first, err)
	return r, storeError(err)
}

// scanEnd is the last bucket of those that hold about as many keys as wanted.
func (n *Node) scanEnd(first keyspace.Bucket, keys int) keyspace.Bucket {
	stats := n.cfg.Store.Stats()
	span := scanBuckets
	if stats.Keys > 0 {
		span = min(span, int(uint64(keys)*keyspace.Buckets/stats.Keys)+1)
	}
	return keyspace.Bucket(min(int(first)+span, keyspace.Buckets) - 1)
}

// scannable returns the last of the buckets from first on that can be given.
func (n *Node) scannable(v *store.View, first, last keyspace.Bucket, fresh *bucketSet) (keyspace.Bucket, error) {
	for b := int(first); b <= int(last); b++ {
		c, err := n.copyOf(v, keyspace.Bucket(b))
		if err != nil {
			return 0, err
		}
		if c.State == replica.Synced && fresh.has(keyspace.Bucket(b)) {
			continue
		}
		if b == int(first) {
			return 0, failf(NotResponsible, "this node cannot give the keys of bucket %d now", first)
		}
		return keyspace.Bucket(b - 1), nil
	}
	return last, nil
}

// list reads keys up to the end of a bucket.
func (r *ScanReply) list(v *store.View, s Scan, last keyspace.Bucket) error {
	size := 0
	for next := s.From; ; {
		step := min(scanStep, s.Limit-len(r.Keys))
		page, err := v.Keys(next, last.Last(), step)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Values > 0 {
				size += len(e.Key)
				r.Keys = append(r.Keys, ScannedKey{e.Key, e.Values})
			}
		}
		if len(page) < step {
			r.Next = last.Last().AddPower(0)
			return nil
		}
		next = page[len(page)-1].ID.AddPower(0)
		if len(r.Keys) == s.Limit || size >= scanBytes || next.IsZero() {
			r.Next = next
			return nil
		}
	}
}

// countKeys counts in buckets from first on, for as long as they are this node's.
func (n *Node) countKeys(k *knowledge, first keyspace.Bucket) (r ScanReply, err error) {
	end, over := int(first), false
	err = n.sumUp(Range{First: first, Last: keyspace.Buckets - 1}, func(b keyspace.Bucket, c replica.Copy, stats store.BucketStats) {
		over = over || c.State != replica.Synced || !k.placement.Group(b).Contains(n.cfg.ID)
		if !over {
			r.Count += stats.Keys
			end = int(b) + 1
		}
	})
	if err == nil && end == int(first) {
		err = failf(NotResponsible, "this node cannot count the keys of bucket %d now", first)
	}
	if end < keyspace.Buckets {
		r.Next = keyspace.Bucket(end).First()
	}
	return r, err
}
