package node

import (
	"bytes"
	"context"
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// What stands in the database under metaMember: whether its node was a member
// of a ring, and whether it founded it. A founder's bucket without a note is
// synced, so that to found a ring costs one row.
var (
	memberFlag  = []byte{1}
	founderFlag = []byte{2}
)

func isFounder(flag []byte) bool { return bytes.Equal(flag, founderFlag) }

// unnoted is the copy of a bucket without a note.
func unnoted(founder bool) replica.Copy {
	if founder {
		return replica.Copy{State: replica.Synced}
	}
	return replica.Copy{}
}

// unreadable is the copy of a bucket whose row in the database is damaged: there may
// be something, and nobody can tell of when.
var unreadable = replica.Copy{State: replica.Partial, Doubted: true, Version: 1}

// copyOf returns what the database says of this node's copy of a bucket.
func (n *Node) copyOf(v *store.View, b keyspace.Bucket) (replica.Copy, error) {
	note, err := v.Note(b)
	switch {
	case err != nil:
		return replica.Copy{}, err
	case note == nil:
		return unnoted(n.founder.Load()), nil
	}
	return replica.DecodeCopy(note)
}

// setCopy writes the record of a copy. Who does so calls noted once it is
// durable.
func (n *Node) setCopy(tx *store.Tx, b keyspace.Bucket, c replica.Copy) error {
	return tx.SetNote(b, c.Encode())
}

// noted takes a durable record into the catalog.
func (n *Node) noted(b keyspace.Bucket, c replica.Copy) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.catalog.Set(b, c)
}

// changeCopies runs change in a transaction and, once it is durable, takes what
// it set into the catalog.
func (n *Node) changeCopies(change func(tx *store.Tx, set setCopy) error) error {
	var done map[keyspace.Bucket]replica.Copy
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		done = make(map[keyspace.Bucket]replica.Copy)
		return change(tx, func(b keyspace.Bucket, c replica.Copy) error {
			done[b] = c
			return n.setCopy(tx, b, c)
		})
	}})
	if err != nil {
		return storeError(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for b, c := range done {
		n.catalog.Set(b, c)
	}
	return nil
}

// loadCopies reads all records from the database.
func (n *Node) loadCopies() error {
	var catalog *replica.Catalog
	n.unread = nil
	err := n.cfg.Store.View(func(v *store.View) error {
		flag, err := v.Meta(metaMember)
		if err != nil {
			return err
		}
		n.founder.Store(isFounder(flag))
		catalog = replica.NewCatalog(unnoted(n.founder.Load()))
		return v.Notes(func(b keyspace.Bucket, note []byte, damage error) error {
			c, err := replica.DecodeCopy(note)
			switch {
			case damage != nil:
				n.unread = append(n.unread, b)
				return nil
			case err == nil:
				catalog.Set(b, c)
			}
			return err
		})
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	n.catalog, n.balance = catalog, balance{}
	return err
}

// balance is what is not as it should be, as of a version of the catalog and of
// the placement. Its parts are replaced, never written to.
type balance struct {
	known           bool
	placed, version uint64
	wanted, surplus []keyspace.Bucket
}

// misplaced returns the buckets that this node should have and has not in full,
// and those of which it has something and should not. It costs nothing while
// nothing changes.
func (n *Node) misplaced(k *knowledge) balance {
	n.mu.Lock()
	defer n.mu.Unlock()
	if b := n.balance; b.known && b.placed == k.placed && b.version == n.catalog.Version() {
		return b
	}
	n.balance = balance{
		known: true, placed: k.placed, version: n.catalog.Version(),
		wanted:  n.catalog.Wanted(k.placement, k.self.ID),
		surplus: n.catalog.Surplus(k.placement, k.self.ID),
	}
	return n.balance
}

// stateOf returns the state of a copy as the catalog has it.
func (n *Node) stateOf(b keyspace.Bucket) replica.CopyState {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.catalog.At(b).State
}

// exchangeTables tells a member of everybody that this node knows, and learns
// from it: the two see different members.
func (n *Node) exchangeTables(ctx context.Context, m member.Member) error {
	var mine []member.Member
	if err := n.ask(ctx, func() {
		if all, _ := n.table.Handle(member.Sync{From: n.cfg.ID}); all != nil {
			mine = slices.Clone(all.(member.Members).Members)
		}
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Period)
	defer cancel()
	theirs, err := n.introduceAt(ctx, m.Addr, member.Sync{From: n.cfg.ID, Members: mine})
	if err != nil {
		return err
	}
	return n.ask(ctx, func() { n.table.Learn(theirs) })
}
