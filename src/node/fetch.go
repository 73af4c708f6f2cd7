package node

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// One mechanism brings content from one other member, whatever for: compare
// buckets, list the keys of those that differ, fetch the sets of the keys that
// differ. It only ever adds: what is fetched stays, so it can be broken off and
// begun again at any time.
const (
	compareBuckets = 4096      // of one question, so of one page of memory
	keysPage       = 1024      // keys of one answer, and of one Fetch
	haulBytes      = 256 << 10 // of one transaction, beside the last set
	setBytes       = 4 << 20   // of a set that is merged in one transaction
	pieceBytes     = 256 << 10 // read in one View
	fetchers       = 16        // buckets on their way at once from one member
	fetchShare     = 32        // buckets that one of these takes at a time
	// patience is how many periods an answer, or its next piece, may take.
	patience = 5
)

// compare asks a member about buckets. Those that it has are in the answer,
// also where it has not all of them.
func (n *Node) compare(ctx context.Context, m member.Member, ranges []Range) (CompareReply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience*n.cfg.Period)
	defer cancel()
	return n.cfg.Dialer.Dial(m.Addr).Compare(ctx, Compare{From: n.known.Load().self, Ranges: ranges})
}

// differing returns the buckets of which the digest here is another.
func (n *Node) differing(buckets []BucketDigest) (differ []BucketDigest, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		for _, b := range buckets {
			stats, err := v.Bucket(b.Bucket)
			if err != nil {
				return err
			}
			if stats.Digest != b.Digest {
				differ = append(differ, b)
			}
		}
		return nil
	})
	return differ, storeError(err)
}

// fetchJob is what one member is asked for.
type fetchJob struct {
	from    member.Member
	buckets []BucketDigest
	// list asks for the keys also of those buckets that are empty here.
	list bool
	// done hears, from several goroutines, of each bucket of which all is durable
	// here that the member had, with the digest of the keys that it listed.
	done func(b keyspace.Bucket, listed store.Digest)
}

// fetch does the job, and returns the first failure.
func (n *Node) fetch(ctx context.Context, j fetchJob) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(fetchers, (len(j.buckets)+fetchShare-1)/fetchShare) {
		workers.Go(func() {
			for ctx.Err() == nil {
				first := int(next.Add(fetchShare)) - fetchShare
				if first >= len(j.buckets) {
					return
				}
				if err := n.fetchSome(ctx, j, j.buckets[first:min(first+fetchShare, len(j.buckets))]); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func (n *Node) fetchSome(ctx context.Context, j fetchJob, buckets []BucketDigest) error {
	h := haul{node: n, from: j.from.ID, epochs: make(map[keyspace.Bucket]uint64)}
	listed := make([]store.Digest, len(buckets))
	for i, b := range buckets {
		var err error
		listed[i], err = n.fetchBucket(ctx, j, b.Bucket, &h)
		if KindOf(err) == Behind && err != nil && n.catchUp(ctx, j.from, b.Bucket) == nil {
			listed[i], err = n.fetchBucket(ctx, j, b.Bucket, &h) // from the beginning: what came before is merged once more
		}
		if err != nil {
			return err
		}
	}
	if err := h.store(ctx); err != nil {
		return err
	}
	for i, b := range buckets {
		j.done(b.Bucket, listed[i])
	}
	return nil
}

// fetchBucket brings into the haul what the member has of a bucket and this
// node lacks.
func (n *Node) fetchBucket(ctx context.Context, j fetchJob, b keyspace.Bucket, h *haul) (listed store.Digest, err error) {
	empty, c := false, replica.Copy{}
	if err := n.cfg.Store.View(func(v *store.View) error {
		stats, err := v.Bucket(b)
		if err != nil {
			return err
		}
		c, err = n.copyOf(v, b)
		empty = stats == store.BucketStats{}
		return err
	}); err != nil {
		return listed, storeError(err)
	}
	h.epochs[b] = c.Epoch
	f := Fetch{From: n.cfg.ID, Bucket: b, Epoch: c.Epoch, Doubted: c.Doubted}
	if empty && !j.list {
		return listed, n.fetchKeys(ctx, j.from, f, h)
	}
	for at := b.First(); ; {
		page, err := n.keys(ctx, j.from, Keys{b, at})
		if err != nil {
			return listed, err
		}
		for _, k := range page.Keys {
			xor(&listed, k.Digest)
		}
		if f.IDs, err = n.lacking(page.Keys); err == nil && len(f.IDs) > 0 {
			err = n.fetchKeys(ctx, j.from, f, h)
		}
		if err != nil || page.Next.IsZero() {
			return listed, err
		}
		at = page.Next
	}
}

func (n *Node) keys(ctx context.Context, m member.Member, k Keys) (KeysReply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience*n.cfg.Period)
	defer cancel()
	return n.cfg.Dialer.Dial(m.Addr).Keys(ctx, k)
}

// lacking returns the keys of which another state is known here, or none.
func (n *Node) lacking(keys []KeyDigest) (ids []keyspace.ID, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		for _, k := range keys {
			mine, err := v.Keys(k.ID, k.ID, 1)
			if err != nil {
				return err
			}
			if len(mine) == 0 || mine[0].Digest != k.Digest {
				ids = append(ids, k.ID)
			}
		}
		return nil
	})
	return ids, storeError(err)
}

// fetchKeys reads pieces as they come, and gives up when none comes for a while.
func (n *Node) fetchKeys(ctx context.Context, m member.Member, f Fetch, h *haul) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stalled := time.AfterFunc(patience*n.cfg.Period, cancel)
	defer stalled.Stop()
	for p, err := range n.cfg.Dialer.Dial(m.Addr).Fetch(ctx, f) {
		if err != nil {
			return err
		}
		if keyspace.BucketOf(keyspace.HashKey(p.Key)) != f.Bucket {
			return failf(Invalid, "%s sends the key %q in place of those of bucket %d", m.Name, p.Key, f.Bucket)
		}
		stalled.Stop()
		if err := h.add(ctx, p); err != nil {
			return err
		}
		stalled.Reset(patience * n.cfg.Period)
	}
	return ctx.Err()
}

// haul is pieces on their way into the database, all from one member.
type haul struct {
	node   *Node
	from   keyspace.ID
	epochs map[keyspace.Bucket]uint64 // that the pieces are of
	pieces []value.Piece
	size   int
}

// add keeps the pieces of a set together: one of which the rest never comes leaves
// nothing behind, unless it is very large.
func (h *haul) add(ctx context.Context, p value.Piece) error {
	h.pieces, h.size = append(h.pieces, p), h.size+p.Size()
	if h.size < haulBytes || !p.Last && h.size < haulBytes+setBytes {
		return nil
	}
	return h.store(ctx)
}

// store makes the pieces durable, with the note where they came from, and waits
// as long as the rate demands.
func (h *haul) store(ctx context.Context) error {
	n := h.node
	if len(h.pieces) == 0 {
		return nil
	}
	err := n.changeCopies(func(tx *store.Tx, set setCopy) error {
		noted := make(map[keyspace.Bucket]bool)
		for _, p := range h.pieces {
			b := keyspace.BucketOf(keyspace.HashKey(p.Key))
			if !noted[b] {
				noted[b] = true
				if err := n.noteArrival(tx, set, b, h.from, h.epochs[b]); err != nil {
					return err
				}
			}
			if _, err := tx.Merge(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n.progress.fetched(len(h.pieces), h.size)
	size := h.size
	h.pieces, h.size = nil, 0
	return n.pace.wait(ctx, size)
}

// noteArrival notes who something of a bucket came from: from then on there is
// a part of it here.
func (n *Node) noteArrival(tx *store.Tx, set setCopy, b keyspace.Bucket, from keyspace.ID, epoch uint64) error {
	c, err := n.copyOf(&tx.View, b)
	if err != nil {
		return err
	}
	if c.Epoch != epoch {
		return failf(Behind, "bucket %d is being purged", b)
	}
	c, changed := c.Note(from)
	if c.State == replica.Missing {
		c, changed = c.To(replica.Partial), true
	}
	if !changed {
		return nil
	}
	return set(b, c)
}

func xor(sum *store.Digest, d store.Digest) {
	for i := range sum {
		sum[i] ^= d[i]
	}
}
