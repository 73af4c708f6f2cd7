package node

import (
	"context"
	"fmt"
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
	var last struct {
		balance balance
		at      time.Time
		pause   time.Duration
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
		b := n.misplaced(k)
		if len(b.wanted) == 0 {
			if last.balance.known {
				n.lack(0)
			}
			last.balance = balance{}
			n.settle()
			continue
		}
		if b.version != last.balance.version || b.placed != last.balance.placed {
			last.pause = n.cfg.Period / 2
		} else if time.Since(last.at) < last.pause {
			continue
		}
		coming, all := n.pull(k, b.wanted)
		last.balance, last.at, last.pause = b, time.Now(), min(2*last.pause, longestPull*n.cfg.Period)
		n.lack(len(b.wanted) - coming)
		if coming == 0 && all {
			n.settle()
		}
	}
}

// longestPull is how many periods lie at most between two rounds of questions
// in which nothing changed.
const longestPull = 60

// lack says in the status what cannot be had.
func (n *Node) lack(buckets int) {
	what := ""
	if buckets > 0 {
		what = fmt.Sprintf("looking for %d buckets that nobody reachable holds", buckets)
	}
	n.do(what)
}

// pull asks for the wanted buckets: first those who follow this node on the ring
// and held them until it came, then whom they name, then everybody else. It
// returns how many are announced, and whether all who live answered as far as
// they were asked.
func (n *Node) pull(k *knowledge, wanted []keyspace.Bucket) (announced int, all bool) {
	all = true
	coming := make(map[keyspace.Bucket]bool)
	queue := k.placement.Clockwise(n.cfg.ID)
	asked := map[keyspace.ID]bool{n.cfg.ID: true}
	for len(queue) > 0 && len(wanted) > len(coming) && n.ctx.Err() == nil {
		id := queue[0]
		queue = queue[1:]
		m, ok := k.member(id)
		if asked[id] || !ok || m.State == member.Down || m.State == member.Left {
			continue
		}
		asked[id] = true
		reply, err := n.askPull(m, k.self, wanted, coming)
		if err != nil {
			n.log.Debug("cannot ask for buckets", "addr", m.Addr, "err", err)
			all = false
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
	return len(coming), all
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

func (n *Node) hasSettled() bool {
	select {
	case <-n.settled:
		return true
	default:
		return false
	}
}

// settle notes that the buckets are here, as far as they can be had now.
func (n *Node) settle() {
	if !n.hasSettled() {
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
	if err := n.refusal(); err != nil {
		return PullReply{}, err
	}
	k := n.known.Load()
	var coming []keyspace.Bucket
	elsewhere := make(map[keyspace.ID][]keyspace.Bucket)
	epochs := make(map[keyspace.Bucket]uint64)
	for _, e := range p.Epochs {
		epochs[e.Bucket] = e.Epoch
	}
	n.mu.Lock()
	for _, r := range p.Ranges {
		for i := int(r.First); i <= int(r.Last); i++ {
			b := keyspace.Bucket(i)
			owner, _ := k.placement.Owner(b)
			switch h := n.ledger.At(b); {
			case epochs[b] != 0:
				if h.State != replica.Absent && h.Epoch >= epochs[b] { // Absent: it only heard of it
					elsewhere[k.self.ID] = append(elsewhere[k.self.ID], b)
				}
			case owner == p.From.ID && h.State == replica.Held, h.State == replica.Handing && h.To == p.From.ID:
				coming = append(coming, b)
			case h.State == replica.Held || h.State == replica.Handing:
				elsewhere[k.self.ID] = append(elsewhere[k.self.ID], b)
			case h.State == replica.Gone && h.To != p.From.ID:
				elsewhere[h.To] = append(elsewhere[h.To], b)
			}
		}
	}
	n.mu.Unlock()
	reply := PullReply{Coming: replica.Ranges(coming)}
	for _, m := range k.members {
		if buckets := elsewhere[m.ID]; len(buckets) > 0 && m.State != member.Left {
			reply.Elsewhere = append(reply.Elsewhere, Hint{replica.Ranges(buckets), peerOf(m)})
		}
	}
	n.poke()
	return reply, nil
}

// Push takes buckets over. When it returns without an error this node holds
// them, durably, with all their content.
func (n *Node) Push(ctx context.Context, head Push, pieces iter.Seq2[value.Piece, error]) error {
	left := false
	if err := n.ask(ctx, func() {
		n.table.Learn([]member.Member{head.From})
		left = n.table.Self().State == member.Left
	}); err != nil {
		return err
	}
	if left {
		return failf(Unavailable, "this node left the ring and takes nothing any more")
	}
	if err := n.refusal(); err != nil {
		return err
	}
	n.expect(head, 1)
	defer n.expect(head, ^uint16(0))
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

// expect notes that buckets are arriving, by 1, or are no longer, by -1. While they are, what
// is stored of them must not be taken for the rest of a former holding.
func (n *Node) expect(head Push, change uint16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range head.Epochs {
		n.arrives[e.Bucket] += change
	}
}

func (n *Node) arriving(b keyspace.Bucket) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.arrives[b] > 0
}

// receive stores a batch of pieces and, with the last, takes the buckets over,
// all in one transaction.
func (n *Node) receive(head Push, batch []value.Piece, last bool) error {
	_, err := n.changeHoldings(func(tx *store.Tx, set setHolding) error {
		if n.fenced(head.From) {
			return failf(Unavailable, "%s was restored from a backup since", head.From.Name)
		}
		if err := n.noteMember(tx); err != nil {
			return err
		}
		repeated := make(map[keyspace.Bucket]bool)
		for _, e := range head.Epochs {
			h, err := n.holdingOf(&tx.View, e.Bucket)
			if err != nil {
				return err
			}
			next, err := h.Receive(head.From.ID, e.Epoch)
			if err != nil {
				return n.staleError(h, e.Bucket)
			}
			if repeated[e.Bucket] = h.State != replica.Held && h.Received(head.From.ID, e.Epoch); repeated[e.Bucket] {
				continue
			}
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
	return err
}

func (n *Node) staleError(h replica.Holding, b keyspace.Bucket) error {
	e := failf(NotResponsible, "a later hand-over of bucket %d is known here", b)
	if h.State == replica.Handing {
		// Who it is on its way to may know nothing of it yet, and would serve what
		// the sender has in place of the newer content that is coming.
		return failf(Unavailable, "a later hand-over of bucket %d is under way from here", b)
	}
	if m, ok := n.known.Load().member(h.To); ok {
		e.Better = peerOf(m)
	}
	return e
}
