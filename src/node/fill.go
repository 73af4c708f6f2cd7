package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// longestPause is how many periods lie at most between two rounds of filling or
// releasing in which nothing changed.
const longestRound = 10

// fills makes the copies synced that this node should have, whenever something
// changed and now and then while some are not.
func (n *Node) fills() {
	var f *filling
	var next time.Time
	pause := n.cfg.Period / 2
	for n.awake(wakeFill) {
		k := n.known.Load()
		if k.view.Phase != ring.Member || k.self.State == member.Left {
			continue
		}
		if len(*n.departures.Load()) > 0 {
			continue // departs wakes it
		}
		if !f.fits(n, k) {
			f, next, pause = newFilling(n, k), time.Time{}, n.cfg.Period/2
		}
		if time.Now().Before(next) {
			continue
		}
		if f.round() {
			pause = n.cfg.Period / 2
		} else {
			pause = min(2*pause, longestRound*n.cfg.Period)
		}
		if next = time.Now().Add(pause); !f.fits(n, n.known.Load()) {
			n.poke()
		}
	}
}

// fits reports whether what was compared so far still counts.
func (f *filling) fits(n *Node, k *knowledge) bool {
	return f != nil && fault.Planted(fault.StaleCount) || f != nil && f.placed == k.placed && f.spoiled == n.spoiled.Load() && f.joining == joining(k.self)
}

// joining reports whether the node is in the first phase of a join: it fills its
// copies as if it were placed already, so that it is in no group before it has
// nearly everything.
func joining(self member.Member) bool { return !self.Serving && self.State == member.Alive }

// newFilling begins to count anew; digests agree then for all that was fetched
// before, so that it costs little.
func newFilling(n *Node, k *knowledge) *filling {
	f := &filling{
		node: n, placed: k.placed, spoiled: n.spoiled.Load(), joining: joining(k.self),
		stamp: k.placement.Stamp(), placement: k.placement, asked: make(map[keyspace.ID]*bucketSet),
	}
	if f.joining {
		f.placement = k.placement.With(k.self)
	}
	return f
}

// round asks everybody for whom there is something to ask, and reports whether
// that brought the copies any further.
func (f *filling) round() (further bool) {
	n := f.node
	n.mu.Lock()
	f.wanted = n.catalog.Wanted(f.placement, n.cfg.ID)
	n.mu.Unlock()
	k := n.known.Load()
	f.others = others(k)
	f.last = len(f.others) == 0 && len(k.members) > 1 && !f.joining
	before := f.progress()
	// Whom they waited for may have left since, or the last attempt failed.
	for chunk := range slices.Chunk(f.wanted, compareBuckets) {
		if err := f.seal(chunk); KindOf(err) != Unavailable {
			n.noteError(err)
		}
	}
	var silent []string
	if open := f.open(); len(open) > 0 {
		n.do(fmt.Sprintf("filling %d buckets", len(open)))
		silent = f.askAll(n.ctx)
	}
	if n.ctx.Err() != nil || !f.fits(n, n.known.Load()) {
		return true
	}
	open := f.open()
	switch {
	case len(open) > 0:
		n.do(waiting(len(open), silent))
	case f.joining:
		n.do("")
		n.noteError(n.serve())
		return true
	default:
		n.do("")
	}
	if !f.joining {
		n.settle()
	}
	return f.progress() != before
}

func waiting(buckets int, silent []string) string {
	text := fmt.Sprintf("filling: %d buckets may lack something", buckets)
	if len(silent) > 0 {
		text += "; waiting for " + strings.Join(silent, ", ")
	}
	return text
}

// others returns everybody who may have something, beginning with who follows
// this node on the ring.
func others(k *knowledge) []member.Member {
	var after, before []member.Member
	for _, m := range k.members {
		switch {
		case m.ID == k.self.ID || m.State >= member.Left:
		case m.ID.Compare(k.self.ID) > 0:
			after = append(after, m)
		default:
			before = append(before, m)
		}
	}
	return append(after, before...)
}

// askAll asks for each open bucket the members of its group, then everybody
// else. It returns the names of those who did not answer.
func (f *filling) askAll(ctx context.Context) (silent []string) {
	for _, inGroup := range []bool{true, false} {
		for _, m := range f.others {
			ask := f.unasked(m.ID, inGroup)
			if len(ask) == 0 {
				continue
			}
			err := failf(Unavailable, "it is down")
			if m.State != member.Down {
				if err, _ := f.ask(ctx, m, ask).(*Error); err == nil {
					continue
				}
			}
			if !f.fits(f.node, f.node.known.Load()) || ctx.Err() != nil {
				return silent
			}
			f.node.log.Debug("cannot compare buckets", "with", m.Name, "addr", m.Addr, "err", err)
			if !slices.Contains(silent, m.Name) {
				silent = append(silent, m.Name)
			}
		}
	}
	return silent
}

// ask compares buckets with one other, fetches what is lacking here, and makes
// those copies synced for which that was enough.
func (f *filling) ask(ctx context.Context, m member.Member, buckets []keyspace.Bucket) error {
	n := f.node
	for chunk := range slices.Chunk(buckets, compareBuckets) {
		if err := n.claim(chunk); err != nil {
			return err
		}
		reply, err := n.compare(ctx, m, replica.Ranges(chunk))
		if err != nil {
			return storeError(err)
		}
		if reply.Stamp != f.stamp {
			if err := n.exchangeTables(ctx, m); err != nil {
				return err
			}
			return failf(NotResponsible, "%s sees other members", m.Name)
		}
		if !f.fits(n, n.known.Load()) {
			return failf(Unavailable, "the members changed")
		}
		// A doubted copy stays out, and its buckets open, but for another such one.
		unfit := newBucketSet(reply.Doubted)
		chunk := slices.DeleteFunc(slices.Clone(chunk), func(b keyspace.Bucket) bool { return unfit.has(b) && !n.doubted(b) })
		if err := n.catchUpAll(ctx, m, reply.Buckets, unfit); err != nil {
			return storeError(err)
		}
		differ, err := n.differingFrom(reply)
		if err != nil {
			return err
		}
		differ = slices.DeleteFunc(differ, func(b keyspace.Bucket) bool { return unfit.has(b) && !n.doubted(b) })
		synced := newBucketSet(reply.Synced)
		later := &bucketSet{}
		for _, b := range differ {
			later.add(b)
		}
		for _, b := range chunk {
			if !later.has(b) {
				f.merged(m.ID, b, synced.has(b))
			}
		}
		err = n.fetch(ctx, fetchJob{from: m, buckets: differ, done: func(b keyspace.Bucket, _ store.Digest) {
			f.merged(m.ID, b, synced.has(b))
		}})
		if err := f.seal(chunk); err != nil {
			return err
		}
		if err != nil {
			return storeError(err)
		}
	}
	return nil
}

// seal makes those copies synced that have what they need, unless something
// changed meanwhile.
func (f *filling) seal(chunk []keyspace.Bucket) error {
	n := f.node
	chunk = slices.DeleteFunc(slices.Clone(chunk), func(b keyspace.Bucket) bool { return !f.done(b) })
	if f.joining || len(chunk) == 0 {
		return nil
	}
	adopt, err := f.adoptable(chunk)
	if err != nil {
		return err
	}
	n.departing <- struct{}{}
	defer func() { <-n.departing }()
	return n.changeCopies(func(tx *store.Tx, set setCopy) error {
		if !f.fits(n, n.known.Load()) {
			return failf(Unavailable, "the members changed")
		}
		for _, b := range chunk {
			keys, whole := adopt[b]
			if !whole {
				continue
			}
			c, err := n.copyOf(&tx.View, b)
			if err != nil {
				return err
			}
			if c.State == replica.Synced {
				continue
			}
			if err := f.adopt(tx, keys); err != nil {
				return err
			}
			if err := set(b, c.To(replica.Synced)); err != nil {
				return err
			}
		}
		return nil
	})
}

// serve ends the first phase of a join: this node takes its place among those
// who hold copies. That is durable before anybody hears of it.
func (n *Node) serve() error {
	if err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		return tx.SetMeta(metaServing, memberFlag)
	}}); err != nil {
		return storeError(err)
	}
	n.announce(func() {
		if n.table.Self().State == member.Alive {
			n.table.Serve()
		}
	})
	n.poke()
	return nil
}
