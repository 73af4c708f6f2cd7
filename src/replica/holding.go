package replica

import (
	"encoding/binary"
	"errors"

	"chord/keyspace"
)

// State is where a bucket stands with a node. Its order, within one epoch, is
// the order in which a node goes through them.
type State byte

const (
	// Absent: the node never had the bucket.
	Absent State = iota
	// Handing: frozen here and on its way; nobody answers for it.
	Handing
	// Gone: handed over; Holding.To has it, or knows more.
	Gone
	// Held: this node answers for it.
	Held
)

// String returns the state in lower case.
func (s State) String() string {
	return [...]string{"absent", "handing", "gone", "held"}[s]
}

// Holding is what a node durably knows of one bucket.
type Holding struct {
	State State
	// Epoch counts the hand-overs of the bucket. A holder's epoch is that of the
	// hand-over that brought it; 1 is the founder's.
	Epoch uint64
	// To is whom the bucket goes or went to; of Handing and Gone.
	To keyspace.ID
	// From is who gave the bucket in Epoch From, kept after it went on: a repeat
	// of that hand-over is recognised and confirmed again.
	From      keyspace.ID
	FromEpoch uint64
	// Parts is set while some of the bucket's content may lie here though the
	// bucket is not held: on its way in, or not yet deleted after it went out.
	Parts bool
}

// Errors of hand-overs.
var (
	// ErrNotHeld refuses what only the holder of a bucket may do.
	ErrNotHeld = errors.New("replica: the bucket is not held here")
	// ErrStale refuses a hand-over that a later one overtook. Where the bucket
	// went, Holding.To says.
	ErrStale = errors.New("replica: a later hand-over of the bucket is known here")
)

// Found is the holding of each bucket with the node that founds a ring.
func Found() Holding { return Holding{State: Held, Epoch: 1} }

// Freeze starts the hand-over to another node: from here on nobody answers for
// the bucket until the receiver does. It must be durable before anything is
// sent.
func (h Holding) Freeze(to keyspace.ID) (Holding, error) {
	if h.State != Held {
		return h, ErrNotHeld
	}
	h.State, h.Epoch, h.To = Handing, h.Epoch+1, to
	return h, nil
}

// Receive ends the hand-over on the receiver's side; the new holding must be
// durable, and the content with it, before it is confirmed. Where the bucket is
// held already, its content was merged and the epoch becomes the later one, so
// that nobody hands over behind it. A repeated hand-over gives the same holding
// again; one that was overtaken, [ErrStale].
func (h Holding) Receive(from keyspace.ID, epoch uint64) (Holding, error) {
	switch {
	case h.State == Held:
		h.Epoch = max(h.Epoch, epoch)
		return h, nil
	case h.Received(from, epoch):
		return h, nil
	case epoch <= h.Epoch:
		return h, ErrStale
	}
	return Holding{State: Held, Epoch: epoch, From: from, FromEpoch: epoch}, nil
}

// Received reports whether this very hand-over brought the bucket here, though
// it may have gone on.
func (h Holding) Received(from keyspace.ID, epoch uint64) bool {
	return epoch != 0 && h.From == from && h.FromEpoch == epoch
}

// Prepare marks that parts of the bucket's content are about to be stored here,
// ahead of [Holding.Receive].
func (h Holding) Prepare() Holding {
	h.Parts = h.Parts || h.State != Held
	return h
}

// Redirect sends a frozen bucket to another node than the first. Only two may
// get it: who is known to have had it later than this node, so that it merges
// the content or knows who can; or anybody, where the first left the ring and it
// is known that it never took the bucket. Everything else makes two holders.
func (h Holding) Redirect(to keyspace.ID) (Holding, error) {
	if h.State != Handing {
		return h, ErrNotHeld
	}
	h.To = to
	return h, nil
}

// TakeBack ends a hand-over to a node that left the ring and never took the
// bucket: this node serves it again. The epoch grows, so that what is left of
// the hand-over counts as overtaken.
func (h Holding) TakeBack() (Holding, error) {
	if h.State != Handing {
		return h, ErrNotHeld
	}
	h.State, h.Epoch, h.To = Held, h.Epoch+1, keyspace.ID{}
	return h, nil
}

// Confirm ends the hand-over of the epoch on the sender's side: the content may
// be deleted now.
func (h Holding) Confirm(epoch uint64) Holding {
	if h.State == Handing && h.Epoch == epoch {
		h.State, h.Parts = Gone, true
	}
	return h
}

// Clear marks that no content is left here of a bucket that is not held.
func (h Holding) Clear() Holding {
	h.Parts = false
	return h
}

const (
	holdingVersion = 1
	holdingSize    = 3 + 8 + keyspace.Size + keyspace.Size + 8
)

// Encode returns the holding as the bytes that stand in the database.
func (h Holding) Encode() []byte {
	b := make([]byte, 0, holdingSize)
	b = append(b, holdingVersion, byte(h.State), 0)
	if h.Parts {
		b[2] = 1
	}
	b = binary.BigEndian.AppendUint64(b, h.Epoch)
	b = append(append(b, h.To[:]...), h.From[:]...)
	return binary.BigEndian.AppendUint64(b, h.FromEpoch)
}

// ErrHolding says that stored bytes are no holding.
var ErrHolding = errors.New("replica: damaged record of a bucket's holding")

// DecodeHolding reads what [Holding.Encode] wrote; no bytes are the holding of
// a bucket that was never here.
func DecodeHolding(b []byte) (Holding, error) {
	if len(b) == 0 {
		return Holding{}, nil
	}
	if len(b) != holdingSize || b[0] != holdingVersion || State(b[1]) > Held || b[2] > 1 {
		return Holding{}, ErrHolding
	}
	h := Holding{State: State(b[1]), Parts: b[2] == 1, Epoch: binary.BigEndian.Uint64(b[3:])}
	rest := b[11:]
	copy(h.To[:], rest)
	copy(h.From[:], rest[keyspace.Size:])
	h.FromEpoch = binary.BigEndian.Uint64(rest[2*keyspace.Size:])
	return h, nil
}
