package store

import (
	"bytes"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"

	"chord/fault"
	"chord/keyspace"
	"chord/value"
)

// View is a consistent state of the database. What its methods return is the
// caller's own; the View itself ends with the function it was given to.
type View struct {
	items, buckets, members, meta, extra table
	rows                                 map[keyspace.Bucket]*bucketRow // changed in this transaction
}

func newView(tx *bbolt.Tx, layers ...layer) (v View) {
	for n, t := range [...]*table{&v.items, &v.buckets, &v.members, &v.meta, &v.extra} {
		*t = table{number: n, tx: tx, layers: layers}
	}
	return v
}

// View runs f on the last committed state and returns its error. Views do not
// wait for changes, nor changes for views, except when the file grows: f should
// take milliseconds.
func (s *Store) View(f func(*View) error) error {
	if err := s.Err(); err != nil {
		return err
	}
	return s.read(func(tx *bbolt.Tx, l *layers) error {
		v := newView(tx, l.fresh, l.frozen)
		return f(&v)
	})
}

// header returns the header of a key; empty, with the key alone, where there is
// none. It shares memory with the file.
func (v *View) header(id keyspace.ID, key []byte) (header, error) {
	row := v.items.Get(id[:])
	if row == nil {
		return header{key: key}, nil
	}
	h, err := readHeader(id, row)
	if err == nil {
		err = h.isOf(key)
	}
	return h, err
}

// isOf returns an error unless the header is of that key, or there is none.
func (h header) isOf(key []byte) error {
	if h.key != nil && !bytes.Equal(h.key, key) {
		return corrupt("the row of key %.40q is of another, %.40q", key, h.key)
	}
	return nil
}

func readHeader(id keyspace.ID, row []byte) (header, error) {
	content, err := unseal(id[:], row)
	if err != nil && fault.Planted(fault.DamageAsEmpty) {
		return header{}, nil
	}
	if err != nil {
		return header{}, err
	}
	h, err := decodeHeader(content)
	if err != nil {
		return header{}, corrupt("row %v: %v", id, err)
	}
	return h, nil
}

// readElement reads an element's row; the value shares memory with the file.
func readElement(k, row []byte) (value.Element, error) {
	content, err := unseal(k, row)
	if err != nil {
		return value.Element{}, err
	}
	e, err := value.DecodeElement(content)
	if err != nil {
		return value.Element{}, corrupt("row %x: %v", k, err)
	}
	return e, nil
}

// element returns one element of a key, ok where it is there.
func (v *View) element(id, hash keyspace.ID) (e value.Element, ok bool, err error) {
	k := elementKey(id, hash)
	row := v.items.Get(k)
	if row == nil {
		return value.Element{}, false, nil
	}
	e, err = readElement(k, row)
	return e, err == nil, err
}

// elements calls f for the elements of a key with hashes from the given one on,
// in order, until f returns false. The elements share memory with the file.
func (v *View) elements(id, from keyspace.ID, f func(hash keyspace.ID, e value.Element) bool) error {
	c := v.items.Cursor()
	for k, row := c.Seek(elementKey(id, from)); belongsTo(id, k); k, row = c.Next() {
		e, err := readElement(k, row)
		if err != nil {
			return err
		}
		if !f(keyspace.ID(k[keyspace.Size:]), e) {
			return nil
		}
	}
	return nil
}

// Set returns all that is known of a key.
func (v *View) Set(key []byte) (s value.Set, err error) {
	defer guard(&err)
	h, s, err := v.set(keyspace.HashKey(key))
	if err == nil {
		err = h.isOf(key)
	}
	return s, err
}

// set reads the header of a key and its elements, which come right after it.
func (v *View) set(id keyspace.ID) (h header, s value.Set, err error) {
	c := v.items.Cursor()
	k, row := c.Seek(id[:])
	switch {
	case belongsTo(id, k):
		return header{}, value.Set{}, corrupt("row %x has no header", k)
	case !bytes.Equal(k, id[:]):
		return header{}, value.Set{}, nil
	}
	if h, err = readHeader(id, row); err != nil {
		return header{}, value.Set{}, err
	}
	s.Context = h.context
	if h.values > 0 {
		s.Elements = make([]value.Element, 0, min(h.values, 1024))
	}
	for k, row = c.Next(); belongsTo(id, k); k, row = c.Next() {
		e, err := readElement(k, row)
		if err != nil {
			return header{}, value.Set{}, err
		}
		e.Value = bytes.Clone(e.Value)
		s.Elements = append(s.Elements, e)
	}
	if uint64(len(s.Elements)) != h.values {
		err = corrupt("key %.40q has %d values, its header says %d", h.key, len(s.Elements), h.values)
	}
	return h, s, err
}

// Values returns the values of a key in the order of their hashes; none where
// the key is not there.
func (v *View) Values(key []byte) ([][]byte, error) {
	s, err := v.Set(key)
	if err != nil {
		return nil, err
	}
	return s.Values(), nil
}

// Count returns how many values a key has, without reading one.
func (v *View) Count(key []byte) (values uint64, err error) {
	defer guard(&err)
	h, err := v.header(keyspace.HashKey(key), key)
	return h.values, err
}

// Page returns the values of a key whose hashes are not before from, in their order:
// so many at most, of so many bytes beside the last, and the hash of the next; zero
// where there is none.
func (v *View) Page(key []byte, from keyspace.ID, limit, size int) (values [][]byte, next keyspace.ID, err error) {
	defer guard(&err)
	id := keyspace.HashKey(key)
	if _, err := v.header(id, key); err != nil {
		return nil, next, err
	}
	err = v.elements(id, from, func(hash keyspace.ID, e value.Element) bool {
		if len(values) == limit || size <= 0 {
			next = hash
			return false
		}
		values, size = append(values, bytes.Clone(e.Value)), size-len(e.Value)
		return true
	})
	return values, next, err
}

// Has reports whether the key has the value.
func (v *View) Has(key, val []byte) (ok bool, err error) {
	defer guard(&err)
	id := keyspace.HashKey(key)
	if _, err := v.header(id, key); err != nil {
		return false, err
	}
	_, ok, err = v.element(id, value.Hash(val))
	return ok, err
}

// Entry is a key and what it holds.
type Entry struct {
	ID     keyspace.ID
	Key    []byte
	Values uint64 // none: the key was removed, and the store remembers it
	Digest Digest
	// Partial: pieces of the set are missing, or the row that said what was seen
	// was damaged. Where nobody has more to send, [Tx.Adopt] makes it whole.
	Partial bool
}

// Keys returns the keys with identifiers of from to to, both included, in
// order, at most limit. The next page begins after the last identifier.
func (v *View) Keys(from, to keyspace.ID, limit int) (entries []Entry, err error) {
	defer guard(&err)
	c := v.items.Cursor()
	for k, row := c.Seek(from[:]); k != nil && len(entries) < limit; {
		id, _, isHeader, err := splitKey(k)
		if err != nil || !isHeader {
			return nil, corrupt("row %x has no header", k)
		}
		if id.Compare(to) > 0 {
			break
		}
		h, err := readHeader(id, row)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{id, bytes.Clone(h.key), h.values, h.digest(id), len(h.ahead) > 0})
		k, row = skipElements(c, id, h.values)
	}
	return entries, nil
}

// Digests hears of the digest of each key of a bucket, removed ones among them, in
// the order of their identifiers.
func (v *View) Digests(b keyspace.Bucket, f func(Digest)) (err error) {
	defer guard(&err)
	from := b.First()
	c := v.items.Cursor()
	for k, row := c.Seek(from[:]); k != nil; {
		id, _, isHeader, err := splitKey(k)
		if err != nil || !isHeader {
			return corrupt("row %x has no header", k)
		}
		if keyspace.BucketOf(id) != b {
			break
		}
		h, err := readHeader(id, row)
		if err != nil {
			return err
		}
		f(h.digest(id))
		k, row = skipElements(c, id, h.values)
	}
	return nil
}

// skipElements moves the cursor from a key's header to the next one: step by
// step over a few values, by search over many.
func skipElements(c *cursor, id keyspace.ID, values uint64) (k, row []byte) {
	const few = 8
	if values <= few {
		k, row = c.Next()
		for ; values > 0 && belongsTo(id, k); values-- {
			k, row = c.Next()
		}
		return k, row
	}
	next := id.AddPower(0)
	if next.IsZero() {
		return nil, nil
	}
	return c.Seek(next[:])
}

func bucketKey(b keyspace.Bucket) []byte { return binary.BigEndian.AppendUint16(nil, uint16(b)) }

// bucket returns the row of a bucket; the note shares memory with the file.
func (v *View) bucket(b keyspace.Bucket) (bucketRow, error) {
	if r, ok := v.rows[b]; ok {
		return *r, nil
	}
	k := bucketKey(b)
	row := v.buckets.Get(k)
	if row == nil {
		return bucketRow{}, nil
	}
	return readBucket(k, row)
}

func readBucket(k, row []byte) (bucketRow, error) {
	content, err := unseal(k, row)
	if err != nil {
		return bucketRow{}, err
	}
	r, err := decodeBucket(content)
	if err != nil {
		return bucketRow{}, corrupt("bucket %x: %v", k, err)
	}
	return r, nil
}

// Bucket returns what a bucket holds.
func (v *View) Bucket(b keyspace.Bucket) (stats BucketStats, err error) {
	defer guard(&err)
	r, err := v.bucket(b)
	return r.BucketStats, err
}

// Note returns the note of a bucket, nil where there is none.
func (v *View) Note(b keyspace.Bucket) (note []byte, err error) {
	defer guard(&err)
	r, err := v.bucket(b)
	if len(r.note) == 0 {
		return nil, err
	}
	return bytes.Clone(r.note), err
}

// EachBucket hears of a bucket that holds a key or has a note; the note is valid
// until it returns. Damage is [ErrCorrupt] where the row cannot be read: then
// nothing is known of the bucket but that there is something.
type EachBucket func(b keyspace.Bucket, stats BucketStats, note []byte, damage error) error

// Buckets calls f for every bucket that has a row, in order. In a [Tx] it sees the
// state before the transaction.
func (v *View) Buckets(f EachBucket) error { return v.BucketsIn(0, keyspace.Buckets-1, f) }

// BucketsIn is Buckets for those from first to last, both included. Many at once
// cost a fraction of what they cost one by one.
func (v *View) BucketsIn(first, last keyspace.Bucket, f EachBucket) error {
	end := errors.New("behind the last")
	err := eachFrom(&v.buckets, bucketKey(first), func(k, row []byte) error {
		if len(k) != 2 {
			return corrupt("bucket %x: no such key", k)
		}
		b := keyspace.Bucket(binary.BigEndian.Uint16(k))
		if b > last {
			return end
		}
		r, damage := readBucket(k, row)
		return f(b, r.BucketStats, r.note, damage)
	})
	if err == end {
		return nil
	}
	return err
}

// Notes calls f for every bucket that has a note, or of which nobody can tell, in
// order, as Buckets does.
func (v *View) Notes(f func(b keyspace.Bucket, note []byte, damage error) error) error {
	return v.Buckets(func(b keyspace.Bucket, _ BucketStats, note []byte, damage error) error {
		if len(note) == 0 && damage == nil {
			return nil
		}
		return f(b, note, damage)
	})
}

// Members calls f for every remembered member, in the order of identifiers.
func (v *View) Members(f func(id keyspace.ID, record []byte) error) error {
	return each(&v.members, func(k, row []byte) error {
		record, err := unseal(k, row)
		if err == nil && len(k) != keyspace.Size {
			err = corrupt("member %x: no such key", k)
		}
		if err != nil {
			return err
		}
		return f(keyspace.ID(k), bytes.Clone(record))
	})
}

// each calls f for every row of a table. A panic of f is f's own.
func each(b *table, f func(k, row []byte) error) error { return eachFrom(b, nil, f) }

func eachFrom(b *table, from []byte, f func(k, row []byte) error) error {
	var k, row []byte
	step := func(move func() ([]byte, []byte)) (err error) {
		defer guard(&err)
		k, row = move()
		return nil
	}
	var c *cursor
	err := step(func() ([]byte, []byte) {
		c = b.Cursor()
		return c.Seek(from)
	})
	for err == nil && k != nil {
		if err = f(k, row); err == nil {
			err = step(c.Next)
		}
	}
	return err
}

// Meta returns what [Tx.SetMeta] stored under a name, nil where there is
// nothing.
func (v *View) Meta(name string) ([]byte, error) { return get(&v.extra, name) }

func get(b *table, name string) (content []byte, err error) {
	defer guard(&err)
	row := b.Get([]byte(name))
	if row == nil {
		return nil, nil
	}
	content, err = unseal([]byte(name), row)
	return bytes.Clone(content), err
}
