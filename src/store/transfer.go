package store

import (
	"bytes"

	"chord/keyspace"
	"chord/value"
)

// Merge takes in a piece of what another replica knows of a key and reports
// whether anything changed.
func (t *Tx) Merge(p value.Piece) (changed bool, err error) {
	defer wrap("merge", &err)
	defer guard(&err)
	hashes, err := t.checkPiece(p)
	if err != nil {
		return false, err
	}
	id := keyspace.HashKey(p.Key)
	h, err := t.header(id, p.Key)
	if err != nil {
		return false, err
	}
	return t.merge(id, h, p, hashes)
}

// merge takes in a piece that is well formed. The context counts where the piece
// is the last.
func (t *Tx) merge(id keyspace.ID, h header, p value.Piece, hashes []keyspace.ID) (changed bool, err error) {
	t.see(p)
	to := h
	changes, err := t.compare(id, h, p, hashes)
	if err != nil {
		return false, err
	}
	for _, c := range changes {
		if t.noSpace && len(c.before) == 0 {
			return false, ErrNoSpace // what is here already, or goes, needs none
		}
		if err := t.replace(id, &to, c.hash, c.before, c.after); err != nil {
			return false, err
		}
		to.ahead = to.ahead.Join(c.after.Dots)
	}
	if p.Last {
		to.context = to.context.Join(p.Context)
	}
	if to.context.CoversAll(to.ahead) {
		to.ahead = nil
	}
	if len(changes) == 0 && to.context.Equal(h.context) {
		return false, nil
	}
	return true, t.save(id, h, to)
}

func (t *Tx) checkPiece(p value.Piece) ([]keyspace.ID, error) {
	if err := checkSizes(p.Key, nil); err != nil {
		return nil, err
	}
	for _, e := range p.Elements {
		if err := checkSizes(p.Key, e.Value); err != nil {
			return nil, err
		}
	}
	return p.Check()
}

// elementChange is what a merge does to one element: its dots before, and what
// it is after.
type elementChange struct {
	hash   keyspace.ID
	before []value.Dot
	after  value.Element
}

// compare walks the elements of a piece and those of its interval here, and
// returns what has to change.
func (t *Tx) compare(id keyspace.ID, h header, p value.Piece, hashes []keyspace.ID) ([]elementChange, error) {
	var changes []elementChange
	merge := func(hash keyspace.ID, val []byte, mine, theirs []value.Dot) {
		dots := value.MergeDots(mine, theirs, h.context, p.Context)
		if !equalDots(dots, mine) {
			changes = append(changes, elementChange{hash, mine, value.Element{Value: val, Dots: dots}})
		}
	}
	i := 0
	theirsBefore := func(limit *keyspace.ID) {
		for ; i < len(hashes) && (limit == nil || hashes[i].Compare(*limit) < 0); i++ {
			merge(hashes[i], p.Elements[i].Value, nil, p.Elements[i].Dots)
		}
	}
	err := t.elements(id, p.From, func(hash keyspace.ID, e value.Element) bool {
		if !p.Contains(hash) {
			return hash == p.From
		}
		theirsBefore(&hash)
		var theirs []value.Dot
		if i < len(hashes) && hashes[i] == hash {
			theirs = p.Elements[i].Dots
			i++
		}
		merge(hash, e.Value, e.Dots, theirs)
		return true
	})
	theirsBefore(nil)
	return changes, err
}

func equalDots(a, b []value.Dot) bool { return value.Context(a).Equal(b) }

// Cursor is where [View.Pieces] goes on: nil at the beginning.
type Cursor struct {
	at      keyspace.ID   // the key
	after   keyspace.ID   // the last hash that was sent; zero: none
	context value.Context // the key's when its first piece was made
	wanted  bool          // it was asked already whether the key is to be skipped
}

// Pieces returns what the buckets from first to last hold, in pieces of at most
// size bytes all together, or one element. The next call goes on at the cursor
// that it returns; nil: that was all. Removed keys travel as well. Skip, which may
// be nil, hears once of each key's digest, and whether the key stays out.
//
// Each call may have a View of its own. What changes on the way between two
// pieces of one set is left out of the later ones, unless it was removed; it
// shows as a difference of digests afterwards.
func (v *View) Pieces(first, last keyspace.Bucket, after *Cursor, size int, skip func(Digest) bool) (pieces []value.Piece, next *Cursor, err error) {
	defer wrap("pieces", &err)
	defer guard(&err)
	from := Cursor{at: first.First()}
	if after != nil {
		from = *after
	}
	c := v.items.Cursor()
	for k, row := c.Seek(from.at[:]); size > 0; {
		if k == nil || keyspace.BucketOf(keyspace.ID(k)) > last {
			return pieces, nil, nil
		}
		id, _, isHeader, err := splitKey(k)
		if err != nil || !isHeader {
			return nil, nil, corrupt("row %x has no header", k)
		}
		if id != from.at {
			from = Cursor{at: id}
		}
		h, err := readHeader(id, row)
		if err != nil {
			return nil, nil, err
		}
		if skip != nil && from.after.IsZero() && !from.wanted && skip(h.digest(id)) {
			k, row = skipElements(c, id, h.values)
			continue
		}
		from.wanted = true
		p, err := v.piece(h, from, size)
		if err != nil {
			return nil, nil, err
		}
		if len(pieces) > 0 && p.Size() > size {
			break
		}
		pieces = append(pieces, p)
		size -= p.Size()
		if from = from.past(p); p.Last {
			if from.at.IsZero() {
				return pieces, nil, nil
			}
			k, row = skipElements(c, id, h.values)
		}
	}
	return pieces, &from, nil
}

// past returns the cursor behind a piece; at zero: behind the last key of all.
func (c Cursor) past(p value.Piece) Cursor {
	if p.Last {
		return Cursor{at: c.at.AddPower(0)}
	}
	return Cursor{at: c.at, after: p.To, context: p.Context}
}

// piece makes one piece of a key's set.
func (v *View) piece(h header, from Cursor, size int) (value.Piece, error) {
	p := value.Piece{Key: bytes.Clone(h.key), Context: h.context, From: from.after, Last: true}
	if !from.after.IsZero() {
		p.Context = from.context
	}
	room := size - p.Size()
	err := v.elements(from.at, from.after, func(hash keyspace.ID, e value.Element) bool {
		if hash == from.after {
			return true // it was the last one of the piece before
		}
		e.Dots = older(e.Dots, h.context, p.Context)
		if room -= e.Size(); room < 0 && len(p.Elements) > 0 {
			p.Last = false
			return false
		}
		if p.To = hash; len(e.Dots) > 0 {
			e.Value = bytes.Clone(e.Value)
			p.Elements = append(p.Elements, e)
		}
		return true
	})
	if p.Last {
		p.To = keyspace.ID{}
	}
	return p, err
}

// older returns the dots without those that were seen after the first piece.
func older(dots []value.Dot, now, then value.Context) []value.Dot {
	var kept []value.Dot
	for _, d := range dots {
		if then.Covers(d) || !now.Covers(d) {
			kept = append(kept, d)
		}
	}
	return kept
}
