package replica

import (
	"cmp"

	"chord/keyspace"
)

// Known is what one node knows of a bucket.
type Known struct {
	Node  keyspace.ID // who knows it
	State State
	Epoch uint64
	To    keyspace.ID // of Handing and Gone
}

// Compare orders what several nodes know of a bucket: what is later is nearer to
// who holds it now.
func (k Known) Compare(o Known) int {
	if c := cmp.Or(cmp.Compare(k.Epoch, o.Epoch), cmp.Compare(k.State, o.State)); c != 0 {
		return c
	}
	return k.Node.Compare(o.Node)
}

// had returns the greatest epoch at which the bucket is known to have been with
// anybody: a hand-over that is under way may never arrive, and who asks for
// those who had it must not be sent to one who only heard of it.
func (k Known) had() uint64 {
	if k.State == Handing {
		return k.Epoch - 1
	}
	return k.Epoch
}

// at returns who can be asked for the bucket: who knows it, or whom one names
// that only heard of it.
func (k Known) at() keyspace.ID {
	if k.State == Absent && !k.To.IsZero() {
		return k.To
	}
	return k.Node
}

// Recall is what a node that was restored has heard of a bucket.
type Recall struct {
	Latest Known  // the greatest of the answers
	coming uint64 // the greatest epoch of those who hand it to this node
}

// Hear takes in what one member answered to the node self.
func (r *Recall) Hear(self keyspace.ID, k Known) {
	if k.Compare(r.Latest) > 0 {
		r.Latest = k
	}
	if k.State == Handing && k.To == self {
		r.coming = max(r.coming, k.Epoch)
	}
}

// lifetime is by how much the epoch grows where a bucket is served from a
// backup: more than the hand-overs that its database can have made since, and
// that nobody alive remembers.
const lifetime = 1 << 32

// Recover says what becomes of a holding that was restored from a backup, once
// everybody else has answered. Since the backup the bucket may have gone on,
// even come back.
//
//   - Nobody knows it later, or this node had it last: it serves what the backup
//     has, unless a node has something newer that it could not hand over yet,
//     which is waited for.
//   - Somebody knows it later: the content goes there, where it is merged, or on
//     from there, and is forgotten here.
//
// A bucket that the backup does not hold is none afterwards either, but the
// epoch tells a hand-over that is repeated, and was passed on by the lost
// database, from one that is new.
func (h Holding) Recover(self keyspace.ID, heard Recall) Holding {
	latest := heard.Latest
	had := h.State == Held || h.State == Handing
	later := latest.Epoch > h.Epoch
	backHere := later && latest.State != Held && latest.To == self
	switch {
	case backHere && heard.coming > h.Epoch:
		h.State, h.Epoch, h.To, h.Parts = Absent, heard.coming-1, keyspace.ID{}, true
	case had && (backHere || !later && !h.yields(self, latest)):
		h.State, h.Epoch, h.To, h.Parts = Held, max(h.Epoch, latest.Epoch)+lifetime, keyspace.ID{}, false
	case backHere:
		h.State, h.Epoch, h.To, h.Parts = Absent, latest.Epoch-1, keyspace.ID{}, true
	case had:
		h.State, h.Epoch, h.To = Handing, max(h.Epoch, latest.had()), latest.at()
	case later: // Gone is who had it, not who heard of it
		h.State, h.Epoch, h.To = Absent, max(h.Epoch, latest.had()), latest.at()
	}
	return h
}

// yields reports whether another node that knows the bucket at the very epoch
// of the backup goes before it: who received what the backup was handing over,
// or one of two who hold it.
func (h Holding) yields(self keyspace.ID, latest Known) bool {
	if latest.Epoch != h.Epoch || latest.State == Absent || latest.State != Held && latest.To == self {
		return false
	}
	return h.State == Handing || latest.State == Held && self.Compare(latest.Node) < 0
}
