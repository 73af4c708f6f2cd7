package node

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// A hand-over moves a share of the buckets at a time, so that what is frozen is
// frozen for milliseconds.
const (
	shareBuckets = 1024
	shareBytes   = 1 << 20
	pieceBytes   = 256 << 10
	// pushTimeout bounds one share; only a bucket of gigabytes takes long.
	pushTimeout = 10 * time.Minute
)

// pushes watches that this node holds nothing that another should hold. The
// pushes to each receiver have a goroutine of their own.
func (n *Node) pushes() {
	n.sweep()
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-n.wakePush:
		}
		k := n.known.Load()
		n.mu.Lock()
		surplus := n.ledger.Surplus(k.placement, k.self.ID)
		n.mu.Unlock()
		for to := range surplus {
			if _, busy := n.pushing.LoadOrStore(to, struct{}{}); !busy {
				n.spawn(func() {
					defer n.pushing.Delete(to)
					n.pushAll(to)
				})
			}
		}
	}
}

// poke makes the goroutines that move buckets look again.
func (n *Node) poke() {
	for _, wake := range []chan struct{}{n.wakePush, n.wakePull} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// pushAll hands over, share by share, what the receiver should hold. It ends
// when there is nothing left or the receiver does not take it; the next tick
// tries again.
func (n *Node) pushAll(to keyspace.ID) {
	for n.ctx.Err() == nil {
		k := n.known.Load()
		n.mu.Lock()
		buckets := n.ledger.Surplus(k.placement, k.self.ID)[to]
		n.mu.Unlock()
		receiver, ok := k.members[to]
		switch {
		case len(buckets) == 0:
			n.poke()
			return
		case ok && receiver.State == member.Left:
			n.redirect(buckets, k)
			return
		case !ok || receiver.State == member.Down:
			return
		}
		share, err := n.freeze(buckets, to)
		if err == nil {
			err = n.pushShare(receiver, share)
		}
		if err != nil {
			n.log.Warn("cannot hand buckets over; trying again", "to", receiver.Name, "addr", receiver.Addr, "err", err)
			return
		}
	}
}

// freeze makes it durable that a share of the buckets goes to the receiver.
func (n *Node) freeze(buckets []keyspace.Bucket, to keyspace.ID) (share map[keyspace.Bucket]replica.Holding, err error) {
	err = n.changeHoldings(&share, func(tx *store.Tx, set func(keyspace.Bucket, replica.Holding) error) error {
		bytes := uint64(0)
		for i, b := range buckets {
			stats, err := tx.Bucket(b)
			if err != nil {
				return err
			}
			bytes += stats.Bytes
			if i > 0 && (i >= shareBuckets || bytes > shareBytes) {
				break
			}
			h, err := holdingOf(&tx.View, b)
			if err != nil {
				return err
			}
			switch {
			case h.State == replica.Handing && h.To == to:
			case h.State == replica.Held:
				h, _ = h.Freeze(to)
			default:
				continue
			}
			if err := set(b, h); err != nil {
				return err
			}
		}
		return nil
	})
	return share, err
}

// pushShare sends frozen buckets and forgets them when they are confirmed. If
// the receiver knows of a later hand-over of one of them, each goes alone, to
// where the hint says.
func (n *Node) pushShare(to member.Member, share map[keyspace.Bucket]replica.Holding) error {
	err := n.send(to, share)
	if KindOf(err) != NotResponsible {
		return errors.Join(err, n.release(share, err))
	}
	for b, h := range share {
		one := map[keyspace.Bucket]replica.Holding{b: h}
		err := n.send(to, one)
		if next := better(err); !next.IsZero() {
			if err := n.redirectTo(b, next.ID); err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(err, n.release(one, err)); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) send(to member.Member, share map[keyspace.Bucket]replica.Holding) error {
	ctx, cancel := context.WithTimeout(n.ctx, pushTimeout)
	defer cancel()
	head := Push{From: n.known.Load().self}
	buckets := slices.Sorted(maps.Keys(share))
	for _, b := range buckets {
		head.Epochs = append(head.Epochs, BucketEpoch{b, share[b].Epoch})
	}
	return n.cfg.Dialer.Dial(to.Addr).Push(ctx, head, n.pieces(buckets))
}

// pieces reads the content of buckets, in short read transactions. They are
// frozen, so nothing changes in between.
func (n *Node) pieces(buckets []keyspace.Bucket) iter.Seq2[value.Piece, error] {
	return func(yield func(value.Piece, error) bool) {
		for _, r := range replica.Ranges(buckets) {
			var cursor *store.Cursor
			for more := true; more; more = cursor != nil {
				var pieces []value.Piece
				err := n.cfg.Store.View(func(v *store.View) (err error) {
					pieces, cursor, err = v.Pieces(r.First, r.Last, cursor, pieceBytes)
					return err
				})
				if err != nil {
					yield(value.Piece{}, storeError(err))
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
}

// release forgets confirmed buckets; their content goes with them, in slices.
func (n *Node) release(share map[keyspace.Bucket]replica.Holding, failure error) error {
	if failure != nil {
		return nil
	}
	err := n.changeHoldings(nil, func(tx *store.Tx, set func(keyspace.Bucket, replica.Holding) error) error {
		for b, h := range share {
			now, err := holdingOf(&tx.View, b)
			if err != nil {
				return err
			}
			if err := set(b, now.Confirm(h.Epoch)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for b := range share {
		if err := n.clear(b); err != nil {
			return err
		}
	}
	return nil
}

const clearItems = 1000

// clear deletes what lies here of a bucket that is not held.
func (n *Node) clear(b keyspace.Bucket) error {
	for more := true; more; {
		err := n.changeHoldings(nil, func(tx *store.Tx, set func(keyspace.Bucket, replica.Holding) error) error {
			more = false
			h, err := holdingOf(&tx.View, b)
			if err != nil || !h.Parts || h.State == replica.Held || h.State == replica.Handing {
				return err
			}
			if more, err = tx.DropSome(b, clearItems); err != nil || more {
				return err
			}
			return set(b, h.Clear())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweep clears, at the start, what an earlier run did not come to.
func (n *Node) sweep() {
	for i := range keyspace.Buckets {
		b := keyspace.Bucket(i)
		n.mu.Lock()
		h := n.ledger.At(b)
		n.mu.Unlock()
		if h.Parts && h.State != replica.Held && h.State != replica.Handing {
			if err := n.clear(b); err != nil {
				n.noteError(err)
				return
			}
		}
	}
}

// redirect sends frozen buckets, whose receiver left the ring without our
// hearing its confirmation, to who should hold them now.
func (n *Node) redirect(buckets []keyspace.Bucket, k *knowledge) {
	for _, b := range buckets {
		if owner, ok := k.placement.Owner(b); ok {
			n.noteError(n.redirectTo(b, owner))
		}
	}
	n.poke()
}

func (n *Node) redirectTo(b keyspace.Bucket, to keyspace.ID) error {
	return n.changeHoldings(nil, func(tx *store.Tx, set func(keyspace.Bucket, replica.Holding) error) error {
		h, err := holdingOf(&tx.View, b)
		if err != nil || h.State != replica.Handing {
			return err
		}
		h, _ = h.Redirect(to)
		return set(b, h)
	})
}

// changeHoldings runs change in a transaction, and notes in the ledger what it
// set once that is durable. changed, where not nil, gets the holdings set.
func (n *Node) changeHoldings(changed *map[keyspace.Bucket]replica.Holding, change func(*store.Tx, func(keyspace.Bucket, replica.Holding) error) error) error {
	var done map[keyspace.Bucket]replica.Holding
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		done = make(map[keyspace.Bucket]replica.Holding)
		return change(tx, func(b keyspace.Bucket, h replica.Holding) error {
			done[b] = h
			return tx.SetNote(b, h.Encode())
		})
	}})
	if err != nil {
		return storeError(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for b, h := range done {
		n.ledger.Set(b, h)
	}
	if changed != nil {
		*changed = done
	}
	return nil
}

// loadLedger reads all holdings from the database.
func (n *Node) loadLedger() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cfg.Store.View(func(v *store.View) error {
		return v.Notes(func(b keyspace.Bucket, note []byte) error {
			h, err := replica.DecodeHolding(note)
			if err == nil {
				n.ledger.Set(b, h)
			}
			return err
		})
	})
}
