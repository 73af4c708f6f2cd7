package node

import (
	"context"
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
	shareBuckets = 4096
	shareBytes   = 1 << 20
	pieceBytes   = 256 << 10
	// stalledPush is how many periods a hand-over may stand still: a receiver
	// merges the last pieces before it answers.
	stalledPush = 15
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
		for to := range n.misplaced(k).surplus {
			if m, _ := k.member(to); !n.mayPush(m) {
				continue
			}
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
// when there is nothing left or the receiver does not take it; a later tick
// tries again.
func (n *Node) pushAll(to keyspace.ID) {
	for n.ctx.Err() == nil {
		k := n.known.Load()
		buckets := n.misplaced(k).surplus[to]
		receiver, ok := k.member(to)
		switch {
		case len(buckets) == 0:
			n.poke()
			return
		case ok && receiver.State == member.Left:
			n.pushed(receiver, n.reclaim(k, buckets))
			return
		case !ok || receiver.State == member.Down:
			return
		}
		err := n.vouch(receiver)
		var share map[keyspace.Bucket]replica.Holding
		if err == nil {
			share, err = n.freeze(buckets, to)
		}
		if err == nil {
			err = n.pushShare(receiver, share)
		}
		if n.pushed(receiver, err); err != nil {
			return
		}
	}
}

// freeze makes it durable that a share of the buckets goes to the receiver.
func (n *Node) freeze(buckets []keyspace.Bucket, to keyspace.ID) (map[keyspace.Bucket]replica.Holding, error) {
	var share map[keyspace.Bucket]replica.Holding
	_, err := n.changeHoldings(func(tx *store.Tx, set setHolding) error {
		share = make(map[keyspace.Bucket]replica.Holding)
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
			h, err := n.holdingOf(&tx.View, b)
			if err != nil {
				return err
			}
			switch {
			case h.State == replica.Handing && h.To == to: // again
			case h.State == replica.Held:
				h, _ = h.Freeze(to)
				if err := set(b, h); err != nil {
					return err
				}
			default:
				continue
			}
			share[b] = h
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
		return n.release(share, err)
	}
	for _, b := range slices.Sorted(maps.Keys(share)) {
		one := map[keyspace.Bucket]replica.Holding{b: share[b]}
		err := n.send(to, one)
		if next := better(err); !next.IsZero() && next.ID != n.cfg.ID {
			err = n.redirect(b, next.ID)
		} else {
			err = n.release(one, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send carries frozen buckets to the receiver, and gives up when nothing moves
// for a while. That is no proof of anything: they stay frozen.
func (n *Node) send(to member.Member, share map[keyspace.Bucket]replica.Holding) error {
	ctx, cancel := context.WithCancel(n.ctx)
	defer cancel()
	patience := stalledPush * n.cfg.Period
	stalled := time.AfterFunc(patience, cancel)
	defer stalled.Stop()
	head := Push{From: n.known.Load().self}
	buckets := slices.Sorted(maps.Keys(share))
	for _, b := range buckets {
		head.Epochs = append(head.Epochs, BucketEpoch{b, share[b].Epoch})
	}
	return n.cfg.Dialer.Dial(to.Addr).Push(ctx, head, func(yield func(value.Piece, error) bool) {
		for p, err := range n.pieces(buckets) {
			stalled.Reset(patience)
			if !yield(p, err) {
				return
			}
		}
	})
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

// redirect sends a frozen bucket to another node than the first, or takes it
// back.
func (n *Node) redirect(b keyspace.Bucket, to keyspace.ID) error {
	_, err := n.changeHoldings(func(tx *store.Tx, set setHolding) error {
		h, err := n.holdingOf(&tx.View, b)
		if err != nil || h.State != replica.Handing {
			return err
		}
		if to == n.cfg.ID {
			h, _ = h.TakeBack()
		} else {
			h, _ = h.Redirect(to)
		}
		return set(b, h)
	})
	return err
}
