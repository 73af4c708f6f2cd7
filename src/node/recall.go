package node

import (
	"context"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// Recollection is what a node knows, for one that was restored from a backup.
type Recollection struct {
	Members []member.Member
	Buckets []Known
}

// Known is what a node knows of a run of buckets.
type Known struct {
	Range
	State replica.State
	Epoch uint64
	To    keyspace.ID // of Handing and Gone
}

// Recall answers a node whose database was restored. From here on this node
// takes nothing that the caller's former life handed over: it may be on its way
// still, and the caller counts on the answer.
func (n *Node) Recall(ctx context.Context, from member.Member) (Recollection, error) {
	if err := n.ask(ctx, func() { n.table.Learn([]member.Member{from}) }); err != nil {
		return Recollection{}, err
	}
	n.mu.Lock()
	// Those that were restored settle one after the other, or each would count on
	// what the other is about to change.
	waits := n.recovering.Load() && (n.settling || n.cfg.ID.Compare(from.ID) < 0)
	if !waits {
		n.fences[from.ID] = from.Incarnation
	}
	n.mu.Unlock()
	if waits {
		return Recollection{}, errRecovering
	}
	// What was taken before the fence is durable, and seen, after one more change.
	if err := n.cfg.Store.Update(ctx, store.Change{Do: func(*store.Tx) error { return nil }}); err != nil {
		return Recollection{}, storeError(err)
	}
	r := Recollection{Members: n.Members()}
	err := n.cfg.Store.View(func(v *store.View) error {
		for i := range keyspace.Buckets {
			b := keyspace.Bucket(i)
			h, err := n.holdingOf(v, b)
			if err != nil {
				return err
			}
			r.add(b, h)
		}
		return nil
	})
	return r, storeError(err)
}

// add makes the last run longer, or begins another one.
func (r *Recollection) add(b keyspace.Bucket, h replica.Holding) {
	if h.Epoch == 0 {
		return
	}
	next := Known{Range: Range{First: b, Last: b}, State: h.State, Epoch: h.Epoch, To: h.To}
	if last := len(r.Buckets) - 1; last >= 0 {
		before := &r.Buckets[last]
		if before.Last+1 == b && before.same(next) {
			before.Last = b
			return
		}
	}
	r.Buckets = append(r.Buckets, next)
}

// fenced reports whether a hand-over comes from a life of its sender that is
// over. It is asked in the transaction that takes the buckets.
func (n *Node) fenced(from member.Member) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	incarnation, ok := n.fences[from.ID]
	return ok && incarnation != from.Incarnation
}

func (k Known) same(o Known) bool { return k.State == o.State && k.Epoch == o.Epoch && k.To == o.To }
