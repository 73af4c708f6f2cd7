package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
)

// debts are the buckets in which a write did not reach a member of the group, by
// member: 8 KiB for each that misses something. They are in memory alone, for
// repair in the background finds the same, only later. The zero value is ready.
type debts struct {
	mu   sync.Mutex
	owed map[keyspace.ID]*bucketSet
}

func (d *debts) add(to keyspace.ID, buckets ...keyspace.Bucket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(buckets) > 0 && d.owed[to] == nil {
		if d.owed == nil {
			d.owed = make(map[keyspace.ID]*bucketSet)
		}
		d.owed[to] = &bucketSet{}
	}
	for _, b := range buckets {
		d.owed[to].add(b)
	}
}

// creditors returns to whom something is owed, in order.
func (d *debts) creditors() (ids []keyspace.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.owed {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, keyspace.ID.Compare)
	return ids
}

// take returns what is owed to a member, and forgets it.
func (d *debts) take(to keyspace.ID) *bucketSet {
	d.mu.Lock()
	defer d.mu.Unlock()
	owed := d.owed[to]
	delete(d.owed, to)
	return owed
}

// pays has members fetch the writes that did not reach them, as soon as they can
// be reached: who missed some does not know of them.
func (n *Node) pays() {
	var last time.Time
	for n.awake(wakePay) {
		if time.Since(last) < n.cfg.Period/2 || fault.Planted(fault.NoRepair) {
			continue
		}
		k := n.known.Load()
		for _, id := range n.debts.creditors() {
			m, known := k.member(id)
			if known && m.State == member.Down {
				continue
			}
			owed := n.debts.take(id)
			if !known || m.State >= member.Left || id == n.cfg.ID {
				continue
			}
			if err := n.pay(k, m, owed); err != nil && n.ctx.Err() == nil {
				n.log.Debug("cannot bring what was missed", "to", m.Name, "addr", m.Addr, "err", err)
			}
		}
		last = time.Now()
	}
}

// pay offers a member what is owed to it; what it does not take is owed still.
func (n *Node) pay(k *knowledge, m member.Member, owed *bucketSet) (err error) {
	var buckets []keyspace.Bucket
	for first := 0; first < keyspace.Buckets; first += compareBuckets {
		for _, b := range n.shared(k, m.ID, first) {
			if owed.has(b) {
				buckets = append(buckets, b)
			}
		}
	}
	for len(buckets) > 0 && err == nil {
		var share, got []BucketDigest
		if share, err = n.share(buckets); err != nil {
			break
		}
		ctx, cancel := context.WithTimeout(n.ctx, patience*n.cfg.Period)
		got, err = n.cfg.Dialer.Dial(m.Addr).Take(ctx, Take{From: k.self, Stamp: k.placement.Stamp(), Buckets: share})
		cancel()
		if KindOf(err) == NotResponsible && err != nil {
			_ = n.exchangeTables(n.ctx, m) // the next round shows whether it helped
		}
		if err != nil {
			break
		}
		buckets = buckets[len(share):]
		taken := &bucketSet{}
		for _, b := range got {
			taken.add(b.Bucket)
		}
		for _, b := range share {
			if !taken.has(b.Bucket) {
				n.debts.add(m.ID, b.Bucket)
			}
		}
	}
	n.debts.add(m.ID, buckets...)
	return err
}
