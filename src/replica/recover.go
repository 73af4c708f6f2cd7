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

// lifetime is by how much the epoch grows where a bucket is served from a
// backup: more than the hand-overs that its database can have made since, and
// that nobody alive remembers.
const lifetime = 1 << 32

// Recover says what becomes of a holding that was restored from a backup, once
// everybody else was asked: latest is the greatest of their answers
// ([Known.Compare]). Since the backup the bucket may have gone on, even come
// back.
//
//   - Nobody knows it later, or this node had it last: it serves what the backup
//     has.
//   - It is on its way to this node still: what comes is newer than the backup.
//   - Somebody knows it later: the content goes there, where it is merged, or on
//     from there, and is forgotten here.
//
// A bucket that the backup does not hold is none afterwards either, but the
// epoch tells a hand-over that is repeated, and was passed on by the lost
// database, from one that is new.
func (h Holding) Recover(self keyspace.ID, latest Known) Holding {
	had := h.State == Held || h.State == Handing
	backHere := latest.State != Held && latest.To == self
	later := latest.Epoch > h.Epoch
	switch {
	case had && !later && !h.yields(self, latest), had && later && backHere && latest.State == Gone:
		h.State, h.Epoch, h.To, h.Parts = Held, max(h.Epoch, latest.Epoch)+lifetime, keyspace.ID{}, false
	case had && backHere, later && backHere:
		h.State, h.Epoch, h.To, h.Parts = Absent, latest.Epoch-1, keyspace.ID{}, true
	case had:
		h.State, h.Epoch, h.To = Handing, latest.Epoch, latest.Node
	case later:
		h.State, h.Epoch, h.To = Gone, latest.Epoch, latest.Node
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
