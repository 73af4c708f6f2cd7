package node

import (
	"bytes"

	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// Check reads the whole database of a node that does not run, as [store.Check]
// does, and knows what the node may hold: what its notes say it holds, or is on
// its way in or out.
func Check(path string, progress func(done, total int64)) (store.Report, error) {
	founder := wasFounder(path)
	return store.Check(path, func(_ keyspace.Bucket, note []byte) bool {
		h, err := replica.DecodeHolding(note)
		return founder && len(note) == 0 ||
			err == nil && (h.State == replica.Held || h.State == replica.Handing || h.Parts)
	}, progress)
}

// wasFounder is false for a database that cannot be read; the check itself says
// why.
func wasFounder(path string) bool {
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		return false
	}
	defer s.Close()
	var flag []byte
	err = s.View(func(v *store.View) (err error) {
		flag, err = v.Meta(metaMember)
		return err
	})
	return err == nil && bytes.Equal(flag, founderFlag)
}
