package store

import (
	"chord/keyspace"
)

// DropBucket deletes the items of a bucket, as if it had never been here; its
// note stays. Large buckets go in steps, with [Tx.DropSome].
func (t *Tx) DropBucket(b keyspace.Bucket) error {
	_, err := t.DropSome(b, int(^uint(0)>>1))
	return err
}

// DropSome deletes up to limit rows of a bucket and reports whether there are
// more. What remains of a key in between counts as pieces that have arrived, so
// a drop that is given up half-way takes nothing away from other replicas.
func (t *Tx) DropSome(b keyspace.Bucket, limit int) (more bool, err error) {
	defer wrap("drop", &err)
	defer guard(&err)
	for at := b.First(); limit > 0; {
		k, row := t.items.Cursor().Seek(at[:])
		if k == nil {
			return false, nil
		}
		id, _, isHeader, err := splitKey(k)
		if err != nil || !isHeader {
			return false, corrupt("row %x has no header", k)
		}
		if keyspace.BucketOf(id) != b {
			return false, nil
		}
		h, err := readHeader(id, row)
		if err != nil {
			return false, err
		}
		gone, err := t.dropKey(id, h, limit)
		if err != nil {
			return false, err
		}
		limit -= gone
	}
	return true, nil
}

// dropKey deletes up to limit rows of a key, its header last.
func (t *Tx) dropKey(id keyspace.ID, h header, limit int) (gone int, err error) {
	to := h
	to.ahead = h.ahead.Join(h.context)
	to.context = nil
	if err := t.clear(id, &to, nil, min(limit, int(h.values))); err != nil {
		return 0, err
	}
	gone = int(h.values - to.values)
	if to.values == 0 {
		gone++
		to = header{}
	}
	return gone, t.save(id, h, to)
}

// SetNote stores the replication protocol's note of a bucket, beside what it
// holds; nil deletes it.
func (t *Tx) SetNote(b keyspace.Bucket, note []byte) (err error) {
	defer wrap("set note", &err)
	defer guard(&err)
	r, err := t.row(b)
	if err == nil {
		t.writes++
		r.note = append([]byte{}, note...)
	}
	return err
}

// SetMember remembers a record of a member.
func (t *Tx) SetMember(id keyspace.ID, record []byte) (err error) {
	defer wrap("set member", &err)
	defer guard(&err)
	return t.write(t.members, id[:], append([]byte{}, record...))
}

// DeleteMember forgets a member.
func (t *Tx) DeleteMember(id keyspace.ID) (err error) {
	defer wrap("delete member", &err)
	defer guard(&err)
	return t.write(t.members, id[:], nil)
}

// SetMeta stores a value under a name of the caller's; nil deletes it.
func (t *Tx) SetMeta(name string, val []byte) (err error) {
	defer wrap("set meta", &err)
	defer guard(&err)
	return t.write(t.extra, []byte(name), val)
}
