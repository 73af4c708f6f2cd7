package replica

import (
	"encoding/binary"
	"slices"

	"chord/keyspace"
	"chord/value"
)

// PurgeID names one purge; whoever begins one draws it at random.
type PurgeID [16]byte

// Removed is a key without values, and what had been seen of it by then.
type Removed struct {
	Key     []byte
	Context value.Context
}

// Purge is the forgetting of removed keys of one bucket. It goes in three steps:
// closure, who may have something of them; confirm, each of these makes them
// removed keys and raises its epoch; finish, all forget them. From the second
// step on, nothing that was sent in an epoch before is taken any more.
type Purge struct {
	ID    PurgeID
	Epoch uint64
	Keys  []Removed
}

// Size is about the number of bytes that it takes in a message.
func (p Purge) Size() int {
	size := 32
	for _, k := range p.Keys {
		size += len(k.Key) + len(value.AppendDots(nil, k.Context)) + 8
	}
	return size
}

// Purges is what a node durably knows of the purges of a bucket: the epoch of
// its copy, and those that it confirmed and has not heard the end of. Methods
// leave it as it is and return what it becomes.
type Purges struct {
	Epoch uint64
	Open  []Purge
}

func (s Purges) find(id PurgeID) int {
	return slices.IndexFunc(s.Open, func(p Purge) bool { return p.ID == id })
}

// Prepare confirms a purge. It is not ok where the epoch is none that is new
// here: whoever began it begins again above this one. Changed: before the answer
// the keys must be merged as removed ones, durably together with what Purges
// becomes.
func (s Purges) Prepare(p Purge) (next Purges, ok, changed bool) {
	if s.find(p.ID) >= 0 {
		return s, true, false
	}
	if p.Epoch <= s.Epoch {
		return s, false, false
	}
	return Purges{p.Epoch, append(slices.Clone(s.Open), p)}, true, true
}

// Finish ends a purge that everybody has confirmed, and returns what is to be
// forgotten. Older ones that are open still are dropped: either they are
// finished, or somebody who refused them keeps them from ever being so.
func (s Purges) Finish(id PurgeID) (next Purges, forget []Removed) {
	i := s.find(id)
	if i < 0 {
		return s, nil
	}
	done := s.Open[i]
	next = Purges{Epoch: s.Epoch}
	for _, p := range s.Open {
		if p.Epoch > done.Epoch {
			next.Open = append(next.Open, p)
		}
	}
	return next, done.Keys
}

// CatchUp takes part in what another node confirmed, and returns which keys are
// to be merged as removed ones with it. This and [Purges.Prepare] alone raise an
// epoch. Where the other one has no purge open any more, all who had something
// of its keys have confirmed it: so this copy has nothing of them, unless it is
// older than it believes ([Copy.Doubted]).
func (s Purges) CatchUp(other Purges) (next Purges, merge []Removed) {
	if other.Epoch <= s.Epoch {
		return s, nil
	}
	next = Purges{other.Epoch, slices.Clone(s.Open)}
	for _, p := range other.Open {
		if s.find(p.ID) < 0 {
			next.Open = append(next.Open, p)
			merge = append(merge, p.Keys...)
		}
	}
	return next, merge
}

// Encode returns the open purges as the bytes that stand in the database; nil
// where there are none.
func (s Purges) Encode() (b []byte) {
	for _, p := range s.Open {
		b = append(b, p.ID[:]...)
		b = binary.AppendUvarint(b, p.Epoch)
		b = binary.AppendUvarint(b, uint64(len(p.Keys)))
		for _, k := range p.Keys {
			b = binary.AppendUvarint(b, uint64(len(k.Key)))
			b = append(b, k.Key...)
			b = value.AppendDots(b, k.Context)
		}
	}
	return b
}

// DecodePurges reads what [Purges.Encode] wrote.
func DecodePurges(epoch uint64, b []byte) (Purges, error) {
	s := Purges{Epoch: epoch}
	for len(b) > 0 {
		if len(b) < len(PurgeID{}) {
			return s, ErrCopy
		}
		p := Purge{ID: PurgeID(b)}
		var count uint64
		var err error
		if p.Epoch, b, err = value.DecodeUvarint(b[len(p.ID):]); err == nil {
			count, b, err = value.DecodeUvarint(b)
		}
		for ; err == nil && count > 0; count-- {
			var k Removed
			if k, b, err = decodeRemoved(b); err == nil {
				p.Keys = append(p.Keys, k)
			}
		}
		if err != nil {
			return s, ErrCopy
		}
		s.Open = append(s.Open, p)
	}
	return s, nil
}

func decodeRemoved(b []byte) (k Removed, rest []byte, err error) {
	size, b, err := value.DecodeUvarint(b)
	if err != nil || size > uint64(len(b)) {
		return k, nil, ErrCopy
	}
	k.Key = slices.Clone(b[:size])
	k.Context, rest, err = value.DecodeContext(b[size:])
	return k, rest, err
}

// Purging is a purge as the one who began it sees it, itself among the holders.
// It is in memory alone: one that is given up has taken nothing away.
type Purging struct {
	Purge
	holders   []keyspace.ID // in order: the closure so far
	confirmed map[keyspace.ID]bool
	refused   uint64
}

// NewPurging begins a purge. Holders are who may have something of the keys as
// far as is known: self, the group, who made the dots, the peers of the copy.
func NewPurging(p Purge, holders []keyspace.ID) *Purging {
	g := &Purging{Purge: p, confirmed: make(map[keyspace.ID]bool)}
	for _, k := range p.Keys {
		for _, d := range k.Context {
			holders = append(slices.Clip(holders), d.Node)
		}
	}
	g.extend(holders)
	return g
}

func (g *Purging) extend(ids []keyspace.ID) {
	for _, id := range ids {
		if i, ok := slices.BinarySearchFunc(g.holders, id, keyspace.ID.Compare); !ok {
			g.holders = slices.Insert(g.holders, i, id)
		}
	}
}

// Holders returns all who may have something of the keys, as far as is known.
func (g *Purging) Holders() []keyspace.ID { return slices.Clone(g.holders) }

// Replace says that somebody cannot be asked any more, for ever, and that all
// of these take its place: with it went its notes of whom it gave something to.
func (g *Purging) Replace(gone keyspace.ID, all []keyspace.ID) {
	g.extend(all)
	g.confirmed[gone] = true
}

// Missing returns who must still confirm, in order; nobody: it can be finished,
// if it was not refused.
func (g *Purging) Missing() []keyspace.ID {
	return slices.DeleteFunc(slices.Clone(g.holders), func(id keyspace.ID) bool { return g.confirmed[id] })
}

// Answer takes in what a holder said: whether it confirmed, its epoch, and whom
// its copy has as peers.
func (g *Purging) Answer(from keyspace.ID, ok bool, epoch uint64, peers []keyspace.ID) {
	if ok {
		g.confirmed[from] = true
		g.extend(peers)
	} else if !g.confirmed[from] {
		g.refused = max(g.refused, epoch)
	}
}

// Refused returns the largest epoch of those who refused, and whether somebody
// did: then the purge must begin again above it.
func (g *Purging) Refused() (epoch uint64, refused bool) { return g.refused, g.refused > 0 }
