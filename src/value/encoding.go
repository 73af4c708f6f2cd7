package value

import (
	"encoding/binary"
	"errors"

	"chord/keyspace"
)

// dotSize is the most bytes that a dot takes: node, incarnation, sequence.
const dotSize = keyspace.Size + 8 + binary.MaxVarintLen64

// ErrEncoding says that bytes are not the encoding of what was asked for.
var ErrEncoding = errors.New("value: malformed encoding")

// AppendDots writes the dots of an element, or a context, to b: their number,
// then of each the node, the incarnation (big endian) and the sequence number.
func AppendDots(b []byte, dots []Dot) []byte {
	b = binary.AppendUvarint(b, uint64(len(dots)))
	for _, d := range dots {
		b = append(b, d.Node[:]...)
		b = binary.BigEndian.AppendUint64(b, d.Incarnation)
		b = binary.AppendUvarint(b, d.Seq)
	}
	return b
}

// DecodeDots reads what [AppendDots] wrote for an element and returns the
// bytes after it. It takes only the one way in which dots can be written.
func DecodeDots(b []byte) (dots []Dot, rest []byte, err error) {
	return decodeDots(b, Dot.Compare)
}

// DecodeContext reads what [AppendDots] wrote for a context.
func DecodeContext(b []byte) (c Context, rest []byte, err error) {
	return decodeDots(b, compareActors)
}

func decodeDots(b []byte, compare func(a, b Dot) int) ([]Dot, []byte, error) {
	n, b, err := DecodeUvarint(b)
	const least = keyspace.Size + 8 + 1
	if err != nil || n > uint64(len(b)/least) {
		return nil, nil, ErrEncoding
	}
	if n == 0 {
		return nil, b, nil
	}
	dots := make([]Dot, n)
	for i := range dots {
		if len(b) < least {
			return nil, nil, ErrEncoding
		}
		d := &dots[i]
		d.Node = keyspace.ID(b)
		d.Incarnation = binary.BigEndian.Uint64(b[keyspace.Size:])
		if d.Seq, b, err = DecodeUvarint(b[keyspace.Size+8:]); err != nil {
			return nil, nil, err
		}
	}
	if !ascending(dots, compare) {
		return nil, nil, ErrEncoding
	}
	return dots, b, nil
}

// AppendElement writes the element to b: its dots, then the value to the end.
func AppendElement(b []byte, e Element) []byte { return append(AppendDots(b, e.Dots), e.Value...) }

// DecodeElement reads what [AppendElement] wrote. The value shares memory with
// b.
func DecodeElement(b []byte) (Element, error) {
	dots, rest, err := DecodeDots(b)
	if err != nil || len(dots) == 0 {
		return Element{}, ErrEncoding
	}
	return Element{Value: rest, Dots: dots}, nil
}

// DecodeUvarint reads a number as [binary.AppendUvarint] writes it and returns
// the bytes after it; longer ways to write the same number are refused.
func DecodeUvarint(b []byte) (n uint64, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || size > 1 && b[size-1] == 0 {
		return 0, nil, ErrEncoding
	}
	return n, b[size:], nil
}
