package replica

import (
	"encoding/binary"
	"errors"
	"slices"

	"chord/keyspace"
)

// CopyState is how much of a bucket a node has.
type CopyState byte

const (
	// Missing: nothing of the bucket is here.
	Missing CopyState = iota
	// Partial: something may be here and something acknowledged may not. Such a
	// copy takes writes, and no read counts it.
	Partial
	// Former: it was synced until its node left the bucket's group. It is no
	// member's copy, and stale as soon as the group has taken a write; to one who
	// fills a copy it counts while the placement is the first without its node.
	Former
	// Synced: whatever was acknowledged and is not here is with so many of the
	// others that a read quorum finds it.
	Synced
)

// String returns the state in lower case.
func (s CopyState) String() string { return [...]string{"missing", "partial", "former", "synced"}[s] }

// Copy is what a node durably knows of its copy of one bucket. The node being in
// the bucket's group or not is no part of it: that follows from the placement.
type Copy struct {
	State CopyState
	// Since, of a former copy, is the stamp of the placement under which its node
	// was first outside of the group.
	Since Stamp
	// Version counts the changes of this record.
	Version uint64
	// Epoch is that of the last purge which the copy took part in.
	Epoch uint64
	// Doubted: the copy is from a database that is older than what this node once
	// had, and may have what was removed and forgotten since. It takes nothing from
	// others and gives them nothing, other doubted copies left out, until it is
	// synced; where others are in a later epoch it is thrown away. A synced copy is
	// never doubted.
	Doubted bool
	// Peers is whom this node ever sent something of the bucket to or got it from,
	// in order. It is shared: nobody writes to it.
	Peers []keyspace.ID
}

// Knows reports whether id is noted as a peer.
func (c Copy) Knows(id keyspace.ID) bool {
	_, ok := slices.BinarySearchFunc(c.Peers, id, keyspace.ID.Compare)
	return ok
}

// Note returns the copy with more peers noted, and whether that changed it.
func (c Copy) Note(peers ...keyspace.ID) (Copy, bool) {
	changed := false
	for _, id := range peers {
		if i, ok := slices.BinarySearchFunc(c.Peers, id, keyspace.ID.Compare); !ok {
			c.Peers = slices.Insert(slices.Clone(c.Peers), i, id)
			changed = true
		}
	}
	if changed {
		c.Version++
	}
	return c, changed
}

// To returns the copy in another state.
func (c Copy) To(s CopyState) Copy {
	c.State, c.Since = s, Stamp{}
	c.Doubted = c.Doubted && s != Synced
	c.Version++
	return c
}

// Leave returns a synced copy as a former one.
func (c Copy) Leave(since Stamp) Copy {
	c = c.To(Former)
	c.Since = since
	return c
}

// Doubt returns the copy as one that cannot be trusted.
func (c Copy) Doubt() Copy {
	c.State, c.Since = min(c.State, Partial), Stamp{}
	c.Doubted = true
	c.Version++
	return c
}

// Enter returns the copy in a later epoch.
func (c Copy) Enter(epoch uint64) Copy {
	c.Epoch = max(c.Epoch, epoch)
	c.Version++
	return c
}

// doubted stands in the byte of the state.
const doubted = 0x80

const copyVersion = 3

// Encode returns the copy as the bytes that stand in the database.
func (c Copy) Encode() []byte {
	b := []byte{copyVersion, byte(c.State)}
	if c.Doubted {
		b[1] |= doubted
	}
	if c.State == Former {
		b = append(b, c.Since[:]...)
	}
	b = binary.AppendUvarint(b, c.Version)
	b = binary.AppendUvarint(b, c.Epoch)
	for _, id := range c.Peers {
		b = append(b, id[:]...)
	}
	return b
}

// ErrCopy says that stored bytes are no record of a copy.
var ErrCopy = errors.New("replica: damaged record of a bucket's copy")

// DecodeCopy reads what [Copy.Encode] wrote.
func DecodeCopy(b []byte) (Copy, error) {
	if len(b) < 2 || b[0] != copyVersion || CopyState(b[1]&^doubted) > Synced || b[1] == doubted|byte(Synced) {
		return Copy{}, ErrCopy
	}
	c := Copy{State: CopyState(b[1] &^ doubted), Doubted: b[1]&doubted != 0}
	b = b[2:]
	if c.State == Former {
		if len(b) < len(c.Since) {
			return Copy{}, ErrCopy
		}
		c.Since, b = Stamp(b[:len(c.Since)]), b[len(c.Since):]
	}
	for _, number := range []*uint64{&c.Version, &c.Epoch} {
		v, size := binary.Uvarint(b)
		if size <= 0 || size > 1 && b[size-1] == 0 { // the shortest form alone
			return Copy{}, ErrCopy
		}
		*number, b = v, b[size:]
	}
	if len(b)%keyspace.Size != 0 {
		return Copy{}, ErrCopy
	}
	if len(b) > 0 {
		c.Peers = make([]keyspace.ID, 0, len(b)/keyspace.Size)
	}
	for id := range slices.Chunk(b, keyspace.Size) {
		next := keyspace.ID(id)
		if n := len(c.Peers); n > 0 && c.Peers[n-1].Compare(next) >= 0 {
			return Copy{}, ErrCopy
		}
		c.Peers = append(c.Peers, next)
	}
	return c, nil
}
