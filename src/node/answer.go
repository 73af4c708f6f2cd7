package node

import (
	"context"
	"iter"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// Compare says how much of some buckets there is here. The record of who asks
// comes first: who answers has heard of it.
func (n *Node) Compare(ctx context.Context, c Compare) (r CompareReply, err error) {
	if err := n.meet(ctx, c.From); err != nil {
		return r, err
	}
	// Before the content: where the placement changes in between, the stamp is of
	// one that is over.
	r.Stamp = n.known.Load().placement.Stamp()
	departures := *n.departures.Load()
	var synced, partial, doubted []keyspace.Bucket
	for _, run := range c.Ranges {
		for first := int(run.First); first <= int(run.Last); first += compareBuckets {
			if err := ctx.Err(); err != nil {
				return r, storeError(err)
			}
			part := Range{First: keyspace.Bucket(first), Last: keyspace.Bucket(min(first+compareBuckets-1, int(run.Last)))}
			err := n.sumUp(part, func(b keyspace.Bucket, c replica.Copy, stats store.BucketStats) {
				switch {
				case c.State == replica.Missing:
					return
				case c.Doubted:
					doubted = append(doubted, b)
				case wasMember(c, b, r.Stamp, departures):
					synced = append(synced, b)
				default:
					partial = append(partial, b)
				}
				if stats.Digest != (store.Digest{}) || c.Epoch > 0 {
					r.Buckets = append(r.Buckets, BucketDigest{b, stats.Digest, stats.Keys, c.Epoch})
				}
			})
			if err != nil {
				return r, err
			}
		}
	}
	r.Synced, r.Partial, r.Doubted = replica.Ranges(synced), replica.Ranges(partial), replica.Ranges(doubted)
	return r, nil
}

// sumUp calls f for the buckets of a range, in order, with what is here of each.
// Of most there is no more than a note, or not even that.
func (n *Node) sumUp(r Range, f func(keyspace.Bucket, replica.Copy, store.BucketStats)) error {
	next, unnoted := int(r.First), unnoted(n.founder.Load())
	fill := func(to int) {
		for ; next < to; next++ {
			f(keyspace.Bucket(next), unnoted, store.BucketStats{})
		}
	}
	err := n.cfg.Store.View(func(v *store.View) error {
		return v.BucketsIn(r.First, r.Last, func(b keyspace.Bucket, stats store.BucketStats, note []byte, damage error) error {
			fill(int(b))
			c := unnoted
			switch {
			case damage != nil:
				c = unreadable
				n.lookForDamage(b, damage)
			case len(note) > 0:
				var err error
				if c, err = replica.DecodeCopy(note); err != nil {
					return err
				}
			}
			f(b, c, stats)
			next++
			return nil
		})
	})
	fill(int(r.Last) + 1)
	return storeError(err)
}

// meet takes in the record of one who asks for buckets, and is no error where
// this node may answer.
func (n *Node) meet(ctx context.Context, from member.Member) error {
	if err := n.ask(ctx, func() {
		if from.ID != n.cfg.ID && !from.ID.IsZero() {
			n.table.Learn([]member.Member{from})
		}
	}); err != nil {
		return err
	}
	return n.refusal()
}

// Keys lists a page of a bucket's keys.
func (n *Node) Keys(_ context.Context, k Keys) (r KeysReply, err error) {
	if k.From.Compare(k.Bucket.First()) < 0 {
		k.From = k.Bucket.First()
	}
	err = n.readCopy(k.Bucket, func(v *store.View) error {
		page, err := v.Keys(k.From, k.Bucket.Last(), keysPage)
		for _, e := range page {
			r.Keys = append(r.Keys, KeyDigest{e.ID, e.Digest})
		}
		if len(page) == keysPage && page[keysPage-1].ID != k.Bucket.Last() {
			r.Next = page[keysPage-1].ID.AddPower(0)
		}
		return err
	})
	return r, err
}

// readCopy reads a bucket of which something is here. It fails once nothing is,
// so that nobody takes a copy that is being deleted for all there was.
func (n *Node) readCopy(b keyspace.Bucket, read func(*store.View) error) error {
	if err := n.refusal(); err != nil {
		return err
	}
	err := n.cfg.Store.View(func(v *store.View) error {
		c, err := n.copyOf(v, b)
		if err != nil {
			return err
		}
		if c.State == replica.Missing {
			return failf(Unavailable, "bucket %d is not here", b)
		}
		return read(v)
	})
	n.lookForDamage(b, err)
	return storeError(err)
}

// Fetch reads sets in short read transactions, having noted durably who gets
// them.
func (n *Node) Fetch(ctx context.Context, f Fetch) iter.Seq2[value.Piece, error] {
	return func(yield func(value.Piece, error) bool) {
		if err := n.noteReader(f.Bucket, f.From, f.Epoch); err != nil {
			yield(value.Piece{}, err)
			return
		}
		var cursor *store.Cursor
		for more := true; more; more = cursor != nil {
			var pieces []value.Piece
			err := n.readCopy(f.Bucket, func(v *store.View) (err error) {
				c, err := n.copyOf(v, f.Bucket)
				if err == nil {
					err = fence(c, f.Epoch, f.Bucket)
				}
				if c.Doubted && f.Doubted && KindOf(err) == Unavailable {
					err = nil
				}
				if err != nil {
					return err
				}
				if len(f.IDs) == 0 {
					pieces, cursor, err = v.Pieces(f.Bucket, f.Bucket, cursor, pieceBytes)
				} else {
					pieces, cursor, err = v.KeyPieces(f.IDs, cursor, pieceBytes)
				}
				return err
			})
			if err == nil {
				err = storeError(ctx.Err())
			}
			if err != nil {
				yield(value.Piece{}, err)
				return
			}
			for _, p := range pieces {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

// noteReader notes who gets something of a bucket, as it is in an epoch: where
// that is over, who reads was not there when it ended, and gets nothing.
func (n *Node) noteReader(b keyspace.Bucket, reader keyspace.ID, epoch uint64) error {
	known := false
	if err := n.readCopy(b, func(v *store.View) error {
		c, err := n.copyOf(v, b)
		known = c.Knows(reader) && c.Epoch == epoch
		return err
	}); err != nil || known {
		return err
	}
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		c, err := n.copyOf(&tx.View, b)
		if err != nil {
			return err
		}
		if c.Epoch != epoch {
			return failf(Behind, "bucket %d is in epoch %d here", b, c.Epoch)
		}
		if c, changed := c.Note(reader); changed {
			return set(b, c)
		}
		return nil
	})
}

// Take fetches what the caller has and is about to give up. What it returns is
// durable here.
func (n *Node) Take(ctx context.Context, t Take) ([]BucketDigest, error) {
	if err := n.meet(ctx, t.From); err != nil {
		return nil, err
	}
	k := n.known.Load()
	if k.self.State == member.Left {
		return nil, failf(Unavailable, "this node left the ring and takes nothing any more")
	}
	if k.placement.Stamp() != t.Stamp {
		return nil, failf(NotResponsible, "the two nodes see different members")
	}
	for _, b := range t.Buckets {
		if !k.placement.Group(b.Bucket).Contains(n.cfg.ID) {
			return nil, failf(NotResponsible, "bucket %d does not belong here", b.Bucket)
		}
	}
	buckets := make([]keyspace.Bucket, len(t.Buckets))
	for i, b := range t.Buckets {
		buckets[i] = b.Bucket
	}
	if err := n.claim(buckets); err != nil {
		return nil, err
	}
	if n.doubts(buckets) {
		return nil, failf(Unavailable, "copies here are of a restored database and must be compared first")
	}
	differ, err := n.differing(t.Buckets)
	if err != nil {
		return nil, err
	}
	taken := newTaken(t.Buckets, differ)
	// Who asks cannot wait for ever: what is done by then counts, the rest is for
	// the next time.
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	err = n.fetch(ctx, fetchJob{t.From, differ, true, taken.add})
	if got := taken.all(); len(got) > 0 {
		return got, nil
	}
	return nil, err
}

// Seen returns the largest sequence number that was seen here of the caller's
// database.
func (n *Node) Seen(ctx context.Context, from member.Member) (uint64, error) {
	var seen uint64
	err := n.cfg.Store.View(func(v *store.View) (err error) {
		seen, err = v.Seen(value.Actor{Node: from.ID, Incarnation: from.Incarnation})
		return err
	})
	return seen, storeError(err)
}
