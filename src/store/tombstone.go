package store

import (
	"bytes"
	"fmt"

	"chord/keyspace"
	"chord/value"
)

// Tombstone is what remains of a key without values: without it a replica that
// missed the removes could bring them back.
type Tombstone struct {
	ID      keyspace.ID
	Key     []byte
	Context value.Context
}

// Tombstones returns the keys of a bucket that have no values, in order, at most
// limit.
func (v *View) Tombstones(b keyspace.Bucket, limit int) (found []Tombstone, err error) {
	defer wrap("tombstones", &err)
	defer guard(&err)
	c, first := v.items.Cursor(), b.First()
	for k, row := c.Seek(first[:]); k != nil && len(found) < limit; {
		id, _, isHeader, err := splitKey(k)
		if err != nil || !isHeader {
			return nil, corrupt("row %x has no header", k)
		}
		if keyspace.BucketOf(id) != b {
			break
		}
		h, err := readHeader(id, row)
		if err != nil {
			return nil, err
		}
		if h.isTombstone() {
			found = append(found, Tombstone{id, bytes.Clone(h.key), h.context})
		}
		k, row = skipElements(c, id, h.values)
	}
	return found, nil
}

func (h header) isTombstone() bool {
	return h.values == 0 && len(h.ahead) == 0 && len(h.context) > 0
}

// Forget deletes what is remembered of keys of a bucket that have no values, as
// far as their tombstones have seen all of it, and returns of how many. It is
// right only when nobody has, or may still send, what was removed.
func (t *Tx) Forget(b keyspace.Bucket, tombstones []Tombstone) (forgotten int, err error) {
	defer wrap("forget", &err)
	defer guard(&err)
	for _, stone := range tombstones {
		if keyspace.BucketOf(stone.ID) != b {
			return 0, fmt.Errorf("key %v is not in bucket %04x", stone.ID, uint16(b))
		}
		h, _, err := t.headerOf(stone.ID)
		if err != nil {
			return 0, err
		}
		if h.isTombstone() && stone.Context.CoversAll(h.context) {
			if err := t.save(stone.ID, h, header{}); err != nil {
				return 0, err
			}
			forgotten++
		}
	}
	return forgotten, nil
}

// MergeTombstone takes in that another replica has no values of a key and
// reports whether anything changed here. Values that it has not seen stay.
func (t *Tx) MergeTombstone(stone Tombstone) (changed bool, err error) {
	return t.Merge(value.Piece{Key: stone.Key, Context: stone.Context, Last: true})
}
