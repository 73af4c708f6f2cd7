package store

import (
	"bytes"

	"chord/keyspace"
	"chord/value"
)

// Digest returns the digest of what is known of a key, zero where that is
// nothing. It reads no values.
func (v *View) Digest(key []byte) (d Digest, err error) {
	defer guard(&err)
	id := keyspace.HashKey(key)
	h, err := v.header(id, key)
	if err != nil {
		return Digest{}, err
	}
	return h.digest(id), nil
}

// Retrieve returns the values of a key, in the order of their hashes, and the
// digest of what is known of it.
func (v *View) Retrieve(key []byte) (values [][]byte, d Digest, err error) {
	defer guard(&err)
	id := keyspace.HashKey(key)
	h, s, err := v.set(id)
	if err == nil {
		err = h.isOf(key)
	}
	if err != nil {
		return nil, Digest{}, err
	}
	return s.Values(), h.digest(id), nil
}

// SetOf returns the key with an identifier and all that is known of it; no key
// where that is nothing.
func (v *View) SetOf(id keyspace.ID) (key []byte, s value.Set, err error) {
	defer guard(&err)
	h, s, err := v.set(id)
	return bytes.Clone(h.key), s, err
}

// headerOf returns the header of an identifier, ok where there is one.
func (v *View) headerOf(id keyspace.ID) (h header, ok bool, err error) {
	row := v.items.Get(id[:])
	if row == nil {
		return header{}, false, nil
	}
	h, err = readHeader(id, row)
	return h, err == nil, err
}

// KeyPieces returns what is known of the keys with these identifiers, in their
// order, as [View.Pieces] does for buckets; identifiers that are not there are
// skipped. Each call names the same ones.
func (v *View) KeyPieces(ids []keyspace.ID, after *Cursor, size int) (pieces []value.Piece, next *Cursor, err error) {
	defer wrap("pieces", &err)
	defer guard(&err)
	for _, id := range ids {
		from := Cursor{at: id}
		if after != nil {
			if id != after.at {
				continue
			}
			from, after = *after, nil
		}
		h, ok, err := v.headerOf(id)
		for more := ok && err == nil; more; {
			if size <= 0 {
				return pieces, &from, nil
			}
			p, err := v.piece(h, from, size)
			if err != nil {
				return nil, nil, err
			}
			if len(pieces) > 0 && p.Size() > size {
				return pieces, &from, nil
			}
			pieces = append(pieces, p)
			size -= p.Size()
			from, more = from.past(p), !p.Last
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return pieces, nil, nil
}
