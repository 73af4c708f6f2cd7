package store

import "chord/keyspace"

// elementBytes is about what an element takes beside its value: its hash, and a dot.
const elementBytes = 60

// Weigh returns about how many bytes the set of a key takes, as its header tells: for
// who must not have too many large ones in memory at once.
func (v *View) Weigh(key []byte) (bytes int, err error) {
	defer guard(&err)
	h, err := v.header(keyspace.HashKey(key), key)
	return int(h.bytes) + int(h.values)*elementBytes, err
}
