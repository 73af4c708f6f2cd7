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
// buckets, say of those that differ which keys are here, fetch the sets of the
// others. It only ever adds: what is fetched stays, so it can be broken off and begun
// again at any time.
const (
	compareBuckets = 4096      // of one question, so of one page of memory
	haulBytes      = 256 << 10 // of one transaction, beside the last set
	setBytes       = 4 << 20   // of a set that is merged in one transaction
	pieceBytes     = 256 << 10 // read in one View
	fetchers       = 16        // buckets on their way at once from one member
	fetchShare     = MaxParts  // buckets that one of these takes at a time
	// patience is how many periods an answer, or its next piece, may take.
	patience = 5
)

// comparison is a [CompareReply] with the salt of its prints.
type comparison struct {
	CompareReply
	salt Salt
}

// compare asks a member about buckets. Those that it has are in the answer,
// also where it has not all of them.
func (n *Node) compare(ctx context.Context, m member.Member, ranges []Range) (comparison, error) {
	ctx, cancel := context.WithTimeout(ctx, patience*n.cfg.Period)
	defer cancel()
	salt := newSalt()
	r, err := n.cfg.Dialer.Dial(m.Addr).Compare(ctx, Compare{From: n.known.Load().self, Salt: salt, Ranges: ranges})
	if err != nil {
		return comparison{}, err
	}
	asked := newBucketSet(ranges)
	for _, b := range r.Buckets {
		if !asked.has(b.Bucket) {
			return comparison{}, failf(Invalid, "%s answers for bucket %d, for which it was not asked", m.Name, b.Bucket)
		}
	}
	return comparison{r, salt}, nil
}

// differingFrom returns the buckets of which something else is here.
func (n *Node) differingFrom(c comparison) ([]keyspace.Bucket, error) {
	buckets := make([]keyspace.Bucket, len(c.Buckets))
	for i, b := range c.Buckets {
		buckets[i] = b.Bucket
	}
	return n.differing(buckets, func(i int, d store.Digest) bool { return c.salt.print(d) != c.Buckets[i].Print })
}

// differing returns the buckets that differ by their digests here.
func (n *Node) differing(buckets []keyspace.Bucket, differs func(i int, here store.Digest) bool) (differ []keyspace.Bucket, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		for i, b := range buckets {
			stats, err := v.Bucket(b)
			if err != nil {
				return err
			}
			if differs(i, stats.Digest) {
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
	buckets []keyspace.Bucket
	// done hears, from several goroutines, of each bucket of which all is durable
	// here that the member had, with the digest of that.
	done func(b keyspace.Bucket, had store.Digest)
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

func (n *Node) fetchSome(ctx context.Context, j fetchJob, buckets []keyspace.Bucket) error {
	for len(buckets) > 0 {
		f, some, err := n.want(buckets)
		if err != nil {
			return err
		}
		sums, err := n.fetchAll(ctx, j.from, f)
		if KindOf(err) == Behind && err != nil {
			err = n.fetchBehind(ctx, j, some)
		} else if err == nil {
			for i, b := range some {
				j.done(b, sums[i])
			}
		}
		if err != nil {
			return err
		}
		buckets = buckets[len(some):]
	}
	return nil
}

// fetchBehind fetches buckets of which some are in another epoch here: one by one,
// and those after a purge was caught up with.
func (n *Node) fetchBehind(ctx context.Context, j fetchJob, buckets []keyspace.Bucket) error {
	for i, b := range buckets {
		again := func() (sums []store.Digest, err error) {
			f, _, err := n.want(buckets[i : i+1])
			if err == nil {
				sums, err = n.fetchAll(ctx, j.from, f)
			}
			return sums, err
		}
		sums, err := again()
		if KindOf(err) == Behind && err != nil && n.catchUp(ctx, j.from, b) == nil {
			sums, err = again() // from the beginning: what came before is merged once more
		}
		if err != nil {
			return err
		}
		j.done(b, sums[0])
	}
	return nil
}

// want asks for what is lacking here of so many of the first buckets as one
// question has room for. Of a bucket that alone is too large for it all is asked for.
func (n *Node) want(buckets []keyspace.Bucket) (f Fetch, some []keyspace.Bucket, err error) {
	f = Fetch{From: n.cfg.ID, Salt: newSalt()}
	room := MaxPrints
	for _, b := range buckets[:min(MaxParts, len(buckets))] {
		p, large := FetchPart{Bucket: b}, false
		if err := n.cfg.Store.View(func(v *store.View) error {
			stats, err := v.Bucket(b)
			if err != nil {
				return err
			}
			c, err := n.copyOf(v, b)
			p.Epoch, p.Doubted = c.Epoch, c.Doubted
			if large = stats.Keys > uint64(room); err != nil || large {
				return err
			}
			return v.Digests(b, func(d store.Digest) { p.Have = append(p.Have, f.Salt.print(d)) })
		}); err != nil {
			n.lookForDamage(b, err)
			return f, nil, storeError(err)
		}
		if room -= len(p.Have); room < 0 || large {
			if len(f.Parts) > 0 {
				break // it begins the next question
			}
			p.Have = nil
		}
		f.Parts, some = append(f.Parts, p), append(some, b)
	}
	return f, some, nil
}

// fetchAll brings into the database what is asked for, and returns what the keys
// of each part add up to.
func (n *Node) fetchAll(ctx context.Context, from member.Member, f Fetch) (sums []store.Digest, err error) {
	h := haul{node: n, from: from.ID, epochs: make(map[keyspace.Bucket]uint64)}
	for _, p := range f.Parts {
		h.epochs[p.Bucket] = p.Epoch
	}
	if sums, err = n.fetchInto(ctx, from, f, &h); err == nil {
		err = h.store(ctx)
	}
	return sums, err
}

// fetchInto reads pieces as they come, and gives up when none comes for a while.
func (n *Node) fetchInto(ctx context.Context, m member.Member, f Fetch, h *haul) (sums []store.Digest, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stalled := time.AfterFunc(patience*n.cfg.Period, cancel)
	defer stalled.Stop()
	for got, err := range n.cfg.Dialer.Dial(m.Addr).Fetch(ctx, f) {
		if err != nil {
			return nil, err
		}
		if got.Sums != nil {
			sums = got.Sums
			continue // to the end, which is next: a call that is broken off costs more
		}
		b := keyspace.BucketOf(keyspace.HashKey(got.Piece.Key))
		if _, ok := h.epochs[b]; !ok {
			return nil, failf(Invalid, "%s sends the key %q, which was not asked for", m.Name, got.Piece.Key)
		}
		stalled.Stop()
		if err := h.add(ctx, got.Piece); err != nil {
			return nil, err
		}
		stalled.Reset(patience * n.cfg.Period)
	}
	if len(sums) != len(f.Parts) && ctx.Err() == nil {
		return nil, failf(Unavailable, "%s broke off", m.Name)
	}
	return sums, ctx.Err()
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
