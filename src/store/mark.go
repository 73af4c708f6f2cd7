package store

import (
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// mark is the row of meta that says which log belongs to the file. It is never
// in a log itself.
type mark struct {
	lineage uint64 // of the log; a new one each time the database is opened
	applied uint64 // the last record whose rows are in the file
	// open says that there is a log with later records: without it the file is
	// not whole. A file that was closed, or copied hot, is.
	open bool
}

var markName = []byte("log")

func (m mark) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, m.lineage)
	b = binary.BigEndian.AppendUint64(b, m.applied)
	return append(b, map[bool]byte{true: 1}[m.open])
}

// readMark reads the mark of a file, after the format: a file of the first
// format has none, nor a log.
func readMark(tx *bbolt.Tx) (m mark, err error) {
	defer guard(&err)
	bucket := tx.Bucket(tableNames[metaTable])
	if bucket == nil {
		return m, corrupt("it is not a database of a node")
	}
	meta := table{number: metaTable, opened: bucket}
	if err := checkFormat(&meta); err != nil {
		return m, err
	}
	b, err := get(&meta, string(markName))
	if err != nil || b == nil {
		return m, err
	}
	if len(b) != 17 || b[16] > 1 {
		return m, corrupt("the row %s of meta is wrong", markName)
	}
	return mark{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), b[16] == 1}, nil
}

// setMark writes the mark, and all that was written before with it, to both meta
// pages of the file: damage to one of them loses nothing then.
func (s *Store) setMark(m mark) error {
	for range 2 {
		if err := s.update(func(tx *bbolt.Tx) error {
			return tx.Bucket(tableNames[metaTable]).Put(markName, seal(markName, m.encode()))
		}); err != nil {
			return err
		}
	}
	return nil
}

// update runs and syncs a transaction of the file.
func (s *Store) update(f func(*bbolt.Tx) error) (err error) {
	defer guard(&err)
	size := int64(0)
	err = s.db.Update(func(tx *bbolt.Tx) error {
		err := f(tx)
		size = tx.Size()
		return err
	})
	if err == nil {
		s.mu.Lock()
		s.stats.FileBytes = max(s.stats.FileBytes, size)
		s.mu.Unlock()
	}
	return err
}
