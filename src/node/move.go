package node

import (
	"chord/keyspace"
	"chord/replica"
)

// The goroutines that move copies, each of which is woken when something may
// have changed.
const (
	wakeDepart = iota
	wakeFill
	wakeRelease
	wakeRepair
	wakePay
	wakes
)

// setCopy writes a copy's record, for a change that notes it when it is durable.
type setCopy = func(keyspace.Bucket, replica.Copy) error

// moveCopies starts what brings copies where they should be and keeps them
// equal.
func (n *Node) moveCopies() {
	n.suspicious.Store(true)
	n.spawn(n.departs)
	n.spawn(n.fills)
	n.spawn(n.releases)
	n.spawn(n.repairs)
	n.spawn(n.pays)
	n.spawn(n.scrubs)
	n.spawn(n.purges)
	for _, b := range n.unread {
		n.spawn(func() { n.damaged(b) })
	}
	n.poke()
}

// awake waits until there may be something to do, and is false at the end.
func (n *Node) awake(which int) bool {
	select {
	case <-n.wake[which]:
		return true
	case <-n.ctx.Done():
		return false
	}
}

// poke makes the goroutines that move copies look again.
func (n *Node) poke() {
	for _, wake := range n.wake {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

func (n *Node) hasSettled() bool {
	select {
	case <-n.settled:
		return true
	default:
		return false
	}
}

// settle notes that the buckets are here, as far as they can be had now. Only
// fills calls it.
func (n *Node) settle() {
	if !n.hasSettled() {
		close(n.settled)
		n.post(n.checkReady)
	}
}

// lookForDamage is called with errors of the store's reads: a damaged row makes its
// bucket's copy one that is filled again.
func (n *Node) lookForDamage(b keyspace.Bucket, err error) {
	if KindOf(storeError(err)) == Corrupt && err != nil {
		n.spawn(func() { n.damaged(b) })
	}
}

func (n *Node) counts() BucketCounts {
	var c BucketCounts
	if k := n.known.Load(); k != nil {
		b := n.misplaced(k)
		c.Wanted, c.Moving = len(b.wanted), len(b.surplus)
		for _, b := range b.surplus {
			if k.standsIn(b) {
				c.StandIns++
			}
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c.Held = n.catalog.Count(replica.Synced)
	return c
}
