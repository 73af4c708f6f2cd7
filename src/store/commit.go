package store

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// A store without changes for quietFor brings what is in a log of quietLog bytes and
// more into the file: rows in memory take several times their bytes.
const (
	quietFor = 2 * time.Second
	quietLog = 1 << 20
)

// commitAll is the committer: it empties the queue, commits, and begins again,
// until the queue is closed and empty.
func (s *Store) commitAll() {
	defer close(s.stopped)
	defer close(s.flushes)
	debug.SetPanicOnFault(true)
	quiet := time.NewTimer(quietFor)
	defer quiet.Stop()
	for {
		idle := false
		select {
		case <-s.queue.wake:
		case <-quiet.C:
			idle = true
		}
		runtime.Gosched() // those who were just answered queue what they have next
		batch, copies, closed := s.queue.take()
		if len(batch) > 0 {
			s.commit(batch)
			quiet.Reset(quietFor)
		}
		if len(copies) > 0 || !s.options.ReadOnly && s.log.size >= s.mostLog(idle) {
			s.startFlush(copies)
		}
		if closed {
			s.closing = s.finish()
			return
		}
	}
}

// mostLog is the size from which on a log's rows go into the file, as of now: it is
// read after the commit, not before the wait for one.
func (s *Store) mostLog(idle bool) int64 {
	if idle {
		return min(s.logSize.Load(), quietLog)
	}
	return s.logSize.Load()
}

// startFlush freezes, unless the store has stopped.
func (s *Store) startFlush(copies []chan<- copied) {
	s.since(time.Now())
	defer s.since(time.Time{})
	err := s.Err()
	if err == nil {
		err = s.freeze(copies)
	}
	if err != nil {
		s.fail(err)
		refuse(copies, s.Err())
	}
}

// commit runs a batch in one transaction and answers each of its changes. A
// change that fails after it has written is taken out and the others run again.
func (s *Store) commit(batch []*request) {
	s.since(batch[0].queued)
	slices.SortStableFunc(batch, func(a, b *request) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Order, b.Order))
	})
	defer s.since(time.Time{})
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
}

func (s *Store) since(begin time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Since = begin
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
// what was written is dropped and the others run again. An error ends the store.
func (s *Store) try(batch []*request) (rest []*request, again bool, err error) {
	began := time.Now()
	btx, l, err := s.pin()
	if err != nil {
		return batch, false, fatal(err)
	}
	defer btx.Rollback()
	tx := newTx(btx, l, s, s.full())
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
	err = s.write(tx, l.fresh, len(rest))
	if m := s.options.Meter; m != nil && err == nil {
		m.Committed(len(rest), s.log.last, time.Since(began), s.log.synced)
	}
	return rest, false, err
}

// write writes and syncs the record of a transaction, and only then shows its
// rows to views.
func (s *Store) write(tx *Tx, fresh layer, changes int) (err error) {
	if err = tx.finish(); err == nil {
		err = s.log.append(tx.batch)
	}
	if err != nil {
		return fatal(err)
	}
	fresh = tx.batch.over(fresh)
	s.publish(func(l *layers) { l.fresh = fresh })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.sequence = tx.identity, tx.sequence
	if s.first == 0 {
		s.first = tx.first
	}
	s.stats.Keys += tx.grown.Keys
	s.stats.Values += tx.grown.Values
	s.stats.Bytes += tx.grown.Bytes
	s.stats.Commits++
	s.stats.Changes += uint64(changes)
	s.stats.LogBytes = s.log.size
	s.stats.LastCommit = time.Now()
	return nil
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
