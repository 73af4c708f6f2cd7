package node

import (
	"bytes"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// What stands in the database under metaMember: whether its node was a member
// of a ring, and whether it founded it. A founder's bucket without a note is
// held as [replica.Found] says, so that to found a ring costs one row.
var (
	memberFlag  = []byte{1}
	founderFlag = []byte{2}
)

// holdingOf returns what the database says of a bucket.
func (n *Node) holdingOf(v *store.View, b keyspace.Bucket) (replica.Holding, error) {
	note, err := v.Note(b)
	if err != nil {
		return replica.Holding{}, err
	}
	if note == nil && n.founder.Load() {
		return replica.Found(), nil
	}
	return replica.DecodeHolding(note)
}

// setHolding stores what becomes of a bucket, and notes it for the ledger.
type setHolding func(keyspace.Bucket, replica.Holding) error

// changeHoldings runs change in a transaction, and notes in the ledger what it
// set once that is durable. It returns that as well.
func (n *Node) changeHoldings(change func(*store.Tx, setHolding) error) (map[keyspace.Bucket]replica.Holding, error) {
	var done map[keyspace.Bucket]replica.Holding
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		done = make(map[keyspace.Bucket]replica.Holding)
		return change(tx, func(b keyspace.Bucket, h replica.Holding) error {
			done[b] = h
			return tx.SetNote(b, h.Encode())
		})
	}})
	if err != nil {
		return nil, storeError(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for b, h := range done {
		n.ledger.Set(b, h)
	}
	return done, nil
}

// loadLedger reads all holdings from the database.
func (n *Node) loadLedger() error {
	var ledger *replica.Ledger
	err := n.cfg.Store.View(func(v *store.View) error {
		flag, err := v.Meta(metaMember)
		if err != nil {
			return err
		}
		ledger = replica.NewLedger(replica.Holding{})
		if n.founder.Store(bytes.Equal(flag, founderFlag)); n.founder.Load() {
			ledger = replica.NewLedger(replica.Found())
		}
		return v.Notes(func(b keyspace.Bucket, note []byte) error {
			h, err := replica.DecodeHolding(note)
			if err == nil {
				ledger.Set(b, h)
			}
			return err
		})
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ledger, n.balance = ledger, balance{}
	return err
}

// balance is what is not where it should be, as of a version of the ledger and
// of the placement. Its parts are replaced, never written to.
type balance struct {
	known   bool
	placed  uint64
	version uint64
	wanted  []keyspace.Bucket
	surplus map[keyspace.ID][]keyspace.Bucket
}

// misplaced returns the buckets that should be here and those that should not,
// by whom they go to. It costs nothing while nothing changes.
func (n *Node) misplaced(k *knowledge) balance {
	n.mu.Lock()
	defer n.mu.Unlock()
	if b := n.balance; b.known && b.placed == k.placed && b.version == n.ledger.Version() {
		return b
	}
	n.balance = balance{
		known: true, placed: k.placed, version: n.ledger.Version(),
		wanted:  n.ledger.Wanted(k.placement, k.self.ID),
		surplus: n.ledger.Surplus(k.placement, k.self.ID),
	}
	return n.balance
}

func (n *Node) counts() BucketCounts {
	var c BucketCounts
	if k := n.known.Load(); k != nil {
		c.Wanted = len(n.misplaced(k).wanted)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c.Held, c.Moving = n.ledger.Count(replica.Held), n.ledger.Count(replica.Handing)
	return c
}
