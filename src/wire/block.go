package wire

import (
	"chord/keyspace"
	"chord/node"
	"chord/value"
	"chord/wire/chordpb"
)

// block is memory that the fields of one message share. What they get are
// copies.
type block []byte

func newBlock(size int) block { return make(block, 0, size) }

// since returns what was appended, or nil.
func (b *block) since(start int) []byte {
	if start == len(*b) {
		return nil
	}
	return (*b)[start:len(*b):len(*b)]
}

func (b *block) bytes(p []byte) []byte {
	start := len(*b)
	*b = append(*b, p...)
	return b.since(start)
}

// dotsSize is about how many bytes a context takes.
func dotsSize(c value.Context) int { return value.Piece{Context: c}.Size() }

// dots writes nothing for a context that has seen nothing.
func (b *block) dots(c value.Context) []byte {
	start := len(*b)
	if len(c) > 0 {
		*b = value.AppendDots(*b, c)
	}
	return b.since(start)
}

func (b *block) elements(list []value.Element) [][]byte {
	return encodeList(list, func(e value.Element) []byte {
		start := len(*b)
		*b = value.AppendElement(*b, e)
		return b.since(start)
	})
}

func (b *block) piece(p value.Piece) *chordpb.Piece {
	return &chordpb.Piece{
		Key: b.bytes(p.Key), Context: b.dots(p.Context), From: b.id(p.From), To: b.id(p.To),
		Elements: b.elements(p.Elements), Last: p.Last,
	}
}

// id writes nothing for the zero identifier.
func (b *block) id(id keyspace.ID) []byte {
	if id.IsZero() {
		return nil
	}
	return b.bytes(id[:])
}

// request writes nothing for a request without a name.
func (b *block) request(id node.RequestID) []byte {
	if id == (node.RequestID{}) {
		return nil
	}
	return b.bytes(id[:])
}
