package node

import (
	"maps"

	"chord/keyspace"
	"chord/store"
)

// A set of which pieces came, and whose sender then went, stays partial: it takes
// no change, and nobody may have the rest. When the copy becomes synced it is
// taken for whole, and what its dots imply counts as removed. So nothing may be
// missing of it that was acknowledged: after the last piece came, as many others
// as make a copy synced must have sent all that they know of it.

// adoptable returns of each bucket which sets are to be made whole with the
// copy. A bucket that has new pieces since it was compared is left out, and
// compared once more.
func (f *filling) adoptable(chunk []keyspace.Bucket) (map[keyspace.Bucket][]keyspace.ID, error) {
	ready := make(map[keyspace.Bucket][]keyspace.ID, len(chunk))
	filled, err := f.node.notEmpty(chunk)
	if err != nil {
		return nil, err
	}
	for _, b := range chunk {
		var partial map[keyspace.ID]store.Digest
		if filled.has(b) {
			if partial, err = f.node.partialSets(b); err != nil {
				return nil, err
			}
		}
		var ids []keyspace.ID
		again := false
		for id, d := range partial {
			ids, again = append(ids, id), again || f.partial[id] != d
		}
		if !again {
			ready[b] = ids
			continue
		}
		if f.partial == nil {
			f.partial = make(map[keyspace.ID]store.Digest)
		}
		maps.Copy(f.partial, partial)
		f.restart(b)
	}
	return ready, nil
}

// notEmpty returns which of some buckets have any keys here: few, in a new ring.
func (n *Node) notEmpty(buckets []keyspace.Bucket) (*bucketSet, error) {
	var filled bucketSet
	err := n.cfg.Store.View(func(v *store.View) error {
		for _, b := range buckets {
			stats, err := v.Bucket(b)
			if err != nil {
				n.lookForDamage(b, err)
				return err
			}
			if stats.Digest != (store.Digest{}) {
				filled.add(b)
			}
		}
		return nil
	})
	return &filled, storeError(err)
}

// keysPage is how many keys are listed in one View.
const keysPage = 1024

// partialSets returns the keys of a bucket of which pieces are missing.
func (n *Node) partialSets(b keyspace.Bucket) (partial map[keyspace.ID]store.Digest, err error) {
	for from, more := b.First(), true; more; {
		var page []store.Entry
		if err := n.cfg.Store.View(func(v *store.View) (err error) {
			page, err = v.Keys(from, b.Last(), keysPage)
			return err
		}); err != nil {
			n.lookForDamage(b, err)
			return nil, storeError(err)
		}
		for _, e := range page {
			if !e.Partial {
				continue
			}
			if partial == nil {
				partial = make(map[keyspace.ID]store.Digest)
			}
			partial[e.ID] = e.Digest
		}
		if more = len(page) == keysPage && page[keysPage-1].ID != b.Last(); more {
			from = page[keysPage-1].ID.AddPower(0)
		}
	}
	return partial, nil
}

// adopt makes sets whole, unless more pieces came.
func (f *filling) adopt(tx *store.Tx, ids []keyspace.ID) error {
	for _, id := range ids {
		now, err := tx.Keys(id, id, 1)
		if err != nil {
			return err
		}
		if len(now) == 1 && now[0].Partial && now[0].Digest != f.partial[id] {
			return failf(Unavailable, "more pieces of a set are coming")
		}
		if _, err := tx.Adopt(id); err != nil {
			return err
		}
	}
	return nil
}
