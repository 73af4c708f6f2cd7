package store

import "chord/keyspace"

// Weigh returns about how many bytes the set of a key takes, without reading a
// value: for who must not have too many large ones in memory at once.
func (v *View) Weigh(key []byte) (bytes int, err error) {
	defer guard(&err)
	id := keyspace.HashKey(key)
	c := v.items.Cursor()
	for k, row := c.Seek(id[:]); belongsTo(id, k) || len(k) == len(id) && keyspace.ID(k) == id; k, row = c.Next() {
		bytes += len(row)
	}
	return bytes, nil
}
