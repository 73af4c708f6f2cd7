package node

import (
	"slices"

	"chord/keyspace"
	"chord/member"
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
	since replica.Stamp // the placement's
	// direct: this node knew the one right before. Otherwise others may have
	// acknowledged something in between.
	direct  bool
	nobody  bool    // is placed: the records stay as they are
	outside []Range // in order: the buckets of whose groups this node is no member
}

// depart notes in memory that the placement changed, before anything else hears
// of it. Where members came and went meanwhile, this node may have been outside of
// groups in which it is now: it would be with all who were placed before, are now,
// or came and went. It runs in the loop.
func (n *Node) depart(before []member.Member, k *knowledge) {
	old, now := replica.NewPlacement(before, n.cfg.Quorums), k.placement
	direct := now.Follows(old)
	if passed(before, k.members) || !direct {
		direct = false
		between := replica.NewPlacement(everPlaced(before, k.members), n.cfg.Quorums)
		if !between.Equal(old) && !between.Equal(now) {
			n.addDeparture(n.departureTo(between, false))
		}
	}
	n.addDeparture(n.departureTo(now, direct))
}

func (n *Node) departureTo(p replica.Placement, direct bool) departure {
	d := departure{since: p.Stamp(), direct: direct, nobody: p.Len() == 0}
	p.Runs(func(run Range, g replica.Group) {
		if !g.Contains(n.cfg.ID) {
			d.outside = append(d.outside, run)
		}
	})
	return d
}

// displaced notes that this node was perhaps in no group for a while. It runs in
// the loop.
func (n *Node) displaced() {
	n.log.Warn("others took this node for the forgotten one that it was before; its copies are compared again")
	n.addDeparture(departure{outside: []Range{{Last: keyspace.Buckets - 1}}})
}

func (n *Node) addDeparture(d departure) {
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
	if d.nobody {
		return nil
	}
	n.departing <- struct{}{} // who is becoming synced under an older placement is in the catalog then
	n.mu.Lock()
	leaving := n.catalog.Leaving(d.outside)
	n.mu.Unlock()
	<-n.departing
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
