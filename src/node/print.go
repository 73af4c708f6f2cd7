package node

import (
	"crypto/rand"

	"chord/keyspace"
	"chord/store"
)

// Print stands for the digest of a key in a list of many: its hash with a salt,
// cut short. Two of some thousand digests have the same print about once in 2^50
// lists, and no other time, for the next list has another salt.
type Print [8]byte

// Salt makes prints that nobody could foresee who chose what is in the keys.
type Salt [16]byte

func newSalt() (s Salt) {
	_, _ = rand.Read(s[:])
	return s
}

func (s Salt) print(d store.Digest) Print {
	var b [len(s) + len(d)]byte
	copy(b[copy(b[:], s[:]):], d[:])
	h := keyspace.HashKey(b[:])
	return Print(h[:])
}
