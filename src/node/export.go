package node

import (
	"context"
	"iter"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

const (
	// exportBuckets, entriesPage and exportBytes bound what one read transaction
	// of an export reads.
	exportBuckets = 4096
	exportBytes   = 1 << 20
)

// Exported is an entry or, where it has no key, buckets of which all entries
// were given.
type Exported struct {
	Entry
	Done []Range
}

// Export returns what this node has of the wanted buckets. A bucket is done if
// it was compared with a read quorum first, and its copy was synced here all the
// time that it took to read it: then all that was acknowledged before, and was
// not removed meanwhile, was given. Each key is given as it was at one moment.
func (n *Node) Export(ctx context.Context, wanted []Range) iter.Seq2[Exported, error] {
	return func(yield func(Exported, error) bool) {
		for _, r := range wanted {
			for first := int(r.First); first <= int(r.Last); first += exportBuckets {
				last := keyspace.Bucket(min(first+exportBuckets-1, int(r.Last)))
				if !n.exportRun(ctx, keyspace.Bucket(first), last, yield) {
					return
				}
			}
		}
	}
}

// exportRun is false where nothing more shall come.
func (n *Node) exportRun(ctx context.Context, first, last keyspace.Bucket, yield func(Exported, error) bool) bool {
	e := exporter{node: n, next: first.First(), last: last, lost: -1, fresh: n.refresh(ctx, first, last)}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			yield(Exported{}, storeError(err))
			return false
		}
		var entries []Entry
		var done []keyspace.Bucket
		if err := n.cfg.Store.View(func(v *store.View) (err error) {
			entries, done, more, err = e.page(v)
			return err
		}); err != nil {
			yield(Exported{}, storeError(err))
			return false
		}
		for _, entry := range entries {
			if !yield(Exported{Entry: entry}, nil) {
				return false
			}
		}
		if len(done) > 0 && !yield(Exported{Done: replica.Ranges(done)}, nil) {
			return false
		}
	}
	return true
}

// exporter reads a run of buckets in pages.
type exporter struct {
	node *Node
	next keyspace.ID
	last keyspace.Bucket
	lost int // a bucket that was not held when a part of it was read, or -1
	// fresh are the buckets that a read quorum was asked for.
	fresh *bucketSet
}

func (e *exporter) page(v *store.View) (entries []Entry, done []keyspace.Bucket, more bool, err error) {
	keys, err := v.Keys(e.next, e.last.Last(), entriesPage)
	if err != nil {
		return nil, nil, false, err
	}
	first, end := keyspace.BucketOf(e.next), int(e.last)+1
	if more = len(keys) == entriesPage && keys[entriesPage-1].ID != e.last.Last(); more {
		e.next = keys[entriesPage-1].ID.AddPower(0)
	}
	size := 0
	for i, k := range keys {
		if size >= exportBytes {
			more, e.next = true, k.ID
			break
		}
		held, err := e.holds(v, keyspace.BucketOf(k.ID))
		if err != nil {
			return nil, nil, false, err
		}
		if !held || k.Values == 0 {
			continue
		}
		values, err := v.Values(k.Key)
		if err != nil {
			return nil, nil, false, err
		}
		for _, value := range values {
			size += len(value)
		}
		entries = append(entries, Entry{ID: keys[i].ID, Key: k.Key, Values: values})
	}
	if more {
		end = int(keyspace.BucketOf(e.next))
	}
	for b := int(first); b < end; b++ {
		held, err := e.holds(v, keyspace.Bucket(b))
		if err != nil {
			return nil, nil, false, err
		}
		if held && e.lost != b {
			done = append(done, keyspace.Bucket(b))
		}
	}
	if more {
		if held, err := e.holds(v, keyspace.Bucket(end)); err != nil {
			return nil, nil, false, err
		} else if !held {
			e.lost = end
		}
	}
	return entries, done, more, nil
}

func (e *exporter) holds(v *store.View, b keyspace.Bucket) (bool, error) {
	c, err := e.node.copyOf(v, b)
	return c.State == replica.Synced && e.fresh.has(b), err
}

// refresh fetches what a read quorum of others has of buckets, and returns those
// for which there is one.
func (n *Node) refresh(ctx context.Context, first, last keyspace.Bucket) *bucketSet {
	k := n.known.Load()
	fresh, answers := &bucketSet{}, make(map[keyspace.Bucket]int)
	if k == nil {
		return fresh
	}
	missing := func(b keyspace.Bucket) int { return k.placement.Group(b).Read - 1 - answers[b] }
	for _, m := range n.mates(k) {
		var ask []keyspace.Bucket
		for b := int(first); b <= int(last); b++ {
			if b := keyspace.Bucket(b); missing(b) > 0 && k.placement.Group(b).Contains(m.ID) {
				ask = append(ask, b)
			}
		}
		if len(ask) == 0 {
			continue
		}
		if err := n.pull(ctx, m, ask, func(c compared) {
			for _, b := range c.synced {
				if c.stamp == k.placement.Stamp() {
					answers[b]++
				}
			}
		}); err != nil {
			n.log.Debug("cannot compare for an export", "with", m.Name, "err", err)
		}
	}
	for b := int(first); b <= int(last); b++ {
		if b := keyspace.Bucket(b); k.placement.Group(b).Contains(n.cfg.ID) && missing(b) <= 0 {
			fresh.add(b)
		}
	}
	return fresh
}
