package wire

import (
	"math"

	"chord/keyspace"
	"chord/node"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

func encodeOp(op node.Op) *chordpb.DoRequest {
	return &chordpb.DoRequest{Kind: chordpb.OpKind(op.Kind + 1), Key: op.Key, Value: op.Value}
}

func decodeOp(m *chordpb.DoRequest) (node.Op, error) { return checkOp(m.Kind, m.Key, m.Value) }

func decodeNumberedOp(m *chordpb.NumberedOp) (node.Op, error) { return checkOp(m.Kind, m.Key, m.Value) }

func checkOp(k chordpb.OpKind, key, value []byte) (node.Op, error) {
	var d decoder
	kind := node.OpKind(k - 1)
	if kind < node.Insert || kind > node.Retrieve {
		d.fail(node.Invalid, "an operation %d, which this version does not know", k)
	}
	return node.Op{Kind: kind, Key: d.key(key), Value: d.value(value)}, d.result()
}

func encodeResult(r node.Result) *chordpb.DoResponse { return &chordpb.DoResponse{Values: r.Values} }

func decodeResult(m *chordpb.DoResponse) (node.Result, error) {
	values, err := decodeValues(m.Values)
	return node.Result{Values: values}, err
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

func encodeEpoch(e node.BucketEpoch) *chordpb.BucketEpoch {
	return &chordpb.BucketEpoch{Bucket: uint32(e.Bucket), Epoch: e.Epoch}
}

// epochs reads the epochs of buckets, which are in order and named once.
func (d *decoder) epochs(in []*chordpb.BucketEpoch) []node.BucketEpoch {
	next := uint32(0) // the first bucket that may come now
	return list(d, "epochs", in, keyspace.Buckets, func(field string, e *chordpb.BucketEpoch) node.BucketEpoch {
		if e.GetBucket() < next {
			d.fail(node.Invalid, "%s are out of order at %d", field, e.GetBucket())
		}
		next = e.GetBucket() + 1
		return node.BucketEpoch{Bucket: d.bucket(e.GetBucket()), Epoch: e.GetEpoch()}
	})
}

func encodePull(p node.Pull) *chordpb.PullRequest {
	return &chordpb.PullRequest{
		From: encodeMember(p.From), Ranges: encodeList(p.Ranges, encodeRange), Epochs: encodeList(p.Epochs, encodeEpoch),
	}
}

func decodePull(m *chordpb.PullRequest) (node.Pull, error) {
	var d decoder
	p := node.Pull{From: d.member("from", m.From), Ranges: d.ranges("ranges", m.Ranges), Epochs: d.epochs(m.Epochs)}
	return p, d.result()
}

func encodePullReply(r node.PullReply) *chordpb.PullResponse {
	return &chordpb.PullResponse{
		Coming: encodeList(r.Coming, encodeRange),
		Elsewhere: encodeList(r.Elsewhere, func(h node.Hint) *chordpb.Hint {
			return &chordpb.Hint{Ranges: encodeList(h.Ranges, encodeRange), At: encodePeer(h.At)}
		}),
	}
}

func decodePullReply(m *chordpb.PullResponse) (node.PullReply, error) {
	var d decoder
	r := node.PullReply{
		Coming: d.ranges("ranges", m.Coming),
		Elsewhere: list(&d, "hints", m.Elsewhere, maxMembers, func(_ string, h *chordpb.Hint) node.Hint {
			return node.Hint{Ranges: d.ranges("ranges", h.GetRanges()), At: d.peer("at", h.GetAt())}
		}),
	}
	return r, d.result()
}

func encodePush(p node.Push) *chordpb.PushHead {
	return &chordpb.PushHead{From: encodeMember(p.From), Epochs: encodeList(p.Epochs, encodeEpoch)}
}

func decodePush(m *chordpb.PushHead) (node.Push, error) {
	var d decoder
	p := node.Push{From: d.member("from", m.GetFrom()), Epochs: d.epochs(m.GetEpochs())}
	return p, d.result()
}

// encodePiece writes dots and elements as the database does: one form to keep
// stable, and one decoder that takes no other.
func encodePiece(p value.Piece) *chordpb.Piece {
	m := &chordpb.Piece{
		Key: p.Key, Last: p.Last,
		From: encodeOptionalID(p.From), To: encodeOptionalID(p.To),
		Elements: make([][]byte, len(p.Elements)),
	}
	if len(p.Context) > 0 {
		m.Context = value.AppendDots(nil, p.Context)
	}
	for i, e := range p.Elements {
		m.Elements[i] = value.AppendElement(make([]byte, 0, e.Size()), e)
	}
	return m
}

// decodePiece answers only with pieces that [value.Piece.Check] takes.
func decodePiece(m *chordpb.Piece) (value.Piece, error) {
	var d decoder
	p := value.Piece{
		Key: d.key(m.GetKey()), Last: m.GetLast(),
		From: d.optionalID("from", m.GetFrom()), To: d.optionalID("to", m.GetTo()),
	}
	if len(m.GetContext()) > 0 {
		context, rest, err := value.DecodeContext(m.Context)
		if err != nil || len(rest) > 0 {
			d.fail(node.Invalid, "the context of a piece")
		}
		p.Context = context
	}
	p.Elements = list(&d, "elements", m.GetElements(), store.MaxValues, func(_ string, b []byte) value.Element {
		e, err := value.DecodeElement(b)
		if err != nil {
			d.fail(node.Invalid, "an element of a piece")
		}
		d.value(e.Value)
		return e
	})
	if _, err := p.Check(); d.err == nil && err != nil {
		d.fail(node.Invalid, "a piece that is out of order")
	}
	return p, d.result()
}
