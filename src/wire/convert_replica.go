package wire

import (
	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// encodeWrite shares memory with nothing but the key of w.
func encodeWrite(w node.Write) *chordpb.Write {
	return &chordpb.Write{
		From: w.From[:], Stamp: w.Stamp[:], Epoch: w.Epoch, Request: encodeRequest(w.Request),
		Before: encodeContext(w.Delta.Before), Delta: encodePiece(w.Delta.Piece),
	}
}

func decodeWrite(m *chordpb.Write) (node.Write, error) {
	var d decoder
	w := node.Write{
		From: d.id("from", m.From), Stamp: d.stamp(m.Stamp), Epoch: m.Epoch, Request: d.request(m.Request),
		Delta: value.Delta{Before: d.context(m.Before), Piece: d.piece(m.Delta)},
	}
	return w, d.result()
}

func encodeRead(r node.Read) *chordpb.Read {
	return &chordpb.Read{
		From: r.From[:], Stamp: r.Stamp[:], Epoch: r.Epoch, Key: r.Key, Digest: r.Digest[:], Request: encodeRequest(r.Request),
	}
}

func decodeRead(m *chordpb.Read) (node.Read, error) {
	var d decoder
	r := node.Read{
		From: d.id("from", m.From), Stamp: d.stamp(m.Stamp), Epoch: m.Epoch,
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
		m.Set = &chordpb.Set{Context: encodeContext(r.Set.Context), Elements: encodeElements(r.Set.Elements)}
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

func encodeRequest(id node.RequestID) []byte {
	if id == (node.RequestID{}) {
		return nil
	}
	return id[:]
}

// request reads the name of a request; no bytes: it has none.
func (d *decoder) request(b []byte) (id node.RequestID) {
	if len(b) == 0 {
		return id
	}
	d.fixed("a request's name", b, id[:])
	return id
}

func (d *decoder) stamp(b []byte) (s replica.Stamp) {
	d.fixed("a stamp", b, s[:])
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
