package store

import (
	"encoding/binary"
	"hash/crc32"

	"chord/value"
)

// A record of the log is what one commit wrote:
//
//	4 bytes  CRC-32C of all that follows
//	4 bytes  length of the rows
//	8 bytes  the lineage: a random number of this opening of the database
//	8 bytes  sequence number, one more than the record before
//	         the rows: table, key, content; each with its length
//
// The length of a content is one more than it is, zero for a row that was
// deleted. To carry out a record twice does no harm.
const recordHeader = 24

// record is one record as it was read.
type record struct {
	lineage, sequence uint64
	rows              []byte
}

// appendRecord appends a record of the rows of a layer.
func appendRecord(b []byte, lineage, sequence uint64, rows layer) []byte {
	start := len(b)
	b = append(b, make([]byte, 8)...)
	b = binary.BigEndian.AppendUint64(b, lineage)
	b = binary.BigEndian.AppendUint64(b, sequence)
	rows.each(func(table int, r row) error {
		b = append(b, byte(table))
		b = binary.AppendUvarint(b, uint64(len(r.k)))
		b = append(b, r.k...)
		if r.content == nil {
			b = append(b, 0)
			return nil
		}
		b = binary.AppendUvarint(b, uint64(len(r.content))+1)
		b = append(b, r.content...)
		return nil
	})
	whole := b[start:]
	binary.BigEndian.PutUint32(whole[4:], uint32(len(whole)-recordHeader))
	binary.BigEndian.PutUint32(whole, crc32.Checksum(whole[4:], castagnoli))
	return b
}

// readRecord reads the record at the beginning of b, ok where it is whole, and
// returns how long it is.
func readRecord(b []byte) (r record, size int, ok bool) {
	if len(b) < recordHeader {
		return record{}, 0, false
	}
	length := binary.BigEndian.Uint32(b[4:])
	if uint64(length) > uint64(len(b)-recordHeader) {
		return record{}, 0, false
	}
	size = recordHeader + int(length)
	if binary.BigEndian.Uint32(b) != crc32.Checksum(b[4:size], castagnoli) {
		return record{}, 0, false
	}
	return record{binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:]), b[recordHeader:size]}, size, true
}

// apply puts the rows of a record into a layer that is not published. They
// share memory with it.
func (r record) apply(to layer) error {
	for b := r.rows; len(b) > 0; {
		table, rest := b[0], b[1:]
		k, rest, err := readBytes(rest, 0)
		if err != nil || len(k) == 0 || table >= tables {
			return corrupt("record %d of the log makes no sense", r.sequence)
		}
		content, rest, err := readBytes(rest, 1)
		if err != nil {
			return corrupt("record %d of the log makes no sense", r.sequence)
		}
		to[table].Set(newRow(k, content))
		b = rest
	}
	return nil
}

// readBytes reads bytes with their length, which is more by a number that may
// be 1; then a length of zero means nil.
func readBytes(b []byte, more uint64) (content, rest []byte, err error) {
	size, b, err := value.DecodeUvarint(b)
	if err != nil {
		return nil, nil, err
	}
	if size < more {
		return nil, b, nil
	}
	if size -= more; size > uint64(len(b)) {
		return nil, nil, value.ErrEncoding
	}
	return b[:size:size], b[size:], nil
}
