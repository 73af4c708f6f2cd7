package wire

import (
	"encoding/binary"

	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// encodeWrite shares no memory with w: whoever asks may leave, and change it,
// before it is sent.
func encodeWrite(w node.Write) *chordpb.Write {
	b := newBlock(w.Delta.Size() + dotsSize(w.Delta.Before) + len(w.From) + len(w.Request))
	return &chordpb.Write{
		From: b.bytes(w.From[:]), Stamp: encodeStamp(w.Stamp), Epoch: w.Epoch, Request: b.request(w.Request),
		Before: b.dots(w.Delta.Before), Delta: b.piece(w.Delta.Piece),
	}
}

func decodeWrite(m *chordpb.Write) (node.Write, error) {
	var d decoder
	w := node.Write{
		From: d.id("from", m.From), Stamp: decodeStamp(m.Stamp), Epoch: m.Epoch, Request: d.request(m.Request),
		Delta: value.Delta{Before: d.context(m.Before), Piece: d.piece(m.Delta)},
	}
	return w, d.result()
}

// encodeRead shares no memory with r.
func encodeRead(r node.Read) *chordpb.Read {
	b := newBlock(len(r.Key) + readOverhead)
	return &chordpb.Read{
		From: b.bytes(r.From[:]), Stamp: encodeStamp(r.Stamp), Epoch: r.Epoch,
		Key: b.bytes(r.Key), Digest: b.bytes(r.Digest[:]), Request: b.request(r.Request),
	}
}

func decodeRead(m *chordpb.Read) (node.Read, error) {
	var d decoder
	r := node.Read{
		From: d.id("from", m.From), Stamp: decodeStamp(m.Stamp), Epoch: m.Epoch,
		Key: d.key(m.Key), Digest: d.digest(m.Digest), Request: d.request(m.Request),
	}
	return r, d.result()
}

// encodeReadReply leaves out a set that is too large for one message: it must be
// fetched.
func encodeReadReply(r node.ReadReply) *chordpb.ReadResult {
	m := &chordpb.ReadResult{Same: r.Same, Digest: r.Digest[:], Large: r.Large, Done: r.Done}
	whole := value.Piece{Context: r.Set.Context, Elements: r.Set.Elements}
	switch {
	case whole.Size() > maxSet:
		m.Large = true
	case len(r.Set.Context)+len(r.Set.Elements) > 0:
		b := newBlock(whole.Size())
		m.Set = &chordpb.Set{Context: b.dots(r.Set.Context), Elements: b.elements(r.Set.Elements)}
	}
	return m
}

func decodeReadReply(m *chordpb.ReadResult) (node.ReadReply, error) {
	var d decoder
	if m == nil {
		d.fail(node.Invalid, "the answer to a read is missing")
		return node.ReadReply{}, d.result()
	}
	r := node.ReadReply{
		Same: m.Same, Digest: d.digest(m.Digest), Large: m.Large, Done: m.Done,
		Set: value.Set{Context: d.context(m.Set.GetContext()), Elements: d.elements(m.Set.GetElements())},
	}
	whole := value.Piece{Context: r.Set.Context, Elements: r.Set.Elements, Last: true}
	if d.err == nil {
		if _, err := whole.Check(); err != nil {
			d.fail(node.Invalid, "a set that is out of order")
		}
	}
	if (r.Same || r.Large) && m.Set != nil {
		d.fail(node.Invalid, "a set that need not travel")
	}
	return r, d.result()
}

// request reads the name of a request; no bytes: it has none.
func (d *decoder) request(b []byte) (id node.RequestID) {
	if len(b) == 0 {
		return id
	}
	d.fixed("a request's name", b, id[:])
	return id
}

func encodeStamp(s replica.Stamp) uint64 { return binary.BigEndian.Uint64(s[:]) }

func decodeStamp(n uint64) (s replica.Stamp) {
	binary.BigEndian.PutUint64(s[:], n)
	return s
}

func (d *decoder) digest(b []byte) (sum store.Digest) {
	d.fixed("a digest", b, sum[:])
	return sum
}

// fixed reads bytes whose number never changes.
func (d *decoder) fixed(field string, b, into []byte) {
	if copy(into, b) != len(into) || len(b) != len(into) {
		d.fail(node.Invalid, "%s has %d bytes, want %d", field, len(b), len(into))
	}
}
