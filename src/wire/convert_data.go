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
		Kind: chordpb.OpKind(op.Kind + 1), One: op.One, Request: b.request(op.Request),
		Key: b.bytes(op.Key), Value: b.bytes(op.Value),
	}
}

func decodeOp(m *chordpb.NumberedOp) (node.Op, error) {
	var d decoder
	kind := node.OpKind(m.Kind - 1)
	if kind < node.Insert || kind > node.Delete {
		d.fail(node.Invalid, "an operation %d, which this version does not know", m.Kind)
	}
	op := node.Op{Kind: kind, Key: d.key(m.Key), Value: d.value(m.Value), One: m.One, Request: d.request(m.Request)}
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
	return m.Kind != chordpb.OpKind_OP_KIND_RETRIEVE && m.Kind != chordpb.OpKind_OP_KIND_GET
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
