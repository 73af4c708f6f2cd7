package node

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

const (
	// scrubEvery is how long after one scrub, which reads all rows, the next begins.
	scrubEvery = 7 * 24 * time.Hour
	// scrubRate bounds how many bytes a second it reads.
	scrubRate = 4 << 20
	// scrubNote is after how many buckets its position is noted.
	scrubNote = 4096
)

// metaScrub is the name under which the database notes how far the scrub came.
const metaScrub = "scrub"

// scrubbed is that note.
type scrubbed struct {
	Next keyspace.Bucket // where it goes on
	Last time.Time       // when it came to the end; zero: never
}

// scrubs reads all rows once a week, slowly, so that what a disk lost is found
// while others have it. A restart goes on where it was.
func (n *Node) scrubs() {
	select {
	case <-n.settled: // before, this node does not know who else has copies
	case <-n.ctx.Done():
		return
	}
	at, err := n.scrubPosition()
	n.noteError(err)
	if at.Last.IsZero() && at.Next == 0 {
		at.Last = time.Now() // a new database has nothing old in it
		n.noteError(n.noteScrub(at))
	}
	for {
		n.progress.change(func(r *Repair) { r.Scrubbed = at.Last })
		select {
		case <-time.After(time.Until(at.Last.Add(scrubEvery))):
		case <-n.ctx.Done():
			return
		}
		err := n.cfg.Store.Scrub(n.ctx, scrubRate, at.Next, func(b keyspace.Bucket, damaged bool) error {
			if damaged {
				n.damaged(b)
			}
			if at.Next = b + 1; at.Next%scrubNote != 0 {
				return nil
			}
			return n.noteScrub(at)
		})
		if err != nil {
			n.noteError(err)
			return
		}
		at = scrubbed{Last: time.Now()}
		n.noteError(n.noteScrub(at))
	}
}

func (n *Node) scrubPosition() (at scrubbed, err error) {
	err = n.cfg.Store.View(func(v *store.View) error {
		note, err := v.Meta(metaScrub)
		if err != nil || note == nil {
			return err
		}
		return json.Unmarshal(note, &at)
	})
	return at, err
}

func (n *Node) noteScrub(at scrubbed) error {
	note, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta(metaScrub, note) }})
}

// damaged makes a copy in which a damaged row was met one that is filled again:
// what was lost is no longer taken for what there is. It may be called from
// anywhere but a transaction. Where nobody else has one, nothing is mended: what is
// damaged is then all there is, and is told of whenever it is asked for.
func (n *Node) damaged(b keyspace.Bucket) {
	if k := n.known.Load(); k == nil || !n.othersHold(k, b) {
		if n.alone.CompareAndSwap(false, true) {
			n.progress.change(func(r *Repair) { r.Damaged++ })
			n.log.Error("damaged rows in the database, and no other node has a copy; restore a backup", "bucket", b)
		}
		return
	}
	lost := 0
	err := n.changeCopies(func(tx *store.Tx, set setCopy) (err error) {
		lost, err = n.mend(tx, set, b)
		return err
	})
	if lost > 0 {
		n.progress.change(func(r *Repair) { r.Damaged++ })
		n.log.Error("damaged rows in the database; what they held comes from the other copies", "bucket", b, "rows", lost)
	}
	n.noteError(err)
	n.poke()
}

// mend drops the damaged rows of a bucket and makes its copy partial, all in one
// transaction. A note among them is lost with the peers in it, which a purge must
// know of; the rest of it is in the catalog.
func (n *Node) mend(tx *store.Tx, set setCopy, b keyspace.Bucket) (lost int, err error) {
	c, unread := n.copyOf(&tx.View, b)
	if unread != nil {
		n.mu.Lock()
		c = n.catalog.At(b)
		n.mu.Unlock()
		if slices.Contains(n.unread, b) {
			c.State, c.Doubted = unreadable.State, unreadable.Doubted
		}
	}
	if lost, err = tx.Mend(b); err != nil || lost == 0 {
		return 0, errors.Join(err, unread)
	}
	if err := tx.SetMeta(metaNotesLost, memberFlag); err != nil || unread == nil && c.State == replica.Missing {
		return lost, err
	}
	n.spoiled.Add(1)
	return lost, set(b, c.To(min(c.State, replica.Partial)))
}

// othersHold reports whether anybody else may have what is damaged here of a bucket:
// another member of its group, or who says that something of it is there, as those do
// who leave and cannot hand it over before it is whole here. Who only joins has what
// came from here.
func (n *Node) othersHold(k *knowledge, b keyspace.Bucket) bool {
	if slices.ContainsFunc(k.placement.Group(b).Members, func(id keyspace.ID) bool { return id != n.cfg.ID }) {
		return true
	}
	return slices.ContainsFunc(others(k), func(m member.Member) bool {
		if m.State == member.Down || joining(m) {
			return false
		}
		c, err := n.compare(n.ctx, m, []Range{{First: b, Last: b}})
		return err == nil && len(c.Buckets) > 0 && c.Buckets[0].Print != c.salt.print(store.Digest{})
	})
}
