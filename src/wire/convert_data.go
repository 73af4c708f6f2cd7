package wire

import (
	"math"

	"chord/keyspace"
	"chord/node"
	"chord/wire/chordpb"
)

// encodeOp shares no memory with op: whoever asks may leave, and change it,
// before it is sent.
func encodeOp(op node.Op) *chordpb.NumberedOp {
	b := newBlock(len(op.Key) + len(op.Value) + len(op.Request))
	return &chordpb.NumberedOp{
		Kind: chordpb.OpKind(op.Kind + 1), One: op.One, Request: b.request(op.Request), Again: op.Again,
		Key: b.bytes(op.Key), Value: b.bytes(op.Value),
	}
}

func decodeOp(m *chordpb.NumberedOp) (node.Op, error) {
	var d decoder
	kind := node.OpKind(m.Kind - 1)
	if kind < node.Insert || kind > node.Has {
		d.fail(node.Invalid, "an operation %d, which this version does not know", m.Kind)
	}
	op := node.Op{Kind: kind, Key: d.key(m.Key), Value: d.value(m.Value), One: m.One, Request: d.request(m.Request), Again: m.Again}
	return op, d.result()
}

// changes reports whether an operation may have an effect: where it was sent and
// not answered, nobody knows whether it did.
func changes(m *chordpb.NumberedOp) bool {
	switch {
	case m.Write != nil:
		return true
	case m.Read != nil:
		return false
	}
	return !node.OpKind(m.Kind - 1).Reads()
}

func decodeValues(in [][]byte) ([][]byte, error) {
	var d decoder
	return d.values(in), d.result()
}

func (d *decoder) bucket(n uint32) keyspace.Bucket {
	if n > math.MaxUint16 {
		d.fail(node.Invalid, "there is no bucket %d", n)
	}
	return keyspace.Bucket(n)
}

func encodeRange(r node.Range) *chordpb.Range {
	return &chordpb.Range{First: uint32(r.First), Last: uint32(r.Last)}
}

// ranges reads runs of buckets, which are in order and do not overlap.
func (d *decoder) ranges(field string, in []*chordpb.Range) []node.Range {
	next := uint32(0) // the first bucket that may come now
	return list(d, field, in, keyspace.Buckets, func(_ string, m *chordpb.Range) node.Range {
		if m.GetFirst() < next || m.GetLast() < m.GetFirst() {
			d.fail(node.Invalid, "%s are out of order at %d to %d", field, m.GetFirst(), m.GetLast())
		}
		r := node.Range{First: d.bucket(m.GetFirst()), Last: d.bucket(m.GetLast())}
		next = uint32(r.Last) + 1
		return r
	})
}
