package replica

import "chord/keyspace"

// Ledger is all holdings of a node, as a copy of what its database says. It is
// not safe for concurrent use.
type Ledger struct {
	holdings [keyspace.Buckets]Holding
	counts   [Held + 1]int
	version  uint64
}

// NewLedger returns a ledger in which every bucket has the same holding: none,
// or [Found] with the founder of a ring.
func NewLedger(all Holding) *Ledger {
	l := &Ledger{}
	for b := range l.holdings {
		l.holdings[b] = all
	}
	l.counts[all.State] = keyspace.Buckets
	return l
}

// Version grows with each change.
func (l *Ledger) Version() uint64 { return l.version }

// At returns the holding of a bucket.
func (l *Ledger) At(b keyspace.Bucket) Holding { return l.holdings[b] }

// Count returns how many buckets are in the state.
func (l *Ledger) Count(s State) int { return l.counts[s] }

// Set notes a holding that has become durable. Notes of one bucket may come in
// another order than they became durable: an older one changes nothing.
func (l *Ledger) Set(b keyspace.Bucket, h Holding) {
	old := l.holdings[b]
	if h.Epoch < old.Epoch || h.Epoch == old.Epoch && h.State < old.State {
		return
	}
	l.counts[old.State]--
	l.counts[h.State]++
	l.holdings[b] = h
	l.version++
}

// Wanted returns the buckets that self should hold by the placement and does
// not.
func (l *Ledger) Wanted(p Placement, self keyspace.ID) []keyspace.Bucket {
	var wanted []keyspace.Bucket
	l.walk(p, func(b keyspace.Bucket, owner keyspace.ID) {
		if owner == self && l.holdings[b].State != Held {
			wanted = append(wanted, b)
		}
	})
	return wanted
}

// Surplus returns the buckets that self holds, or is handing over, and another
// should hold, by whom they go to.
func (l *Ledger) Surplus(p Placement, self keyspace.ID) map[keyspace.ID][]keyspace.Bucket {
	surplus := make(map[keyspace.ID][]keyspace.Bucket)
	l.walk(p, func(b keyspace.Bucket, owner keyspace.ID) {
		switch l.holdings[b].State {
		case Handing:
			to := l.holdings[b].To
			surplus[to] = append(surplus[to], b)
		case Held:
			if owner != self {
				surplus[owner] = append(surplus[owner], b)
			}
		}
	})
	return surplus
}

// walk goes through the buckets in order with the owner of each: a member owns
// the bucket it stands in and those since the member before.
func (l *Ledger) walk(p Placement, visit func(keyspace.Bucket, keyspace.ID)) {
	if len(p.places) == 0 {
		return
	}
	next := 0
	for _, at := range p.places {
		for ; next <= int(keyspace.BucketOf(at.id)); next++ {
			visit(keyspace.Bucket(next), at.id)
		}
	}
	for ; next < keyspace.Buckets; next++ {
		visit(keyspace.Bucket(next), p.places[0].id)
	}
}
