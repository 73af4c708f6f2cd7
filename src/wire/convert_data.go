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
		From: encodeOptionalID(op.From), Limit: uint32(max(0, op.Limit)),
		Key: b.bytes(op.Key), Value: b.bytes(op.Value),
	}
}

func decodeOp(m *chordpb.NumberedOp) (node.Op, error) {
	var d decoder
	kind := node.OpKind(m.Kind - 1)
	if kind < node.Insert || kind > node.Page {
		d.fail(node.Invalid, "an operation %d, which this version does not know", m.Kind)
	}
	op := node.Op{
		Kind: kind, Key: d.key(m.Key), Value: d.value(m.Value), One: m.One, Request: d.request(m.Request), Again: m.Again,
		From: d.optionalID("from", m.From), Limit: d.number(m.Limit),
	}
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

func encodeResult(m *chordpb.NumberedResult, r node.Result) *chordpb.NumberedResult {
	m.Values, m.Changed, m.Count, m.Next = r.Values, r.Changed, r.Count, encodeOptionalID(r.Next)
	return m
}

// decodeResult reads what came of an operation. A page that says where the next
// begins goes on: who asks for all must come to an end.
func decodeResult(op node.Op, m *chordpb.NumberedResult) (node.Result, error) {
	var d decoder
	r := node.Result{
		Values: d.values(m.GetValues()), Changed: m.GetChanged(), Count: m.GetCount(), Next: d.optionalID("next", m.GetNext()),
	}
	if !r.Next.IsZero() && (r.Next.Compare(op.From) <= 0 || len(r.Values) == 0) {
		d.fail(node.Invalid, "a page that does not go on")
	}
	return r, d.result()
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
