package node

import (
	"context"
	"errors"
	"sync"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// The amnesia guard: a database that is an older copy of itself, or that a disk
// which lied about a sync brought back, does not know what it acknowledged. Its
// next dots may be some that others have seen, and its synced copies may lack
// what it promised to have. Others tell: they saw dots of it that it does not
// know, or a record of it with a later version.

// guard asks everybody who can be reached, at each start, and begins a new life of
// the database where somebody saw more of this one.
func (n *Node) guard(remembered, others []member.Member) error {
	identity := n.cfg.Store.Identity()
	self := member.Member{ID: identity.ID, Name: identity.Name, Addr: n.cfg.Addr, Domain: n.cfg.Domain, Incarnation: identity.Incarnation}
	mine, err := n.largestSeq()
	if err != nil || identity.ID.IsZero() {
		return err
	}
	for _, m := range remembered {
		if m.ID == self.ID && m.Incarnation == self.Incarnation {
			self.Version = m.Version
		}
	}
	seen, by := n.askSeen(self, remembered, others)
	for _, m := range others {
		// A founder on trial that remembers others has lived among them: it is an old
		// copy, of before its database was renewed, and not one that founds again.
		older := n.onTrial.Load() && len(remembered) > 1 && m.Incarnation != self.Incarnation
		if m.ID == self.ID && (older || m.Incarnation == self.Incarnation && m.Version > self.Version) {
			seen, by = max(seen, mine+1), "the ring"
		}
	}
	older, err := n.wasOlder()
	if err != nil || !older && seen <= mine || fault.Planted(fault.NoGuard) {
		return err
	}
	n.log.Warn("the database is older than what others saw of it; taking it for an old copy and filling it again", "who", by)
	return n.renew()
}

// largestSeq returns the last sequence number that this database made.
func (n *Node) largestSeq() (seq uint64, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		seq, err = v.Seen(n.cfg.Store.Identity().Actor())
		return err
	})
	return seq, storeError(err)
}

// askSeen asks all for the largest sequence number of this database that they
// saw, and names who saw it.
func (n *Node) askSeen(self member.Member, lists ...[]member.Member) (largest uint64, by string) {
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.Period)
	defer cancel()
	var mu sync.Mutex
	var asking sync.WaitGroup
	asked := map[string]bool{n.cfg.Addr: true}
	for _, list := range lists {
		for _, m := range list {
			if asked[m.Addr] || m.ID == self.ID || m.State >= member.Left {
				continue
			}
			asked[m.Addr] = true
			asking.Go(func() {
				seen, err := n.cfg.Dialer.Dial(m.Addr).Seen(ctx, self)
				mu.Lock()
				defer mu.Unlock()
				if err == nil && seen > largest {
					largest, by = seen, m.Name
				}
			})
		}
	}
	asking.Wait()
	return largest, by
}

// renew begins a new life of the database, in which no copy is taken for whole.
func (n *Node) renew() error {
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		if err := errors.Join(tx.Renew(), tx.SetMeta(metaOlder, nil)); err != nil {
			return err
		}
		return doubt(tx)
	}})
	if err != nil {
		return storeError(err)
	}
	n.onTrial.Store(false)
	return n.loadCopies()
}

// doubt makes every copy of a database one that cannot be trusted.
func doubt(tx *store.Tx) error {
	flag, err := tx.Meta(metaMember)
	if err != nil {
		return err
	}
	founder := isFounder(flag)
	if err := tx.SetMeta(metaNotesLost, memberFlag); err != nil {
		return err
	}
	for i := range keyspace.Buckets {
		b := keyspace.Bucket(i)
		note, err := tx.Note(b)
		switch {
		case errors.Is(err, store.ErrCorrupt):
			continue // it is mended at the start, as a doubted one
		case err != nil:
			return err
		}
		c := unnoted(founder)
		if note != nil {
			if c, err = replica.DecodeCopy(note); err != nil {
				return err
			}
		}
		stats, err := tx.Bucket(b)
		if err != nil {
			return err
		}
		if c.State == replica.Missing && stats == (store.BucketStats{}) {
			continue
		}
		if err := tx.SetNote(b, c.Doubt().Encode()); err != nil {
			return err
		}
	}
	return nil
}
