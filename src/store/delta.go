package store

import (
	"fmt"

	"chord/fault"
	"chord/keyspace"
	"chord/value"
)

// MergeDelta takes in a change that another replica made and reports whether
// anything changed. One that covers the whole set is merged as [Tx.Merge] does.
// A narrow one is an [ErrGap] unless what the sender had seen before has been
// seen here: its context, taken in alone, would make of all the other values
// that did not arrive removed ones.
func (t *Tx) MergeDelta(d value.Delta) (changed bool, err error) {
	if d.Whole() {
		return t.Merge(d.Piece)
	}
	defer wrap("merge delta", &err)
	defer guard(&err)
	hashes, err := t.checkPiece(d.Piece)
	if err != nil {
		return false, err
	}
	id := keyspace.HashKey(d.Key)
	h, err := t.header(id, d.Key)
	if err != nil {
		return false, err
	}
	if (len(h.ahead) > 0 || !h.context.CoversAll(d.Before)) && !fault.Planted(fault.MergeOverGap) {
		return false, fmt.Errorf("key %.40q: %w", d.Key, ErrGap)
	}
	p := d.Piece
	p.Last = true // nothing but this interval changed
	return t.merge(id, h, p, hashes)
}

// Adopt makes a partial set whole as it is and reports whether it was partial:
// what else the dots in it imply counts as removed. That is right only where all
// that was acknowledged of the key is here, so when the copy of its bucket
// becomes synced; and nobody is left who could send the rest.
func (t *Tx) Adopt(id keyspace.ID) (adopted bool, err error) {
	defer wrap("adopt", &err)
	defer guard(&err)
	h, _, err := t.headerOf(id)
	if err != nil || len(h.ahead) == 0 {
		return false, err
	}
	to := h
	to.context, to.ahead = h.context.Join(h.ahead), nil
	return true, t.save(id, h, to)
}
