package store

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// commitAll is the committer: it empties the queue, commits, and begins again,
// until the queue is closed and empty.
func (s *Store) commitAll() {
	defer close(s.stopped)
	debug.SetPanicOnFault(true)
	for range s.queue.wake {
		runtime.Gosched() // those who were just answered queue what they have next
		batch, closed := s.queue.take()
		if len(batch) > 0 {
			s.commit(batch)
		}
		if closed {
			return
		}
	}
}

// commit runs a batch in one transaction and answers each of its changes. A
// change that fails after it has written is taken out and the others run again.
func (s *Store) commit(batch []*request) {
	slices.SortStableFunc(batch, func(a, b *request) int { return a.At.Compare(b.At) })
	s.mu.Lock()
	s.stats.Since = time.Now()
	s.mu.Unlock()
	for again := true; again; {
		err := s.Err()
		if err == nil {
			batch, again, err = s.try(batch)
		} else {
			again = false
		}
		if err != nil {
			s.fail(err)
		}
		if !again {
			answer(batch, err)
		}
	}
	s.mu.Lock()
	s.stats.Since = time.Time{}
	s.mu.Unlock()
}

func answer(batch []*request, err error) {
	for _, r := range batch {
		if r.Done != nil {
			r.Done(err)
		}
	}
}

// try runs and commits a batch, and returns the changes that are not answered
// yet. Those that fail are: without having written they are left out, after it
// everything is rolled back and has to run again. An error ends the store.
func (s *Store) try(batch []*request) (rest []*request, again bool, err error) {
	btx, err := s.db.Begin(true)
	if err != nil {
		return batch, false, fatal(err)
	}
	defer func() {
		if failure := rollback(btx); err == nil && failure != nil {
			err = fatal(failure)
		}
	}()
	tx, err := newTx(btx, s, s.full())
	if err != nil {
		return batch, false, fatal(err)
	}
	for i, r := range batch {
		writes := tx.writes
		failure := r.Do(tx)
		if failure == nil {
			rest = append(rest, r)
			continue
		}
		answer([]*request{r}, failure)
		if tx.writes != writes {
			return append(rest, batch[i+1:]...), true, nil
		}
	}
	if tx.writes == 0 {
		return rest, false, nil
	}
	return rest, false, s.write(btx, tx, len(rest))
}

// write commits and syncs a transaction.
func (s *Store) write(btx *bbolt.Tx, tx *Tx, changes int) (err error) {
	if err = tx.finish(); err == nil {
		err = commit(btx)
	}
	if err != nil {
		return fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.sequence = tx.identity, tx.sequence
	s.stats.Keys += tx.grown.Keys
	s.stats.Values += tx.grown.Values
	s.stats.Bytes += tx.grown.Bytes
	s.stats.FileBytes = max(s.stats.FileBytes, tx.size)
	s.stats.Commits++
	s.stats.Changes += uint64(changes)
	s.stats.LastCommit = time.Now()
	return nil
}

func commit(btx *bbolt.Tx) (err error) {
	defer guard(&err)
	return btx.Commit()
}

// rollback ends a transaction that is still open: bbolt leaves some open when
// their commit fails.
func rollback(btx *bbolt.Tx) (err error) {
	defer guard(&err)
	if err = btx.Rollback(); errors.Is(err, bbolterrors.ErrTxClosed) {
		err = nil
	}
	return err
}

// full asks whether the reserve of free space is reached. An error of the
// question is no reason to refuse inserts.
func (s *Store) full() bool {
	if s.options.ReserveBytes == 0 {
		return false
	}
	free, err := s.free()
	full := err == nil && free < s.options.ReserveBytes
	s.noSpace.Store(full)
	return full
}

func fatal(err error) error { return fmt.Errorf("store: commit: %w: %w", ErrFatal, err) }
