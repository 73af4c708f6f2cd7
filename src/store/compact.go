package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// compactBytes is how much one transaction of a compaction writes.
const compactBytes = 4 << 20

// Compact writes a database that nobody has open anew, without the space in it
// that is free, compares the two row by row, and puts the new file in the place
// of the old one. It returns how large they are. Progress, which may be nil,
// hears of rows done and in total.
func Compact(path string, progress func(done, total int64)) (before, after int64, err error) {
	defer wrap("compact "+path, &err)
	if _, err := os.Lstat(path); err != nil {
		return 0, 0, notOpened(err)
	}
	old, err := openFile(path, Options{}, func(f *os.File) error {
		_, err := checkPages(f, true)
		return err
	})
	if err != nil {
		return 0, 0, notOpened(err)
	}
	defer old.Close() // its lock keeps others out until the new one is in place
	s := newStore(old, path, Options{})
	if err := s.read(s.identify); err != nil {
		return 0, 0, err
	}
	unfinished := path + ".unfinished"
	if err := removeIfThere(unfinished); err != nil {
		return 0, 0, err
	}
	c := compaction{old: old, progress: progress}
	err = c.write(unfinished)
	if err == nil {
		before, after, err = sizes(path, unfinished)
	}
	if err == nil {
		err = os.Rename(unfinished, path)
	}
	if err == nil {
		return before, after, syncDirectory(filepath.Dir(path))
	}
	return 0, 0, errors.Join(err, removeIfThere(unfinished))
}

func sizes(a, b string) (int64, int64, error) {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if err := errors.Join(errA, errB); err != nil {
		return 0, 0, err
	}
	return infoA.Size(), infoB.Size(), nil
}

// compaction goes through all rows twice: to write them and to compare them.
type compaction struct {
	old, new    *bbolt.DB
	progress    func(done, total int64)
	done, total int64
}

// write makes the new file, whole and synced, and compares it.
func (c *compaction) write(path string) (err error) {
	defer guard(&err)
	c.new, err = openFile(path, Options{NoSync: true}, func(*os.File) error { return nil })
	if err != nil {
		return err
	}
	c.new.AllocSize = 0
	err = c.old.View(func(tx *bbolt.Tx) error {
		if err := c.forEach(tx, func(_ []byte, b *bbolt.Bucket) error {
			c.total += 2 * int64(b.Stats().KeyN)
			return nil
		}); err != nil {
			return err
		}
		if err := c.forEach(tx, c.copyBucket); err != nil {
			return err
		}
		return c.compare(tx)
	})
	if err == nil {
		err = c.new.Sync()
	}
	return errors.Join(err, c.new.Close())
}

func (c *compaction) forEach(tx *bbolt.Tx, f func(name []byte, b *bbolt.Bucket) error) error {
	return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return f(name, b) })
}

func (c *compaction) step() {
	if c.done++; c.progress != nil && (c.done%1024 == 0 || c.done == c.total) {
		c.progress(c.done, c.total)
	}
}

// copyBucket copies rows in their order, so that pages are filled to the end.
func (c *compaction) copyBucket(name []byte, from *bbolt.Bucket) error {
	cursor := from.Cursor()
	for k, row := cursor.First(); ; {
		size := 0
		if err := c.new.Update(func(tx *bbolt.Tx) error {
			to, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			to.FillPercent = 0.95
			for ; k != nil && size < compactBytes; k, row = cursor.Next() {
				if err := to.Put(k, row); err != nil {
					return err
				}
				size += len(k) + len(row)
				c.step()
			}
			return nil
		}); err != nil {
			return err
		}
		if k == nil {
			return nil
		}
	}
}

// compare reads both files side by side.
func (c *compaction) compare(old *bbolt.Tx) error {
	return c.new.View(func(tx *bbolt.Tx) error {
		return c.forEach(old, func(name []byte, from *bbolt.Bucket) error {
			to := tx.Bucket(name).Cursor()
			k, row := to.First()
			if err := each(&table{opened: from}, func(wantK, wantRow []byte) error {
				if !bytes.Equal(k, wantK) || !bytes.Equal(row, wantRow) {
					return fmt.Errorf("row %x of %s is not what was written: %w", wantK, name, fs.ErrInvalid)
				}
				k, row = to.Next()
				c.step()
				return nil
			}); err != nil || k == nil {
				return err
			}
			return fmt.Errorf("there are too many rows of %s: %w", name, fs.ErrInvalid)
		})
	})
}
