package node

import (
	"encoding/binary"
	"errors"
	"fmt"

	"chord/keyspace"
	"chord/member"
	"chord/store"
)

// A node that founds a ring cannot know whether the ring was there before: its
// disk may have been lost and the option --bootstrap forgotten. It would claim
// every bucket then and answer that keys have no values which the others know
// or wait for. So a founder is on trial until it has lived among others for
// a while, and who knows it by another database ends the trial: it serves and
// hands over nothing from then on, also after a restart.
//
// What it answers before the first of the others finds it, nobody can prevent.
const (
	// metaFounded holds the incarnation in which the node founded, while it is on
	// trial: a database that was restored since is not.
	metaFounded = "founded"
	// metaFormer holds the record by which the others knew the node.
	metaFormer = "former"
	// trialPeriods is how many periods with others the trial lasts: whoever
	// remembers the node pings it in that time, and says what it remembers.
	trialPeriods = 600
)

// loadTrial reads how the node's founding came out so far.
func (n *Node) loadTrial() error {
	return n.cfg.Store.View(func(v *store.View) error {
		founded, err := v.Meta(metaFounded)
		if err != nil {
			return err
		}
		n.onTrial.Store(len(founded) == 8 && binary.BigEndian.Uint64(founded) == n.cfg.Store.Identity().Incarnation)
		record, err := v.Meta(metaFormer)
		if err != nil || record == nil {
			return err
		}
		former, err := decodeMember(record)
		if err == nil {
			n.deposed.Store(n.deposedError(former))
		}
		return err
	})
}

// deposedError says why the node serves nothing, and what to do.
func (n *Node) deposedError(former member.Member) *Error {
	e := &Error{
		Kind:   Unavailable,
		Text:   fmt.Sprintf("the ring %s knew %s before, with another database; what that one held is not here", n.cfg.Store.Identity().Ring, former.Name),
		Remedy: "restore that database; where it is lost, start the node with --bootstrap and the address of another node",
	}
	if made, err := n.largestSeq(); err == nil && made > 0 {
		keys := n.cfg.Store.Stats().Keys
		e.Remedy = fmt.Sprintf("restore that database; where it is lost, move this one away, which took %d keys of its own, "+
			"and start the node with --bootstrap and the address of another node", keys)
	}
	return e
}

// meetFormer acts on a record by which others know this node from another
// database. It runs in the loop.
func (n *Node) meetFormer(former member.Member) {
	switch {
	case n.deposed.Load() != nil:
	case n.onTrial.Load():
		n.depose(former)
	case !n.toldFormer:
		n.toldFormer = true
		n.log.Warn("the ring knew this node with another database; what only that one held is lost", "name", former.Name, "addr", former.Addr)
	}
}

// depose ends the work of a node that founded a ring which was there.
func (n *Node) depose(former member.Member) {
	err := n.deposedError(former)
	n.deposed.Store(err)
	n.spawn(func() {
		n.noteError(n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
			return tx.SetMeta(metaFormer, encodeMember(former))
		}}))
		n.fail(err)
	})
}

// refusal is nil while the node may answer for its buckets.
func (n *Node) refusal() error {
	if e := n.deposed.Load(); e != nil {
		return e
	}
	return nil
}

// trialTick counts a period, and ends the trial after the last.
func (n *Node) trialTick() {
	if !n.onTrial.Load() || n.deposed.Load() != nil || n.table.Count(member.Alive) < 2 {
		return
	}
	if n.trial++; n.trial >= trialPeriods {
		n.onTrial.Store(false)
		n.noteError(n.cfg.Store.Submit(store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta(metaFounded, nil) }, Done: n.noteError}))
	}
}

// resign gives up what a deposed founder claims, where it took nothing of its
// own and was told whom to join.
func (n *Node) resign() error {
	deposed := n.deposed.Load()
	if deposed == nil {
		return nil
	}
	made, err := n.largestSeq()
	if err != nil {
		return err
	}
	if len(n.cfg.Bootstrap) == 0 || made > 0 {
		return deposed
	}
	err = n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
		for i := range keyspace.Buckets {
			b := keyspace.Bucket(i)
			note, err := tx.Note(b)
			switch {
			case errors.Is(err, store.ErrCorrupt):
				continue // it is mended at the start
			case err != nil:
				return err
			case note == nil:
				continue
			}
			if err := tx.SetNote(b, nil); err != nil {
				return err
			}
		}
		for name, flag := range map[string][]byte{metaMember: memberFlag, metaFounded: nil, metaFormer: nil} {
			if err := tx.SetMeta(name, flag); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return err
	}
	n.log.Warn("gave up the ring that this node founded; taking its place in the former one, without what it held")
	n.onTrial.Store(false)
	n.deposed.Store(nil)
	return n.loadCopies()
}
