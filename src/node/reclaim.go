package node

import (
	"context"
	"slices"
	"sync"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
)

// reclaim finds out what became of frozen buckets whose receiver left the ring
// before this node heard its confirmation. It may have taken them and handed
// them on, so everybody is asked first: who had a bucket later gets the content
// again, and merges it or says who can. Where nobody had it, it never arrived,
// and goes to who should hold it now. To ask who has it this moment would not
// do: while the answers come in it may move from who is still to be asked to who
// was asked already. As long as one member does not answer, it might be the one:
// the buckets wait.
func (n *Node) reclaim(k *knowledge, buckets []keyspace.Bucket) error {
	claims, err := n.claims(k, buckets)
	if err != nil {
		return failf(Unavailable, "cannot find out what became of buckets on their way to a node that left: %v", err)
	}
	for _, b := range buckets {
		to, found := claims[b]
		if !found {
			to, found = k.placement.Owner(b)
		}
		if !found {
			continue
		}
		if err := n.redirect(b, to); err != nil {
			return err
		}
	}
	n.poke()
	return nil
}

// claims asks all members for buckets, and returns who had them later than this
// node.
func (n *Node) claims(k *knowledge, buckets []keyspace.Bucket) (map[keyspace.Bucket]keyspace.ID, error) {
	pull := Pull{From: k.self, Ranges: replica.Ranges(buckets)}
	n.mu.Lock()
	for _, b := range buckets {
		pull.Epochs = append(pull.Epochs, BucketEpoch{b, n.ledger.At(b).Epoch})
	}
	n.mu.Unlock()
	claims := make(map[keyspace.Bucket]keyspace.ID)
	var mu sync.Mutex
	var failure error
	var asked sync.WaitGroup
	note := func(m member.Member, reply PullReply, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failure = err
		}
		ranges := slices.Clone(reply.Coming)
		for _, h := range reply.Elsewhere {
			if h.At.ID == m.ID {
				ranges = append(ranges, h.Ranges...)
			}
		}
		for _, r := range ranges {
			for b := int(r.First); b <= int(r.Last); b++ {
				claims[keyspace.Bucket(b)] = m.ID
			}
		}
	}
	for _, m := range k.members {
		if m.ID == k.self.ID || m.State == member.Left {
			continue
		}
		asked.Go(func() {
			ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
			defer cancel()
			reply, err := n.cfg.Dialer.Dial(m.Addr).Pull(ctx, pull)
			note(m, reply, err)
		})
	}
	asked.Wait()
	return claims, failure
}
