package node

import (
	"context"
	"iter"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
	"chord/value"
)

// pulls asks for missing buckets whenever something changed, and now and then
// while some are missing.
func (n *Node) pulls() {
	const again = 10 // periods between two rounds in which nothing changed
	var last struct {
		wanted, members int
		at              time.Time
	}
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-n.wakePull:
		}
		k := n.known.Load()
		if k.view.Phase != ring.Member {
			continue
		}
		wanted := n.wanted(k)
		members := k.placement.Len()
		if len(wanted) == last.wanted && members == last.members && time.Since(last.at) < again*n.cfg.Period {
			continue
		}
		coming := n.pull(k, wanted)
		if coming == 0 || len(n.wanted(k)) == 0 {
			n.settle()
		}
		last.wanted, last.members, last.at = len(wanted), members, time.Now()
	}
}

// pull asks for the wanted buckets: first those who follow this node on the ring
// and held them until it came, then whom they name, then everybody else. It
// returns how many are announced, when they all are or all who live were asked.
func (n *Node) pull(k *knowledge, wanted []keyspace.Bucket) int {
	coming := make(map[keyspace.Bucket]bool)
	queue := k.placement.Clockwise(n.cfg.ID)
	asked := map[keyspace.ID]bool{n.cfg.ID: true}
	for len(queue) > 0 && len(wanted) > len(coming) && n.ctx.Err() == nil {
		id := queue[0]
		queue = queue[1:]
		m, ok := k.members[id]
		if asked[id] || !ok || m.State == member.Down || m.State == member.Left {
			continue
		}
		asked[id] = true
		reply, err := n.askPull(m, k.self, wanted, coming)
		if err != nil {
			n.log.Debug("cannot ask for buckets", "addr", m.Addr, "err", err)
			continue
		}
		for _, r := range reply.Coming {
			for b := int(r.First); b <= int(r.Last); b++ {
				coming[keyspace.Bucket(b)] = true
			}
		}
		for _, h := range reply.Elsewhere {
			queue = append([]keyspace.ID{h.At.ID}, queue...)
		}
	}
	return len(coming)
}

func (n *Node) askPull(m member.Member, self member.Member, wanted []keyspace.Bucket, coming map[keyspace.Bucket]bool) (PullReply, error) {
	var missing []keyspace.Bucket
	for _, b := range wanted {
		if !coming[b] {
			missing = append(missing, b)
		}
	}
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	return n.cfg.Dialer.Dial(m.Addr).Pull(ctx, Pull{From: self, Ranges: replica.Ranges(missing)})
}

func (n *Node) wanted(k *knowledge) []keyspace.Bucket {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ledger.Wanted(k.placement, n.cfg.ID)
}

// settle notes that the buckets are here, as far as they can be had now.
func (n *Node) settle() {
	select {
	case <-n.settled:
	default:
		close(n.settled)
		n.post(n.checkReady)
	}
}

// Pull tells the caller which of the buckets it may expect from here. Its own
// record comes with the request, so that a node that just joined is known.
func (n *Node) Pull(ctx context.Context, p Pull) (PullReply, error) {
	if err := n.ask(ctx, func() {
		n.table.Learn([]member.Member{p.From})
	}); err != nil {
		return PullReply{}, err
	}
	k := n.known.Load()
	var coming []keyspace.Bucket
	elsewhere := make(map[keyspace.ID][]keyspace.Bucket)
	n.mu.Lock()
	for _, r := range p.Ranges {
		for i := int(r.First); i <= int(r.Last); i++ {
			b := keyspace.Bucket(i)
			owner, _ := k.placement.Owner(b)
			switch h := n.ledger.At(b); {
			case owner == p.From.ID && h.State == replica.Held, h.State == replica.Handing && h.To == p.From.ID:
				coming = append(coming, b)
			case h.State == replica.Handing || h.State == replica.Gone && h.To != p.From.ID:
				elsewhere[h.To] = append(elsewhere[h.To], b)
			}
		}
	}
	n.mu.Unlock()
	reply := PullReply{Coming: replica.Ranges(coming)}
	for _, id := range k.placement.Clockwise(p.From.ID) {
		if buckets := elsewhere[id]; len(buckets) > 0 {
			reply.Elsewhere = append(reply.Elsewhere, Hint{replica.Ranges(buckets), peerOf(k.members[id])})
		}
	}
	n.poke()
	return reply, nil
}

// Push takes buckets over. When it returns without an error this node holds
// them, durably, with all their content.
func (n *Node) Push(ctx context.Context, head Push, pieces iter.Seq2[value.Piece, error]) error {
	if err := n.ask(ctx, func() { n.table.Learn([]member.Member{head.From}) }); err != nil {
		return err
	}
	var batch []value.Piece
	size := 0
	for p, err := range pieces {
		if err != nil {
			return err
		}
		if batch, size = append(batch, p), size+p.Size(); size >= shareBytes {
			if err := n.receive(head, batch, false); err != nil {
				return err
			}
			batch, size = nil, 0
		}
	}
	if err := n.receive(head, batch, true); err != nil {
		return err
	}
	n.poke()
	return nil
}

// receive stores a batch of pieces and, with the last, takes the buckets over,
// all in one transaction.
func (n *Node) receive(head Push, batch []value.Piece, last bool) error {
	return n.changeHoldings(nil, func(tx *store.Tx, set func(keyspace.Bucket, replica.Holding) error) error {
		repeated := make(map[keyspace.Bucket]bool)
		for _, e := range head.Epochs {
			h, err := holdingOf(&tx.View, e.Bucket)
			if err != nil {
				return err
			}
			next, err := h.Receive(head.From.ID, e.Epoch)
			if err != nil {
				return n.staleError(h, e.Bucket)
			}
			repeated[e.Bucket] = next == h && h.State != replica.Held
			if !last {
				next = h.Prepare()
			}
			if next != h {
				if err := set(e.Bucket, next); err != nil {
					return err
				}
			}
		}
		for _, p := range batch {
			skip, known := repeated[keyspace.BucketOf(keyspace.HashKey(p.Key))]
			if !known {
				return failf(Invalid, "a hand-over brings the key %q of a bucket that it does not name", p.Key)
			}
			if skip {
				continue
			}
			if _, err := tx.Merge(p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *Node) staleError(h replica.Holding, b keyspace.Bucket) error {
	e := failf(NotResponsible, "a later hand-over of bucket %d is known here", b)
	if m, ok := n.known.Load().members[h.To]; ok {
		e.Better = peerOf(m)
	}
	return e
}
