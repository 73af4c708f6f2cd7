package node

import (
	"chord/keyspace"
	"chord/replica"
	"chord/store"
)

// Check reads the whole database of a node that does not run, as [store.Check]
// does, and knows what the node may hold: that of
// which there is a note.
func Check(path string, progress func(done, total int64)) (store.Report, error) {
	founder := wasFounder(path)
	return store.Check(path, func(_ keyspace.Bucket, note []byte) bool {
		if len(note) == 0 {
			return founder
		}
		_, err := replica.DecodeCopy(note)
		return err == nil // of a missing copy something may still wait to be deleted
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
	return err == nil && isFounder(flag)
}
