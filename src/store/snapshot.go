package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Snapshot is a consistent copy of a database, as a file of its own, to be read
// once. It must be closed.
type Snapshot struct {
	Size int64
	// Spooled says that the copy lies on the disk already, so that it may be read
	// as slowly as one likes. Otherwise the database reuses no space until it is
	// read: there was no room for a copy beside it.
	Spooled bool

	store *Store
	spool *os.File
}

// maxGrowth is by how much the file may grow, or by a quarter where that is
// more, while a snapshot that is not spooled is read.
const maxGrowth = 64 << 20

// Snapshot makes a copy beside the database at the speed of the disk, where
// there is room for it beyond the reserve. The copy has no name and goes with
// the process. Progress, which may be nil, hears of bytes done and in total; an
// error of it ends the copying.
func (s *Store) Snapshot(progress func(done, total int64) error) (c *Snapshot, err error) {
	if err := s.Err(); err != nil {
		return nil, err
	}
	defer wrap("snapshot", &err)
	tx, err := s.whole() // what waits in the log counts as well
	if err != nil {
		return nil, err
	}
	c = &Snapshot{Size: tx.Size(), store: s}
	if err := tx.Rollback(); err != nil {
		return nil, err
	}
	free, err := s.free()
	if err != nil || free < s.options.ReserveBytes+uint64(c.Size)+uint64(c.Size)/4 {
		return c, nil // the size is settled when it is written
	}
	if c.spool, err = os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".spool-*"); err != nil {
		return nil, err
	}
	w := &meter{w: c.spool, total: c.Size, progress: progress}
	if err = os.Remove(c.spool.Name()); err == nil {
		c.Size, err = w.copy(s)
	}
	if err == nil {
		_, err = c.spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.Spooled = true
	return c, nil
}

// WriteTo writes the copy and returns how many bytes it has.
func (c *Snapshot) WriteTo(w io.Writer) (n int64, err error) {
	if c.Spooled {
		return io.Copy(w, c.spool)
	}
	limit := c.Size + max(maxGrowth, c.Size/4)
	m := &meter{w: w, progress: func(int64, int64) error {
		if size := c.store.Stats().FileBytes; size > limit {
			return fmt.Errorf("store: copy: the database grew to %d bytes meanwhile: %w", size, ErrSlowCopy)
		}
		return nil
	}}
	return m.copy(c.store)
}

// Close gives back the space of the copy.
func (c *Snapshot) Close() error {
	if c.spool == nil {
		return nil
	}
	return c.spool.Close()
}

// meter counts what is written through it.
type meter struct {
	w           io.Writer
	done, total int64
	progress    func(done, total int64) error
	err         error // of progress
}

// copy copies a database. bbolt makes mere text of some errors.
func (m *meter) copy(s *Store) (int64, error) {
	n, err := s.Copy(m)
	if m.err != nil {
		err = m.err
	}
	return n, err
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.done += int64(n)
	if err == nil && m.progress != nil {
		m.err = m.progress(m.done, max(m.done, m.total))
		err = m.err
	}
	return n, err
}
