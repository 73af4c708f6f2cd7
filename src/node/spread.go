package node

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/store"
	"chord/value"
)

// inline is how large a set may be that travels in one message: the largest value
// with the largest key fits.
const inline = 5 << 18

// stragglers is how long a write goes on to those whom its acknowledgement did
// not wait for.
const stragglers = 5 * time.Second

// A change that arrives before one that was made earlier is a gap for its receiver.
// Changes are sent in order, but a large one is slower than a small one, and what
// finds no room on the way waits out of order. It is sent again so many times, after
// pauses that double: what it overtook is there then. Only where that does not help
// the whole set is sent, which a large one would be for each of many changes at once.
const (
	overtakings    = 5
	overtakenPause = time.Millisecond
)

// spread returns once a change that is on its way to the other members of the
// group is acknowledged.
func (n *Node) spread(ctx context.Context, v *delivery) error {
	for {
		err := n.acknowledged(ctx, v)
		at := v.at
		if !n.moved(at) {
			return err
		}
		// A new member may have been filled from here before the change was: the
		// group of now must have it.
		if at.known, at.group, err = n.group(at.bucket); err != nil {
			return err
		}
		if !at.group.Contains(n.cfg.ID) {
			return failf(NotResponsible, "the members that hold the key have changed")
		}
		d, epoch := v.write.Delta, v.write.Epoch
		err = n.noteReaders(at, epoch)
		if KindOf(err) == Behind && err != nil { // a purge began since: what was removed must not travel
			var s value.Set
			s, epoch, err = n.setToSend(at)
			d = s.Delta(at.key)
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return storeError(ctx.Err())
		}
		v = n.send(ctx, at, nil, d, epoch, v.write.Request)
	}
}

// spreadSet brings all that is known here of the key to those who lack it, and
// returns it.
func (n *Node) spreadSet(ctx context.Context, at place, have []keyspace.ID, request RequestID) (value.Set, error) {
	s, epoch, err := n.setToSend(at)
	if err != nil {
		return s, err
	}
	return s, n.spread(ctx, n.send(ctx, at, have, s.Delta(at.key), epoch, request))
}

// setToSend reads all that is known of the key, with the epoch that it is of,
// once the members of the group are noted as peers in that epoch.
func (n *Node) setToSend(at place) (s value.Set, epoch uint64, err error) {
	for {
		if s, epoch, err = n.setOf(at.key, at.bucket); err == nil {
			err = n.noteReaders(at, epoch)
		}
		if err == nil || KindOf(err) != Behind {
			return s, epoch, err
		}
	}
}

func (n *Node) noteReaders(at place, epoch uint64) error {
	for _, id := range at.group.Members {
		if id == n.cfg.ID {
			continue
		}
		if err := n.noteReader(id, FetchPart{Bucket: at.bucket, Epoch: epoch}); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) setOf(key []byte, b keyspace.Bucket) (s value.Set, epoch uint64, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		c, err := n.copyOf(v, b)
		if err != nil {
			return err
		}
		epoch = c.Epoch
		s, err = v.Set(key)
		return err
	})
	n.lookForDamage(b, err)
	return s, epoch, storeError(err)
}

// ack is what became of a write to a member.
type ack struct {
	from keyspace.ID
	err  error
}

// delivery is a change on its way to several members.
type delivery struct {
	at      place
	write   Write
	size    int
	acked   []keyspace.ID // who have it
	asked   int           // of how many the answers are not taken
	acks    chan ack
	settled atomic.Bool // nobody waits any more: one try is enough
}

// send puts a change that is durable here on its way to the other members of the
// group, those who have it left out. It does not wait, and what it sends to one
// member goes in the order of the calls.
func (n *Node) send(ctx context.Context, at place, have []keyspace.ID, d value.Delta, epoch uint64, request RequestID) *delivery {
	v := &delivery{
		at: at, size: d.Size(), acks: make(chan ack, len(at.group.Members)),
		acked: append(make([]keyspace.ID, 0, len(at.group.Members)), n.cfg.ID),
		write: Write{From: n.cfg.ID, Stamp: at.group.Stamp, Epoch: epoch, Request: request, Delta: d},
	}
	for _, id := range have {
		if id != n.cfg.ID {
			v.acked = append(v.acked, id)
		}
	}
	sending, cancel := context.WithTimeout(n.inTrace(n.ctx, ctx), stragglers)
	var under atomic.Int32 // deliveries on their way, and this loop
	under.Store(1)
	ended := func() {
		if under.Add(-1) == 0 {
			cancel()
		}
	}
	defer ended()
	for _, id := range at.group.Members {
		m, _ := at.known.member(id)
		if slices.Contains(v.acked, id) {
			continue
		}
		if m.State == member.Down || !n.traffic.hasRoom(id) || n.ctx.Err() != nil {
			n.debts.add(id, at.bucket)
			continue
		}
		v.asked++
		under.Add(1)
		n.traffic.add(id, 1, v.size)
		sending, step := n.step(sending, false, "deliver", m.Name)
		wait := n.cfg.Dialer.Dial(m.Addr).Write(sending, v.write)
		n.spawn(func() {
			defer ended()
			defer n.traffic.add(id, -1, -v.size)
			err := n.deliver(sending, ctx, m, v, wait)
			step(err)
			n.full.note(id, err)
			if err != nil {
				n.debts.add(id, at.bucket)
			}
			v.acks <- ack{id, err}
		})
	}
	return v
}

// acknowledged waits until so many members have a change that it is safe.
func (n *Node) acknowledged(ctx context.Context, v *delivery) error {
	defer v.settled.Store(true)
	var reason error = failf(Unavailable, "too few members that hold the key can be reached")
	if fault.Planted(fault.WriteOne) {
		return nil
	}
	for ; !v.at.group.Durable(v.acked); v.asked-- {
		if v.asked == 0 {
			return reason
		}
		select {
		case a := <-v.acks:
			if a.err == nil {
				v.acked = append(v.acked, a.from)
			} else {
				reason = a.err
			}
		case <-ctx.Done():
			return storeError(context.Cause(ctx))
		case <-n.ctx.Done():
			return errClosed
		}
	}
	return nil
}

// deliver brings a change to one member, for which the first try has begun. While
// somebody waits it tries again what may succeed; the first try goes on when nobody
// does.
func (n *Node) deliver(ctx, waiting context.Context, m member.Member, v *delivery, first func() error) error {
	for pause, wait := firstPause, first; ; pause, wait = min(2*pause, longestPause), n.cfg.Dialer.Dial(m.Addr).Write(ctx, v.write) {
		err := n.deliverInOrder(ctx, m, v.write, wait)
		if KindOf(err) == Gap && err != nil && fault.Planted(fault.GapAsAck) {
			return nil
		}
		if KindOf(err) == Gap && err != nil {
			err = n.deliverSet(ctx, m, v)
		}
		if KindOf(err) == Behind && err != nil {
			if err = n.catchUp(ctx, m, v.at.bucket); err == nil {
				err = n.deliverSet(ctx, m, v)
			}
		}
		if err == nil {
			return nil
		}
		switch KindOf(err) {
		case NotResponsible:
			if err := n.exchangeTables(ctx, m); err == nil && n.moved(v.at) {
				return failf(NotResponsible, "the members that hold the key are changing")
			}
		case Unavailable, Unknown, Overloaded, Behind, Unauthenticated, PermissionDenied:
			if v.settled.Load() {
				return err // it is owed
			}
		default:
			return err
		}
		if now, _ := n.known.Load().member(m.ID); now.State == member.Down || !sleep(waiting, pause) || ctx.Err() != nil {
			return err
		}
	}
}

// deliverInOrder waits for a change that was sent, and sends it again while it may
// only have overtaken another one.
func (n *Node) deliverInOrder(ctx context.Context, m member.Member, w Write, wait func() error) error {
	for i := 0; ; i++ {
		err := wait()
		if err == nil || KindOf(err) != Gap || i == overtakings || !sleep(ctx, overtakenPause<<i) {
			return err
		}
		wait = n.cfg.Dialer.Dial(m.Addr).Write(ctx, w)
	}
}

// deliverSet brings all that is known of the key to a member that lacks what came
// before a change. What is too large for a message it fetches.
func (n *Node) deliverSet(ctx context.Context, m member.Member, v *delivery) error {
	s, epoch, err := n.setOf(v.at.key, v.at.bucket)
	if err != nil {
		return err
	}
	if !s.Context.CoversAll(v.write.Delta.Context) {
		return failf(Unavailable, "the change is not here any more")
	}
	d := s.Delta(v.at.key)
	if d.Size() <= inline {
		w := v.write
		w.Delta, w.Epoch = d, epoch
		return n.cfg.Dialer.Dial(m.Addr).Write(ctx, w)()
	}
	return n.have(ctx, m, v.at)
}

// have has a member fetch what it lacks of the key's bucket.
func (n *Node) have(ctx context.Context, m member.Member, at place) error {
	var offer BucketDigest
	if err := n.cfg.Store.View(func(v *store.View) error {
		stats, err := v.Bucket(at.bucket)
		offer = BucketDigest{at.bucket, stats.Digest, n.epoch(at.bucket)}
		return err
	}); err != nil {
		return storeError(err)
	}
	k := n.known.Load()
	got, err := n.cfg.Dialer.Dial(m.Addr).Take(ctx, Take{From: k.self, Stamp: k.placement.Stamp(), Buckets: []BucketDigest{offer}})
	if err == nil && !slices.ContainsFunc(got, func(b BucketDigest) bool { return b.Bucket == at.bucket }) {
		err = failf(Unavailable, "%s did not fetch the key in time", m.Name)
	}
	return err
}

// epoch returns that of this node's copy of a bucket.
func (n *Node) epoch(b keyspace.Bucket) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.catalog.At(b).Epoch
}
