package store

import (
	"errors"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
)

// partBytes is how much one transaction of a flush writes: it bounds the pages
// in memory.
const partBytes = 4 << 20

// flush is a frozen layer on its way into the file.
type flush struct {
	rows   layer
	mark   mark
	log    string // removed when its rows are in the file
	copies []chan<- copied
}

// copied is the state of the file that a hot copy is made of.
type copied struct {
	tx  *bbolt.Tx
	err error
}

// freeze has the committed rows flushed while commits go on with the other log.
// Where the flush before has not ended it waits for that: no more than two logs
// are ever in memory.
func (s *Store) freeze(copies []chan<- copied) error {
	if err := s.awaitFlush(); err != nil {
		return err
	}
	f := flush{mark: mark{s.log.lineage, s.log.sequence, true}, log: s.log.name(), copies: copies}
	if err := s.log.next(); err != nil {
		return fatal(err)
	}
	s.publish(func(l *layers) {
		l.fresh, l.frozen = layer{}, l.fresh
		f.rows = l.frozen
	})
	s.flushing = true
	s.flushes <- f
	return nil
}

// awaitFlush waits for the flush that is going on and returns why the store
// stopped, if it did.
func (s *Store) awaitFlush() error {
	if s.flushing {
		<-s.flushed
		s.flushing = false
	}
	return s.Err()
}

// flushAll is the flusher. The committer waits for the end of each flush before
// it gives it the next.
func (s *Store) flushAll() {
	debug.SetPanicOnFault(true)
	for f := range s.flushes {
		began := time.Now()
		if err := s.flush(f); err != nil {
			s.fail(fatal(err))
			refuse(f.copies, s.Err())
		} else if m := s.options.Meter; m != nil {
			m.Flushed(time.Since(began))
		}
		s.flushed <- struct{}{}
	}
}

// flush brings rows into the file, and forgets them and their log only when all
// of them are synced.
func (s *Store) flush(f flush) error {
	if err := s.bring(f.rows, f.mark); err != nil {
		return err
	}
	s.publish(func(l *layers) {
		l.frozen = layer{}
		l.flushes++
	})
	s.reach("forgotten")
	if err := os.Remove(f.log); err != nil {
		return err
	}
	s.reach("removed")
	return s.lend(f)
}

// bring writes rows to the file in order, in transactions of a bounded size,
// and then the mark that says they are there.
func (s *Store) bring(rows layer, m mark) error {
	for n, tree := range rows {
		if tree == nil || tree.Len() == 0 {
			continue
		}
		for rest := tree.Items(); len(rest) > 0; {
			if err := s.update(func(tx *bbolt.Tx) (err error) {
				rest, err = bringPart(tx.Bucket(tableNames[n]), rest)
				return errors.Join(err, s.reach("part"))
			}); err != nil {
				return err
			}
		}
	}
	s.reach("written")
	return s.setMark(m)
}

// bringPart writes rows up to the bound and returns the others.
func bringPart(to *bbolt.Bucket, rows []row) (rest []row, err error) {
	for size := 0; len(rows) > 0 && size < partBytes; rows = rows[1:] {
		r := rows[0]
		if r.content == nil {
			err = to.Delete(r.k)
		} else {
			err = to.Put(r.k, r.content)
		}
		if err != nil {
			return nil, err
		}
		size += len(r.k) + len(r.content)
	}
	return rows, nil
}

// lend gives out the state of the file for copies, as one that is whole without
// a log. The marks of the file itself say so for a moment only; if it ends in
// between, its log is found by the lineage.
func (s *Store) lend(f flush) error {
	if len(f.copies) == 0 {
		return nil
	}
	whole := f.mark
	whole.open = false
	if err := s.setMark(whole); err != nil {
		return err
	}
	for i, c := range f.copies {
		tx, err := s.db.Begin(false)
		if err != nil {
			f.copies = f.copies[i:]
			return err
		}
		c <- copied{tx: tx}
	}
	return s.setMark(f.mark)
}

// refuse answers those who wait for a copy and were not answered yet.
func refuse(copies []chan<- copied, err error) {
	for _, c := range copies {
		select {
		case c <- copied{err: err}:
		default:
		}
	}
}

// finish brings the last rows into the file and removes the log.
func (s *Store) finish() error {
	if s.options.ReadOnly {
		return nil
	}
	if err := s.awaitFlush(); err != nil {
		return s.log.close(false) // the log keeps what is not in the file
	}
	err := s.bring(s.layers.Load().fresh, mark{s.log.lineage, s.log.sequence, false})
	if err != nil {
		s.fail(fatal(err))
		return errors.Join(err, s.log.close(false))
	}
	return s.log.close(true)
}

// publish changes what views see besides the file.
func (s *Store) publish(change func(*layers)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := *s.layers.Load()
	change(&now)
	s.layers.Store(&now)
}

// reach tells a test how far a flush is. Its error is one of the write that
// comes next.
func (s *Store) reach(point string) error {
	if s.reached == nil {
		return nil
	}
	return s.reached(point)
}
