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
			err := n.sumUp(part, func(b keyspace.Bucket, mine replica.Copy, stats store.BucketStats) {
				switch {
				case mine.State == replica.Missing:
					return
				case mine.Doubted:
					doubted = append(doubted, b)
				case wasMember(mine, b, r.Stamp, departures):
					synced = append(synced, b)
				default:
					partial = append(partial, b)
				}
				if stats.Digest != (store.Digest{}) || mine.Epoch > 0 {
					r.Buckets = append(r.Buckets, BucketPrint{b, c.Salt.print(stats.Digest), mine.Epoch})
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
func (n *Node) Fetch(ctx context.Context, f Fetch) iter.Seq2[Fetched, error] {
	return func(yield func(Fetched, error) bool) {
		err := n.mayRead(f)
		if err == nil {
			err = n.noteReader(f.From, f.Parts...)
		}
		if err != nil {
			yield(Fetched{}, err)
			return
		}
		sums := make([]store.Digest, len(f.Parts))
		for i, p := range f.Parts {
			for piece, err := range n.lacking(ctx, f.Salt, p, &sums[i]) {
				if !yield(Fetched{Piece: piece}, err) || err != nil {
					return
				}
			}
		}
		yield(Fetched{Sums: sums}, nil)
	}
}

func (n *Node) mayRead(f Fetch) error {
	k := n.known.Load()
	if k == nil {
		return errStarting
	}
	mine := k.readers(f.From)
	for _, p := range f.Parts {
		if !mine(p.Bucket) {
			return notTheirs(f.From, p.Bucket)
		}
	}
	return nil
}

// lacking reads what the caller lacks of one bucket, and adds up the digests.
func (n *Node) lacking(ctx context.Context, s Salt, f FetchPart, sum *store.Digest) iter.Seq2[value.Piece, error] {
	have := make(map[Print]bool, len(f.Have))
	for _, p := range f.Have {
		have[p] = true
	}
	skip := func(d store.Digest) bool {
		xor(sum, d)
		return len(have) > 0 && have[s.print(d)]
	}
	return func(yield func(value.Piece, error) bool) {
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
					pieces, cursor, err = v.Pieces(f.Bucket, f.Bucket, cursor, pieceBytes, skip)
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

// noteReader notes who gets something of buckets, each as it is in an epoch: where
// that is over, who reads was not there when it ended, and gets nothing.
func (n *Node) noteReader(reader keyspace.ID, parts ...FetchPart) error {
	var unknown []FetchPart
	for _, p := range parts {
		if err := n.readCopy(p.Bucket, func(v *store.View) error {
			c, err := n.copyOf(v, p.Bucket)
			if !c.Knows(reader) || c.Epoch != p.Epoch {
				unknown = append(unknown, p)
			}
			return err
		}); err != nil {
			return err
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		for _, p := range unknown {
			c, err := n.copyOf(&tx.View, p.Bucket)
			if err != nil {
				return err
			}
			if c.Epoch != p.Epoch {
				return failf(Behind, "bucket %d is in epoch %d here", p.Bucket, c.Epoch)
			}
			if c, changed := c.Note(reader); changed {
				if err := set(p.Bucket, c); err != nil {
					return err
				}
			}
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
	// Who asks cannot wait for ever: what is done by then counts, the rest is for
	// the next time.
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	for _, b := range t.Buckets { // also of empty ones: nobody else may know of the purge soon
		if n.epoch(b.Bucket) < b.Epoch {
			if err := n.catchUp(ctx, t.From, b.Bucket); err != nil {
				return nil, err
			}
		}
	}
	differ, err := n.differing(buckets, func(i int, d store.Digest) bool { return d != t.Buckets[i].Digest })
	if err != nil {
		return nil, err
	}
	taken := newTaken(t.Buckets, differ)
	err = n.fetch(ctx, fetchJob{t.From, differ, taken.add})
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
