package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// stalledDisk is how long the oldest change may wait for the disk before others
// had better coordinate.
const stalledDisk = 5 * time.Second

// place is a key and who holds it, as this node sees it.
type place struct {
	key    []byte
	bucket keyspace.Bucket
	known  *knowledge
	group  replica.Group
}

// Do coordinates an operation as a member of the key's group; it is what other
// nodes ask.
func (n *Node) Do(ctx context.Context, op Op) (Result, error) {
	if err := op.Check(); err != nil {
		return Result{}, err
	}
	ctx, cancel := beforeCaller(ctx)
	defer cancel()
	return n.coordinate(ctx, op)
}

func (n *Node) coordinate(ctx context.Context, op Op) (r Result, err error) {
	ctx, w := n.begin(ctx, Coordinated, op.Kind)
	defer func() { w.end(err) }()
	at, err := n.coordinates(op)
	if err != nil {
		return Result{}, err
	}
	if op.Kind.Reads() {
		r, err = n.read(ctx, at, op)
	} else {
		r, err = n.write(ctx, at, op)
	}
	return r, damagedHere(at, err)
}

// damagedHere lets [Corrupt] stand, as an answer that is final, where there is no
// other copy to ask.
func damagedHere(at place, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Corrupt && len(at.group.Members) > 1 {
		return &Error{Kind: Unavailable, Text: e.Text, Remedy: e.Remedy}
	}
	return err
}

// coordinates returns an error where this node cannot coordinate an operation
// now.
func (n *Node) coordinates(op Op) (at place, err error) {
	if err := n.refusal(); err != nil {
		return at, err
	}
	at = place{key: op.Key, bucket: keyspace.BucketOf(keyspace.HashKey(op.Key))}
	if at.known, at.group, err = n.group(at.bucket); err != nil {
		return at, err
	}
	if !at.group.Contains(n.cfg.ID) {
		return at, n.elsewhere(at, "this node holds no copy of the key's bucket")
	}
	if since := n.cfg.Store.Stats().Since; !since.IsZero() && time.Since(since) > stalledDisk {
		return at, n.elsewhere(at, "this node's disk does not answer")
	}
	if err := n.tooFew(at.known, at.group, op); err != nil {
		return at, err
	}
	return at, n.tooFull(at, op)
}

// elsewhere says that another member of the group must be asked, and whom.
func (n *Node) elsewhere(at place, why string) error {
	e := &Error{Kind: NotResponsible, Text: why}
	for _, id := range at.group.Members {
		if m, ok := at.known.member(id); ok && id != n.cfg.ID && m.State != member.Down {
			e.Better = peerOf(m)
			break
		}
	}
	return e
}

// moved reports whether who holds the key has changed.
func (n *Node) moved(at place) bool {
	k := n.known.Load()
	return k.placed != at.known.placed && k.placement.Group(at.bucket).Stamp != at.group.Stamp
}

// synced returns this node's copy of the key's bucket; where it may lack what was
// acknowledged, or the group has changed, an error.
func (n *Node) synced(v *store.View, at place) (replica.Copy, error) {
	c, err := n.copyOf(v, at.bucket)
	switch {
	case err != nil:
		return c, err
	case c.State != replica.Synced && !fault.Planted(fault.PartialReads):
		return c, n.elsewhere(at, "this node's copy of the key's bucket is "+c.State.String())
	case n.departed(at.bucket):
		return c, n.elsewhere(at, "this node was out of the group of the key for a while")
	case n.moved(at):
		return c, n.elsewhere(at, "the members that hold the key are changing")
	}
	return c, n.refusal()
}

// change is a write while its coordinator commits it.
type change struct {
	op         Op
	at         place
	read       sight // what a read quorum knows
	claimed    bool  // the request is carried out here
	repeated   bool  // it was before
	delta      value.Delta
	changed    bool // there is a delta
	new        bool // it adds a value, or takes some away
	agreed     bool // nothing changed, nor since the quorum read
	copy       replica.Copy
	noteworthy bool   // copy is a new record
	epoch      uint64 // of the copy when the delta was made
	sent       *delivery
}

// write coordinates a change. What fails before the own commit has no effect;
// what fails after it, or during it, may have one.
func (n *Node) write(ctx context.Context, at place, op Op) (Result, error) {
	w := &change{op: op, at: at}
	w.repeated = n.requests.done(op.Request)
	if (op.Kind != Insert || op.Again) && !w.repeated && !fault.Planted(fault.BlindRemove) {
		seen, err := n.quorumRead(ctx, at, op.Request)
		if err != nil {
			return Result{}, unavailable(err)
		}
		w.read, w.repeated = seen, seen.done
	}
	if !w.repeated {
		if err := n.commit(ctx, w); err != nil {
			return Result{}, err
		}
	}
	var err error
	switch {
	case w.changed:
		err = n.spread(ctx, w.sent)
	case !w.agreed:
		// What makes it needless may be here alone, and must not get lost.
		_, err = n.spreadSet(ctx, at, nil, op.Request)
	}
	if err != nil && fault.Planted(fault.UnknownAsFailed) {
		return Result{}, unavailable(unknown(err))
	}
	if err != nil {
		return Result{}, unknown(err)
	}
	return Result{Changed: w.new}, nil
}

// commit makes a change durable here, and begins to bring it to the others in the
// order in which changes were made: what a member gets before an earlier change of
// the key is a gap for it.
func (n *Node) commit(ctx context.Context, w *change) (err error) {
	step, ended := n.step(ctx, false, "commit", "")
	defer func() { ended(err) }()
	err = n.cfg.Store.Update(step, store.Change{
		At: keyspace.HashKey(w.op.Key), Size: len(w.op.Key) + len(w.op.Value),
		Do: func(tx *store.Tx) error { return n.apply(tx, w) },
		Done: func(err error) {
			if w.claimed {
				n.requests.finish(w.op.Request, err == nil)
			}
			if err == nil && w.noteworthy {
				n.noted(w.at.bucket, w.copy)
			}
			if err == nil && w.changed {
				w.sent = n.send(ctx, w.at, nil, w.delta, w.epoch, w.op.Request)
			}
		},
	})
	n.lookForDamage(w.at.bucket, err)
	err = storeError(err)
	if err != nil && KindOf(err) == Gap {
		return unavailable(err) // another member's copy may be better
	}
	return err
}

// apply runs in the transaction, and may run again.
func (n *Node) apply(tx *store.Tx, w *change) (err error) {
	c, err := n.synced(&tx.View, w.at)
	if err != nil {
		return err
	}
	if !w.claimed {
		if n.requests.done(w.op.Request) {
			w.repeated = true
			return nil
		}
		if !n.requests.claim(w.op.Request) {
			return failf(Overloaded, "the same request is being carried out")
		}
		w.claimed = true
	}
	op := w.op
	switch op.Kind {
	case Insert:
		w.changed = true
		var had bool
		if had, err = tx.Has(op.Key, op.Value); err == nil {
			w.delta, err = tx.Insert(op.Key, op.Value)
		}
		w.new = !had
	case Remove:
		w.delta, w.changed, err = tx.Remove(op.Key, op.Value)
		w.new = w.changed
	case Put:
		w.changed = true
		w.delta, err = tx.Put(op.Key, op.Value)
	case Delete:
		w.delta, w.changed, err = tx.Delete(op.Key)
		w.new = w.changed
	}
	if err != nil {
		return err
	}
	w.epoch = c.Epoch
	if !w.changed {
		d, err := tx.Digest(op.Key)
		w.agreed = w.read.agreed && d == w.read.digest
		return err
	}
	if w.copy, w.noteworthy = n.note(c, w.at.group.Members); w.noteworthy {
		return n.setCopy(tx, w.at.bucket, w.copy)
	}
	return nil
}

// note notes all but this node as peers.
func (n *Node) note(c replica.Copy, members []keyspace.ID) (replica.Copy, bool) {
	changed := false
	for _, id := range members {
		if id != n.cfg.ID && !c.Knows(id) {
			c, _ = c.Note(id)
			changed = true
		}
	}
	return c, changed
}

// Write makes durable a change that another member of the key's group made: see
// [Peer].
func (n *Node) Write(ctx context.Context, w Write) func() error {
	ctx, request := n.begin(ctx, Written, 0)
	wait := n.writeHere(ctx, w)
	return func() error {
		err := wait()
		request.end(err)
		return err
	}
}

func (n *Node) writeHere(ctx context.Context, w Write) func() error {
	at, err := n.follows(w.Delta.Key, w.From, w.Stamp)
	if err != nil {
		return func() error { return err }
	}
	var c replica.Copy
	noteworthy := false
	start := n.cfg.Store.Start
	if fault.Planted(fault.AckBeforeCommit) {
		start = func(c store.Change) func(context.Context) error {
			return func(context.Context) error { return n.cfg.Store.Submit(c) }
		}
	}
	committed := start(store.Change{
		// What found no room on the way was overtaken; in the order of its making it is no gap.
		At: keyspace.HashKey(at.key), Order: w.Delta.Order(), Size: w.Delta.Size(),
		Do: func(tx *store.Tx) (err error) {
			if c, err = n.copyOf(&tx.View, at.bucket); err != nil {
				return err
			}
			if err := fence(c, w.Epoch, at.bucket); err != nil {
				return err
			}
			if c, noteworthy = c.Note(w.From); c.State == replica.Missing {
				c, noteworthy = c.To(replica.Partial), true
			}
			if noteworthy {
				if err := n.setCopy(tx, at.bucket, c); err != nil {
					return err
				}
			}
			_, err = tx.MergeDelta(w.Delta)
			return err
		},
		Done: func(err error) {
			if err != nil {
				return
			}
			if noteworthy {
				n.noted(at.bucket, c)
			}
			n.requests.finish(w.Request, true)
		},
	})
	return func() error {
		err := committed(ctx)
		n.lookForDamage(at.bucket, err)
		if err != nil {
			return storeError(err)
		}
		if n.moved(at) {
			// A new member may have been filled from here before this came.
			return failf(NotResponsible, "the members that hold the key have changed")
		}
		return nil
	}
}

// follows returns an error unless caller and this node are members of the key's
// group as both see it.
func (n *Node) follows(key []byte, from keyspace.ID, stamp replica.Stamp) (at place, err error) {
	if err := n.refusal(); err != nil {
		return at, err
	}
	if err := (Op{Kind: Retrieve, Key: key}).Check(); err != nil {
		return at, err
	}
	at = place{key: key, bucket: keyspace.BucketOf(keyspace.HashKey(key))}
	if at.known, at.group, err = n.group(at.bucket); err != nil {
		return at, err
	}
	if at.group.Stamp != stamp && !fault.Planted(fault.NoStamp) || !at.group.Contains(n.cfg.ID) || !slices.Contains(at.group.Members, from) {
		return at, failf(NotResponsible, "the two nodes see different members that hold the key")
	}
	return at, nil
}
