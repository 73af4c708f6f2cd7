package node

import (
	"maps"
	"slices"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// release forgets buckets that the receiver confirmed, and deletes what lies
// here of them; with a failure in place of the confirmation it returns that.
func (n *Node) release(share map[keyspace.Bucket]replica.Holding, failure error) error {
	if failure != nil {
		return failure
	}
	var full []keyspace.Bucket
	_, err := n.changeHoldings(func(tx *store.Tx, set setHolding) error {
		full = full[:0]
		for _, b := range slices.Sorted(maps.Keys(share)) {
			h, err := n.holdingOf(&tx.View, b)
			if err != nil {
				return err
			}
			stats, err := tx.Bucket(b)
			if err != nil {
				return err
			}
			if h = h.Confirm(share[b].Epoch); stats != (store.BucketStats{}) {
				full = append(full, b)
			} else if h.State == replica.Gone {
				h = h.Clear() // most buckets of most rings are empty
			}
			if err := set(b, h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return n.clear(full)
}

// clearRows is how many rows of items one transaction deletes.
const clearRows = 4096

// clear deletes what lies here of buckets that are not held, in slices, unless
// they are about to come back.
func (n *Node) clear(buckets []keyspace.Bucket) error {
	for len(buckets) > 0 && n.ctx.Err() == nil {
		var rest []keyspace.Bucket
		_, err := n.changeHoldings(func(tx *store.Tx, set setHolding) error {
			rest = buckets
			for rows := clearRows; rows > 0 && len(rest) > 0; rest = rest[1:] {
				stats, err := tx.Bucket(rest[0])
				if err != nil {
					return err
				}
				if more, err := n.clearOne(tx, set, rest[0], rows); err != nil || more {
					return err
				}
				rows -= 1 + int(min(stats.Keys+stats.Values, clearRows))
			}
			return nil
		})
		if err != nil {
			return err
		}
		buckets = rest
	}
	return nil
}

func (n *Node) clearOne(tx *store.Tx, set setHolding, b keyspace.Bucket, rows int) (more bool, err error) {
	h, err := n.holdingOf(&tx.View, b)
	if err != nil || !h.Parts || h.State == replica.Held || h.State == replica.Handing || n.arriving(b) {
		return false, err
	}
	if more, err = tx.DropSome(b, rows); err != nil || more {
		return more, err
	}
	return false, set(b, h.Clear())
}

// sweep clears, at the start, what an earlier run did not come to.
func (n *Node) sweep() {
	var buckets []keyspace.Bucket
	n.mu.Lock()
	for i := range keyspace.Buckets {
		b := keyspace.Bucket(i)
		if h := n.ledger.At(b); h.Parts && h.State != replica.Held && h.State != replica.Handing {
			buckets = append(buckets, b)
		}
	}
	n.mu.Unlock()
	n.noteError(n.clear(buckets))
}
