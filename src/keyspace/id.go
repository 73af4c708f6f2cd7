package keyspace

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Bits is the length of an identifier in bits, the paper's m.
const Bits = 160

// Size is the length of an identifier in bytes.
const Size = Bits / 8

// ID is a point on the circle: a number of 160 bits, big endian.
type ID [Size]byte

// HashKey returns the identifier of a key: the first 20 bytes of its SHA-256.
func HashKey(key []byte) ID {
	sum := sha256.Sum256(key)
	return ID(sum[:Size])
}

// NodeChoices is how many identifiers a node's name allows it (Balance, in the
// manual's chapter on the ring): enough to even out the arcs, too few to pick a
// place next to a given key.
const NodeChoices = 16

// HashNode returns one of the [NodeChoices] identifiers of the node called
// name in the ring called ring. It does not depend on the node's address, so a
// node keeps its place when it moves to another host.
func HashNode(ring, name string, choice int) ID {
	return HashKey(fmt.Appendf(nil, "%s\x00%s\x00%d", ring, name, choice))
}

// Parse reads an identifier from the text that [ID.String] writes: 40
// hexadecimal digits, in either case, spaces between them ignored.
func Parse(s string) (ID, error) {
	var id ID
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil || len(b) != Size {
		return ID{}, fmt.Errorf("keyspace: %q is not an identifier: want %d hexadecimal digits", s, 2*Size)
	}
	copy(id[:], b)
	return id, nil
}

// String returns the identifier as 40 hexadecimal digits in lower case.
func (a ID) String() string { return hex.EncodeToString(a[:]) }

// Short returns the first four bytes as OpenChord prints them: "58 2D B7 D6".
func (a ID) Short() string { return fmt.Sprintf("% X", a[:4]) }

// MarshalText writes the identifier as [ID.String] does.
func (a ID) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads an identifier as [Parse] does.
func (a *ID) UnmarshalText(text []byte) error {
	id, err := Parse(string(text))
	if err == nil {
		*a = id
	}
	return err
}

// IsZero reports whether a is the zero point, which stands for "no identifier"
// in records that may lack one.
func (a ID) IsZero() bool { return a == ID{} }

// Compare orders identifiers as numbers: negative if a < b, zero if they are
// equal, positive if a > b.
func (a ID) Compare(b ID) int { return bytes.Compare(a[:], b[:]) }

// Distance returns how far it is clockwise from a to b: b - a.
func (a ID) Distance(b ID) ID {
	var d ID
	borrow := 0
	for i := Size - 1; i >= 0; i-- {
		v := int(b[i]) - int(a[i]) - borrow
		borrow = 0
		if v < 0 {
			v += 256
			borrow = 1
		}
		d[i] = byte(v)
	}
	return d
}

// AddPower returns a + 2^k, where the k-th finger of a starts; 0 <= k < [Bits].
func (a ID) AddPower(k int) ID {
	i := Size - 1 - k/8
	carry := 1 << (k % 8)
	for ; i >= 0 && carry != 0; i-- {
		v := int(a[i]) + carry
		a[i] = byte(v)
		carry = v >> 8
	}
	return a
}

// Log2 returns the position of the highest set bit, -1 for the zero point. For
// a distance it is the number of the finger that spans it.
func (a ID) Log2() int {
	for i, b := range a {
		for bit := 7; bit >= 0; bit-- {
			if b&(1<<bit) != 0 {
				return (Size-1-i)*8 + bit
			}
		}
	}
	return -1
}

// Fraction returns where a stands on a circle of length one, 0 to 1: of a
// distance, its part of the circle.
func (a ID) Fraction() float64 {
	f := 0.0
	for i := Size - 1; i >= 0; i-- {
		f = (f + float64(a[i])) / 256
	}
	return f
}
