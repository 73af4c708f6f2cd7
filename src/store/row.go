package store

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"chord/keyspace"
	"chord/value"
)

// Digest sums up what a bucket or a key holds: equal digests mean equal
// contents. The digest of a bucket is the XOR of those of its keys.
type Digest [keyspace.Size]byte

// IsZero reports whether there is nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

func (d *Digest) flip(o Digest) {
	for i := range d {
		d[i] ^= o[i]
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const checksumSize = 4

// seal puts a checksum over the row's key and content before the content.
func seal(key, content []byte) []byte {
	row := make([]byte, checksumSize, checksumSize+len(content))
	binary.BigEndian.PutUint32(row, checksum(key, content))
	return append(row, content...)
}

// unseal returns the content of a row, which shares memory with it. It reads
// every byte, so that what is read after it cannot fault.
func unseal(key, row []byte) (_ []byte, err error) {
	defer guard(&err)
	if len(row) < checksumSize {
		return nil, corrupt("row %x is too short", key)
	}
	content := row[checksumSize:]
	if binary.BigEndian.Uint32(row) != checksum(key, content) {
		return nil, corrupt("row %x has a wrong checksum", key)
	}
	return content, nil
}

func checksum(key, content []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content)
}

// header is the row of a key: all that a change needs to know of the values it
// does not touch.
type header struct {
	key     []byte
	context value.Context
	// ahead covers the dots that came with pieces and that context has not seen.
	// It is empty while the set is complete.
	ahead  value.Context
	values uint64 // number of element rows
	bytes  uint64 // length of all values together
	sum    Digest // XOR of the digests of the elements
}

func (h header) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(len(h.key)))
	b = append(b, h.key...)
	b = value.AppendDots(b, h.context)
	b = value.AppendDots(b, h.ahead)
	b = binary.AppendUvarint(b, h.values)
	b = binary.AppendUvarint(b, h.bytes)
	return append(b, h.sum[:]...)
}

// decodeHeader reads what encode wrote; the key shares memory with b.
func decodeHeader(b []byte) (h header, err error) {
	var size uint64
	if size, b, err = value.DecodeUvarint(b); err != nil || size > uint64(len(b)) {
		return header{}, value.ErrEncoding
	}
	h.key, b = b[:size:size], b[size:]
	if h.context, b, err = value.DecodeContext(b); err != nil {
		return header{}, err
	}
	if h.ahead, b, err = value.DecodeContext(b); err != nil {
		return header{}, err
	}
	if b, err = decodeNumbers(b, &h.values, &h.bytes); err != nil || len(b) != len(h.sum) {
		return header{}, value.ErrEncoding
	}
	h.sum = Digest(b)
	return h, nil
}

func decodeNumbers(b []byte, numbers ...*uint64) (rest []byte, err error) {
	for _, n := range numbers {
		if *n, b, err = value.DecodeUvarint(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// isEmpty reports whether the key was never heard of, or forgotten.
func (h header) isEmpty() bool { return h.values == 0 && len(h.context) == 0 && len(h.ahead) == 0 }

// digest sums up the key: its identifier, context and elements.
func (h header) digest(id keyspace.ID) Digest {
	if h.isEmpty() {
		return Digest{}
	}
	var room [128]byte
	b := append(value.AppendDots(append(room[:0], id[:]...), h.context), h.sum[:]...)
	return Digest(keyspace.HashKey(b))
}

// elementDigest sums up one element, by the hash of its value.
func elementDigest(hash keyspace.ID, dots []value.Dot) Digest {
	var room [128]byte
	return Digest(keyspace.HashKey(value.AppendDots(append(room[:0], hash[:]...), dots)))
}

// elementKey returns the key of an element's row. The header's is the
// identifier alone, which comes right before.
func elementKey(id, hash keyspace.ID) []byte { return append(id[:], hash[:]...) }

// splitKey takes the key of a row of items apart.
func splitKey(k []byte) (id, hash keyspace.ID, isHeader bool, err error) {
	switch len(k) {
	case keyspace.Size:
		return keyspace.ID(k), hash, true, nil
	case 2 * keyspace.Size:
		return keyspace.ID(k), keyspace.ID(k[keyspace.Size:]), false, nil
	}
	return id, hash, false, corrupt("row %x: no such key", k)
}

func belongsTo(id keyspace.ID, k []byte) bool {
	return len(k) == 2*keyspace.Size && bytes.HasPrefix(k, id[:])
}

// BucketStats says what a bucket holds.
type BucketStats struct {
	Keys   uint64 // with at least one value
	Values uint64
	Bytes  uint64 // of values
	Digest Digest
}

// bucketRow is the row of a bucket.
type bucketRow struct {
	BucketStats
	headers uint64 // keys with and without values
	note    []byte // of the replication protocol
}

func (r bucketRow) isEmpty() bool { return r.headers == 0 && len(r.note) == 0 }

func (r bucketRow) encode() []byte {
	var b []byte
	for _, n := range []uint64{r.headers, r.Keys, r.Values, r.Bytes} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(b, r.Digest[:]...)
	return append(b, r.note...)
}

// decodeBucket reads what encode wrote; the note shares memory with b.
func decodeBucket(b []byte) (r bucketRow, err error) {
	if b, err = decodeNumbers(b, &r.headers, &r.Keys, &r.Values, &r.Bytes); err != nil || len(b) < len(r.Digest) {
		return bucketRow{}, value.ErrEncoding
	}
	r.Digest = Digest(b)
	r.note = b[len(r.Digest):]
	return r, nil
}

// replace moves a key's share of the row from one state of its header to
// another.
func (r *bucketRow) replace(id keyspace.ID, from, to header) {
	one := map[bool]uint64{true: 1}
	r.headers += one[!to.isEmpty()] - one[!from.isEmpty()]
	r.Keys += one[to.values > 0] - one[from.values > 0]
	r.Values += to.values - from.values
	r.Bytes += to.bytes - from.bytes
	r.Digest.flip(from.digest(id))
	r.Digest.flip(to.digest(id))
}
