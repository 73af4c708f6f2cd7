package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"chord/keyspace"
	"chord/value"
)

// The limits of what can be stored.
const (
	MaxKey    = 64 << 10 // bytes of a key
	MaxValue  = 1 << 20  // bytes of a value
	MaxValues = 1 << 20  // values of a key; merges may exceed it
)

// Tx is a [View] that can write. All that the changes of one transaction do
// becomes visible and durable together.
type Tx struct {
	View
	identity Identity
	sequence uint64 // of the last dot
	before   uint64 // the sequence when the transaction began
	first    uint64 // of its dots; zero: it made none
	now      func() time.Time
	seen     map[value.Actor]uint64 // the largest dots that were merged
	noSpace  bool
	grown    BucketStats // by so much the whole database, modulo 2^64
	batch    layer       // the rows that were written
	writes   int         // so many rows were written: a change that failed before any needs no rollback
}

func newTx(tx *bbolt.Tx, l *layers, s *Store, noSpace bool) *Tx {
	batch := newLayer()
	v := newView(tx, batch, l.fresh, l.frozen)
	v.rows = map[keyspace.Bucket]*bucketRow{}
	id, seq := s.identity()
	return &Tx{
		View: v, identity: id, sequence: seq, before: seq, now: s.options.Now,
		seen: map[value.Actor]uint64{}, noSpace: noSpace, batch: batch,
	}
}

// write puts a row, or deletes it where content is nil. The caller leaves the
// key as it is from then on.
func (t *Tx) write(to table, k, content []byte) error {
	t.writes++
	r := newRow(k, nil)
	if content != nil {
		r.content = seal(k, content)
	}
	t.batch[to.number].Set(r)
	return nil
}

// save replaces the header of a key and its share of the bucket's row.
func (t *Tx) save(id keyspace.ID, from, to header) error {
	r, err := t.row(keyspace.BucketOf(id))
	if err != nil {
		return err
	}
	was := *r
	r.replace(id, from, to)
	t.grown.Keys += r.Keys - was.Keys
	t.grown.Values += r.Values - was.Values
	t.grown.Bytes += r.Bytes - was.Bytes
	if to.isEmpty() {
		return t.write(t.items, id[:], nil)
	}
	return t.write(t.items, id[:], to.encode())
}

// row returns the bucket's row for writing; finish stores it.
func (t *Tx) row(b keyspace.Bucket) (*bucketRow, error) {
	if r, ok := t.rows[b]; ok {
		return r, nil
	}
	r, err := t.bucket(b)
	if err == nil {
		r.note = slices.Clone(r.note)
		t.rows[b] = &r
	}
	return &r, err
}

// finish writes what is written once a transaction.
func (t *Tx) finish() (err error) {
	defer guard(&err)
	for _, b := range slices.Sorted(maps.Keys(t.rows)) {
		content := []byte(nil)
		if r := t.rows[b]; !r.isEmpty() {
			content = r.encode()
		}
		if err := t.write(t.buckets, bucketKey(b), content); err != nil {
			return err
		}
	}
	if err := t.writeSeen(); err != nil || t.sequence == t.before {
		return err
	}
	return t.write(t.meta, sequenceName, binary.BigEndian.AppendUint64(nil, t.sequence))
}

func checkSizes(key, val []byte) error {
	switch {
	case len(key) == 0:
		return ErrEmptyKey
	case len(key) > MaxKey:
		return fmt.Errorf("the key has %d bytes, the limit is %d: %w", len(key), MaxKey, ErrTooLarge)
	case len(val) > MaxValue:
		return fmt.Errorf("the value has %d bytes, the limit is %d: %w", len(val), MaxValue, ErrTooLarge)
	}
	return nil
}

// begin returns a key's header for an operation of a user.
func (t *Tx) begin(key, val []byte, grows bool) (id keyspace.ID, h header, err error) {
	if err := checkSizes(key, val); err != nil {
		return id, h, err
	}
	if grows && t.noSpace {
		return id, h, ErrNoSpace
	}
	if grows && t.identity.ID.IsZero() {
		return id, h, errNoID
	}
	id = keyspace.HashKey(key)
	h, err = t.header(id, key)
	if err == nil && len(h.ahead) > 0 {
		err = ErrPartial
	}
	return id, h, err
}

// Insert adds a value to a key and returns the change for other replicas. A
// value that is there already gets a new dot in place of those seen.
func (t *Tx) Insert(key, val []byte) (d value.Delta, err error) {
	defer wrap("insert", &err)
	defer guard(&err)
	id, h, err := t.begin(key, val, true)
	if err != nil {
		return d, err
	}
	to := h
	e, err := t.insert(id, &to, val)
	if err != nil {
		return d, err
	}
	return value.NewDelta(key, value.Hash(val), h.context, to.context, e), t.save(id, h, to)
}

// insert writes an element and brings the header up to date.
func (t *Tx) insert(id keyspace.ID, h *header, val []byte) (e value.Element, err error) {
	hash := value.Hash(val)
	old, ok, err := t.element(id, hash)
	if err != nil {
		return e, err
	}
	if !ok && h.values >= MaxValues {
		return e, fmt.Errorf("the key has %d values, the limit: %w", h.values, ErrTooLarge)
	}
	d := t.dot()
	h.context = h.context.Add(d)
	e = value.Element{Value: val, Dots: []value.Dot{d}}
	return e, t.replace(id, h, hash, old.Dots, e)
}

// replace writes one element and brings the header up to date. No dots before:
// it is new. No dots now: it goes.
func (t *Tx) replace(id keyspace.ID, h *header, hash keyspace.ID, before []value.Dot, e value.Element) error {
	if len(before) > 0 {
		h.values--
		h.bytes -= uint64(len(e.Value))
		h.sum.flip(elementDigest(hash, before))
	}
	if len(e.Dots) == 0 {
		return t.write(t.items, elementKey(id, hash), nil)
	}
	h.values++
	h.bytes += uint64(len(e.Value))
	h.sum.flip(elementDigest(hash, e.Dots))
	return t.write(t.items, elementKey(id, hash), value.AppendElement(nil, e))
}

// Remove takes a value from a key and returns the change for other replicas.
// Where the value was not there it reports false, and nothing changed.
func (t *Tx) Remove(key, val []byte) (d value.Delta, removed bool, err error) {
	defer wrap("remove", &err)
	defer guard(&err)
	id, h, err := t.begin(key, val, false)
	if err != nil {
		return d, false, err
	}
	hash := value.Hash(val)
	e, ok, err := t.element(id, hash)
	if err != nil || !ok {
		return d, false, err
	}
	to := h
	if err := t.replace(id, &to, hash, e.Dots, value.Element{Value: e.Value}); err != nil {
		return d, false, err
	}
	return value.NewDelta(key, hash, h.context, to.context), true, t.save(id, h, to)
}

// Put makes a value the only one of a key, and returns the set for other
// replicas.
func (t *Tx) Put(key, val []byte) (d value.Delta, err error) {
	defer wrap("put", &err)
	defer guard(&err)
	id, h, err := t.begin(key, val, true)
	if err != nil {
		return d, err
	}
	to := h
	keep := value.Hash(val)
	if err := t.clear(id, &to, &keep, int(h.values)); err != nil {
		return d, err
	}
	e, err := t.insert(id, &to, val)
	if err != nil {
		return d, err
	}
	whole := value.Set{Context: to.context, Elements: []value.Element{e}}
	return whole.Delta(key), t.save(id, h, to)
}

// Delete takes all values from a key and returns the set for other replicas.
// Where there was no value it reports false, and nothing changed.
func (t *Tx) Delete(key []byte) (d value.Delta, deleted bool, err error) {
	defer wrap("delete", &err)
	defer guard(&err)
	id, h, err := t.begin(key, nil, false)
	if err != nil || h.values == 0 {
		return d, false, err
	}
	to := h
	if err := t.clear(id, &to, nil, int(h.values)); err != nil {
		return d, false, err
	}
	return value.Set{Context: to.context}.Delta(key), true, t.save(id, h, to)
}

// clear removes up to limit elements of a key, all but the one to keep.
func (t *Tx) clear(id keyspace.ID, h *header, keep *keyspace.ID, limit int) error {
	type row struct {
		hash keyspace.ID
		e    value.Element
	}
	var gone []row // a cursor does not survive a delete
	err := t.elements(id, keyspace.ID{}, func(hash keyspace.ID, e value.Element) bool {
		if keep == nil || hash != *keep {
			gone = append(gone, row{hash, e})
		}
		return len(gone) < limit
	})
	for _, r := range gone {
		if err != nil {
			break
		}
		err = t.replace(id, h, r.hash, r.e.Dots, value.Element{Value: r.e.Value})
	}
	return err
}

func wrap(operation string, err *error) {
	if *err != nil {
		*err = fmt.Errorf("store: %s: %w", operation, *err)
	}
}
