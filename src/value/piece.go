package value

import (
	"errors"
	"slices"

	"chord/keyspace"
)

// Piece is a part of a key's set, so that a large set travels in messages of
// bounded size: its elements with hashes in (From, To]. A zero From is the
// beginning, a zero To the end; both zero stand for the whole set.
//
// Invariant: all pieces of one journey carry the same Context, that of the set
// when the first was made, and none of the dots that the sender has seen since.
// The receiver joins it with the last piece; had the context seen more than
// arrived, values would count as removed.
type Piece struct {
	Key      []byte
	Context  Context
	From, To keyspace.ID
	Elements []Element
	// Last is set on the last piece of a set. The pieces go in order, and the
	// last counts only for who merged all before it.
	Last bool
}

// ErrPiece says that a piece is not well formed.
var ErrPiece = errors.New("value: malformed piece")

// Contains reports whether the hash of a value lies in the piece's interval.
func (p Piece) Contains(h keyspace.ID) bool {
	return (p.From.IsZero() || h.Compare(p.From) > 0) && (p.To.IsZero() || h.Compare(p.To) <= 0)
}

// Size returns about how many bytes the piece takes in a message.
func (p Piece) Size() int {
	size := len(p.Key) + (len(p.Context)+2)*dotSize
	for _, e := range p.Elements {
		size += e.Size()
	}
	return size
}

// Size returns about how many bytes the element takes in a message.
func (e Element) Size() int { return len(e.Value) + len(e.Dots)*dotSize + 8 }

// Check returns the hashes of the piece's elements, or [ErrPiece] where they
// are out of order or out of the interval, or dots are missing or out of order.
func (p Piece) Check() ([]keyspace.ID, error) {
	hashes := make([]keyspace.ID, len(p.Elements))
	if !ascending(p.Context, compareActors) {
		return nil, ErrPiece
	}
	for i, e := range p.Elements {
		hashes[i] = Hash(e.Value)
		ordered := i == 0 || hashes[i-1].Compare(hashes[i]) < 0
		if !ordered || !p.Contains(hashes[i]) || len(e.Dots) == 0 || !ascending(e.Dots, Dot.Compare) {
			return nil, ErrPiece
		}
	}
	return hashes, nil
}

func compareActors(a, b Dot) int { return a.Actor.Compare(b.Actor) }

// ascending reports whether dots are strictly in order and none is zero.
func ascending(dots []Dot, compare func(a, b Dot) int) bool {
	for i, d := range dots {
		if d.Seq == 0 || i > 0 && compare(dots[i-1], d) >= 0 {
			return false
		}
	}
	return true
}

// Pieces cuts the set into pieces of at most size bytes, or one element.
func (s Set) Pieces(key []byte, size int) []Piece {
	pieces := []Piece{{Key: key, Context: s.Context}}
	for _, e := range s.Elements {
		p := &pieces[len(pieces)-1]
		if len(p.Elements) > 0 && p.Size()+e.Size() > size {
			p.To = Hash(p.Elements[len(p.Elements)-1].Value)
			pieces = append(pieces, Piece{Key: key, Context: s.Context, From: p.To})
			p = &pieces[len(pieces)-1]
		}
		p.Elements = append(p.Elements, e)
	}
	pieces[len(pieces)-1].Last = true
	return pieces
}

// MergePiece takes in a piece of what another replica knows and reports whether
// anything changed. Only elements in the piece's interval are looked at; the
// context is joined with the last piece. The piece must be well formed.
func (s *Set) MergePiece(p Piece) bool {
	from, found := slices.BinarySearchFunc(s.Elements, p.From, func(e Element, h keyspace.ID) int {
		return Hash(e.Value).Compare(h)
	})
	if found && !p.From.IsZero() {
		from++
	}
	to := from
	for to < len(s.Elements) && p.Contains(Hash(s.Elements[to].Value)) {
		to++
	}
	merged, changed := mergeElements(s.Elements[from:to], p.Elements, s.Context, p.Context)
	if changed {
		s.Elements = slices.Concat(s.Elements[:from], merged, s.Elements[to:])
	}
	if p.Last && !s.Context.CoversAll(p.Context) {
		s.Context = s.Context.Join(p.Context)
		changed = true
	}
	return changed
}

// mergeElements joins two runs of elements in the order of their hashes.
func mergeElements(mine, theirs []Element, my, their Context) (merged []Element, changed bool) {
	keep := func(v []byte, a, b []Dot) {
		dots := MergeDots(a, b, my, their)
		changed = changed || !slices.Equal(dots, a)
		if len(dots) > 0 {
			merged = append(merged, Element{Value: v, Dots: dots})
		}
	}
	for len(mine) > 0 || len(theirs) > 0 {
		order := 0
		switch {
		case len(theirs) == 0:
			order = -1
		case len(mine) == 0:
			order = 1
		default:
			order = Hash(mine[0].Value).Compare(Hash(theirs[0].Value))
		}
		switch {
		case order < 0:
			keep(mine[0].Value, mine[0].Dots, nil)
			mine = mine[1:]
		case order > 0:
			keep(theirs[0].Value, nil, theirs[0].Dots)
			theirs = theirs[1:]
		default:
			keep(mine[0].Value, mine[0].Dots, theirs[0].Dots)
			mine, theirs = mine[1:], theirs[1:]
		}
	}
	return merged, changed
}
