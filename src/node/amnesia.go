package node

import (
	"context"

	"chord/fault"
	"chord/member"
	"chord/store"
)

// Who could not be asked at the start whether this database is an older copy of
// itself is asked when it is heard of; and what it says of this node may tell it
// unasked. A node that learns it while it runs ends: its next start begins a new
// life of the database.

// metaOlder stands in a database that was found to be an older copy.
const metaOlder = "older"

// askOlder asks a member that is new here, or back.
func (n *Node) askOlder(m member.Member) {
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	identity := n.cfg.Store.Identity()
	// Of its own making: the first members are met before anything is published.
	self := member.Member{ID: identity.ID, Name: identity.Name, Addr: n.cfg.Addr, Domain: n.cfg.Domain, Incarnation: identity.Incarnation}
	seen, err := n.cfg.Dialer.Dial(m.Addr).Seen(ctx, self)
	if err == nil && seen > 0 && identity == n.cfg.Store.Identity() && n.cfg.Store.Unmade(seen) {
		n.older(m.Name)
	}
}

// older notes that the database is an older copy of itself, and ends the node.
func (n *Node) older(by string) {
	if fault.Planted(fault.NoGuard) {
		return
	}
	err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta(metaOlder, memberFlag) }})
	if err != nil {
		n.noteError(err)
		return
	}
	n.fail(&Error{
		Kind:   Corrupt,
		Text:   "the database is older than what " + by + " saw of it: it is an old copy, or the disk has lost what it had confirmed",
		Remedy: "start the node again: it takes it for an old copy and fills it from the others",
	})
}

// wasOlder reports whether that was noted.
func (n *Node) wasOlder() (was bool, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		note, err := v.Meta(metaOlder)
		was = note != nil
		return err
	})
	return was, storeError(err)
}
