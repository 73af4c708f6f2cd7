package wire

import (
	"chord/node"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// encodePiece writes dots and elements as the database does: one form to keep
// stable, and one decoder that takes no other.
func encodePiece(p value.Piece) *chordpb.Piece {
	b := newBlock(p.Size())
	return b.piece(p)
}

// decodePiece answers only with pieces that [value.Piece.Check] takes.
func decodePiece(m *chordpb.Piece) (value.Piece, error) {
	var d decoder
	return d.piece(m), d.result()
}

func (d *decoder) piece(m *chordpb.Piece) value.Piece {
	p := value.Piece{
		Key: d.key(m.GetKey()), Last: m.GetLast(), Context: d.context(m.GetContext()),
		From: d.optionalID("from", m.GetFrom()), To: d.optionalID("to", m.GetTo()),
		Elements: d.elements(m.GetElements()),
	}
	if !p.To.IsZero() && p.From.Compare(p.To) >= 0 {
		d.fail(node.Invalid, "a piece of an empty interval")
	}
	if d.err == nil {
		if _, err := p.Check(); err != nil {
			d.fail(node.Invalid, "a piece that is out of order")
		}
	}
	return p
}

// context reads no bytes as a context that has seen nothing.
func (d *decoder) context(b []byte) value.Context {
	if len(b) == 0 {
		return nil
	}
	c, rest, err := value.DecodeContext(b)
	if err != nil || len(rest) > 0 {
		d.fail(node.Invalid, "what has been seen of a key")
	}
	return c
}

func (d *decoder) elements(in [][]byte) []value.Element {
	return list(d, "elements", in, store.MaxValues, func(_ string, b []byte) value.Element {
		e, err := value.DecodeElement(b)
		if err != nil {
			d.fail(node.Invalid, "an element of a set")
		}
		d.value(e.Value)
		return e
	})
}
