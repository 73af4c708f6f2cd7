package node

import (
	"slices"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// A node outside of a bucket's group takes no writes of it. Its copy goes stale,
// though it was synced; were it noted so still when the node is in the group
// again, a read would miss what was acknowledged meanwhile. So each change of the
// placement is noted in the records of the copies, durably, and until it is it
// counts as noted.

// departBuckets is how many copies one transaction notes.
const departBuckets = 4096

// departure is a change of the placement of which the copies' records do not
// know yet.
type departure struct {
	placement replica.Placement
	since     replica.Stamp // the placement's
	// direct: this node knew the one right before. Otherwise others may have
	// acknowledged something in between.
	direct  bool
	outside []Range // in order: the buckets of whose groups this node is no member
}

// depart notes in memory that the placement changed, before anything else hears
// of it. It runs in the loop.
func (n *Node) depart(old, now replica.Placement) {
	d := departure{placement: now, since: now.Stamp(), direct: now.Follows(old)}
	now.Runs(func(run Range, g replica.Group) {
		if !g.Contains(n.cfg.ID) {
			d.outside = append(d.outside, run)
		}
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	more := append(slices.Clone(*n.departures.Load()), d)
	n.departures.Store(&more)
	n.poke()
}

// departs notes changes of the placement durably, one after the other.
func (n *Node) departs() {
	for n.awake(wakeDepart) {
		for left := *n.departures.Load(); len(left) > 0; left = *n.departures.Load() {
			if err := n.noteDeparture(left[0]); err != nil {
				n.noteError(err)
				break // the next period tries again
			}
			n.mu.Lock()
			left = slices.Clone((*n.departures.Load())[1:])
			n.departures.Store(&left)
			n.mu.Unlock()
			n.poke()
		}
	}
}

// noteDeparture makes former copies of synced ones that this placement takes
// from the node, and partial ones of those that were former before it.
func (n *Node) noteDeparture(d departure) error {
	n.departing.Lock() // who is becoming synced under an older placement is in the catalog then
	n.mu.Lock()
	leaving := n.catalog.Leaving(d.placement, n.cfg.ID)
	n.mu.Unlock()
	n.departing.Unlock()
	for chunk := range slices.Chunk(leaving, departBuckets) {
		err := n.changeCopies(func(tx *store.Tx, set setCopy) error {
			for _, b := range chunk {
				c, err := n.copyOf(&tx.View, b)
				if err != nil {
					return err
				}
				switch {
				case c.State == replica.Synced && d.direct:
					c = c.Leave(d.since)
				case c.State == replica.Synced, c.State == replica.Former && (c.Since != d.since || !d.takes(b)):
					c = c.To(replica.Partial)
				default:
					continue
				}
				if err := set(b, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// departed reports whether the copy of a bucket is to be noted as a former one,
// whatever its record says.
func (n *Node) departed(b keyspace.Bucket) bool {
	return slices.ContainsFunc(*n.departures.Load(), func(d departure) bool { return d.takes(b) })
}

func (d departure) takes(b keyspace.Bucket) bool {
	_, found := slices.BinarySearchFunc(d.outside, b, func(r Range, b keyspace.Bucket) int {
		switch {
		case r.Last < b:
			return -1
		case r.First > b:
			return 1
		}
		return 0
	})
	return found
}

// wasMember reports whether a copy had all that a member's has up to the change
// that made this placement. The departures are those that were open when the
// stamp was read, or since.
func wasMember(c replica.Copy, b keyspace.Bucket, stamp replica.Stamp, departures []departure) bool {
	first := len(departures) == 0 || len(departures) == 1 && departures[0].since == stamp
	switch c.State {
	case replica.Synced:
		return first && (len(departures) == 0 || departures[0].direct) || !slices.ContainsFunc(departures, func(d departure) bool { return d.takes(b) })
	case replica.Former:
		return first && c.Since == stamp
	}
	return false
}
