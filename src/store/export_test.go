package store

import (
	"bytes"
	"os"
	"slices"

	"chord/keyspace"
)

// SetFree replaces the question for the space that is left.
func (s *Store) SetFree(free func() (uint64, error)) { s.free = free }

// Raw changes a row behind the back of checksums and counts.
func (t *Tx) Raw(table string, change func(put func(k, row []byte) error) error) error {
	t.writes++
	n := slices.IndexFunc(tableNames[:], func(name []byte) bool { return string(name) == table })
	return change(func(k, content []byte) error {
		t.batch[n].Set(newRow(bytes.Clone(k), bytes.Clone(content)))
		return nil
	})
}

// SetLogSize has the store flush when the log is so large.
func (s *Store) SetLogSize(bytes int64) { s.logSize.Store(bytes) }

// SetSync replaces the sync of the log, also of a store that syncs nothing.
func (s *Store) SetSync(sync func() error) {
	s.log.noSync, s.log.sync = false, func(*os.File) error { return sync() }
}

// SetWrite replaces the writing of the log.
func (s *Store) SetWrite(write func() error) {
	s.log.write = func(*os.File, []byte, int64) error { return write() }
}

// SetReached has f called at each step of a flush and of the begin of a view.
func (s *Store) SetReached(f func(point string)) {
	s.reached = func(point string) error { f(point); return nil }
}

// SetFlushError has the next write of a flush fail.
func (s *Store) SetFlushError(err error) {
	s.reached = func(point string) error {
		if point == "part" {
			return err
		}
		return nil
	}
}

// Seal is seal.
var Seal = seal

// Grow makes the file as large in the statistics.
func (s *Store) Grow(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.FileBytes = size
}

// Rows returns the rows of a bucket's items, as they are stored.
func (v *View) Rows(b keyspace.Bucket) (rows [][2][]byte) {
	c := v.items.Cursor()
	for k, row := c.Seek(bucketKey(b)); bytes.HasPrefix(k, bucketKey(b)); k, row = c.Next() {
		rows = append(rows, [2][]byte{bytes.Clone(k), bytes.Clone(row)})
	}
	return rows
}

// NotOpened is the error of [Open] where the system gave this one.
func NotOpened(err error) error { return notOpened(err) }
