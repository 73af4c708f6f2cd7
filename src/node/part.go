package node

import (
	"bytes"
	"slices"

	"chord/store"
	"chord/value"
)

// Operations that ask about a part of a set are answered out of the rows that they
// need, where the copies that are asked know the same of the whole. Where they differ
// all of it is read and written back, as for a retrieve, and the answer is taken
// from that.

// partOf answers out of a copy; for other operations with nothing.
func (op Op) partOf(v *store.View) (r Result, err error) {
	switch op.Kind {
	case Count:
		r.Count, err = v.Count(op.Key)
	case Has:
		var has bool
		if has, err = v.Has(op.Key, op.Value); has {
			r.Count = 1
		}
	case Page:
		r.Values, r.Next, err = v.Page(op.Key, op.From, op.Limit, MaxPageBytes)
	}
	return r, err
}

// among answers out of all values, which are in the order of their hashes.
func (op Op) among(values [][]byte) (r Result) {
	switch op.Kind {
	case Count:
		r.Count = uint64(len(values))
	case Has:
		if slices.ContainsFunc(values, func(v []byte) bool { return bytes.Equal(v, op.Value) }) {
			r.Count = 1
		}
	case Page:
		size := 0
		for _, v := range values {
			hash := value.Hash(v)
			if hash.Compare(op.From) < 0 {
				continue
			}
			if len(r.Values) == op.Limit || size >= MaxPageBytes {
				r.Next = hash
				return r
			}
			r.Values, size = append(r.Values, v), size+len(v)
		}
	}
	return r
}
