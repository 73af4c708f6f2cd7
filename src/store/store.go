package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"chord/keyspace"
	"chord/value"
)

// Options say how a database is opened.
type Options struct {
	// Ring and Name are those of the node; a database with others is refused.
	// Where Ring is empty, any database is taken and none is created.
	Ring, Name string
	// NoSync leaves out every sync, for development and tests: a power cut may
	// destroy the database.
	NoSync bool
	// ReserveBytes is how much space of the disk inserts leave free.
	ReserveBytes uint64
	// ReadOnly opens for reading; others may do so at the same time.
	ReadOnly bool
	// Now is the clock that dots are made by; nil: that of the system.
	Now func() time.Time
	// Write and Sync take the place of the log's, Sync also where NoSync is set, and
	// Free of the question for the space that is left: for disks that are slow,
	// full, broken, or lose their power. Nil: those of the system.
	Write func(f *os.File, b []byte, at int64) error
	Sync  func(*os.File) error
	Free  func() (uint64, error)
	// Meter hears what commits and flushes take; nil: nobody does.
	Meter Meter
}

// Identity is whose database it is.
type Identity struct {
	Ring, Name string
	// ID is the node's place on the ring, zero until [Tx.SetID].
	ID keyspace.ID
	// Incarnation is a random number of this life of the database.
	Incarnation uint64
}

// Actor returns who makes the dots of this database.
func (i Identity) Actor() value.Actor { return value.Actor{Node: i.ID, Incarnation: i.Incarnation} }

// Stats is a snapshot of what a store holds and does.
type Stats struct {
	Path      string
	Keys      uint64 // with at least one value
	Values    uint64
	Bytes     uint64 // of values
	FileBytes int64  // of the file, without its log
	LogBytes  int64  // of what is committed and not in the file yet
	Unsynced  bool   // opened with NoSync
	ReadOnly  bool   // there is no room for inserts
	// Commits and Changes count since the store was opened.
	Commits, Changes uint64
	Queued           int // changes that wait
	// LastCommit is when the last transaction was synced. Since is when the
	// oldest change that is not answered yet was queued; zero where none is.
	LastCommit, Since time.Time
	// Stalled is how long that change has waited, where that is longer than a disk
	// takes that works; else zero.
	Stalled time.Duration
}

// patience is after what time without an answer of the disk changes count as
// stalled: the system tries for so long and longer before it reports an error.
const patience = 5 * time.Second

// Store is an open database. All methods are safe for concurrent use.
type Store struct {
	db      *bbolt.DB
	path    string
	options Options
	queue   *queue
	free    func() (uint64, error) // space left on the disk
	noSpace atomic.Bool
	layers  atomic.Pointer[layers]

	log      *log // the committer's, as the next two
	flushing bool // a flush was begun, and its end not awaited
	closing  error
	flushes  chan flush
	flushed  chan struct{}
	logSize  atomic.Int64
	reached  func(point string) error // of a test

	mu       sync.Mutex // of what follows
	id       Identity
	sequence uint64
	began    uint64 // the sequence when the store was opened
	first    uint64 // of the dots that were made since; zero: none was
	stats    Stats
	err      error // why nothing is accepted any more

	failed  chan struct{} // closed at the first error of write or sync
	stopped chan struct{} // closed when the committer has ended
}

// Identity returns whose database it is.
func (s *Store) Identity() Identity {
	id, _ := s.identity()
	return id
}

func (s *Store) identity() (Identity, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id, s.sequence
}

// Stats returns a snapshot.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Path, stats.Unsynced = s.path, s.options.NoSync
	stats.ReadOnly = s.options.ReadOnly || s.noSpace.Load()
	var oldest time.Time
	if stats.Queued, oldest = s.queue.length(); stats.Since.IsZero() {
		stats.Since = oldest
	}
	if waited := time.Since(stats.Since); !stats.Since.IsZero() && waited >= patience {
		stats.Stalled = waited
	}
	return stats
}

// Failed is closed when a write or a sync failed. The owner must exit then.
func (s *Store) Failed() <-chan struct{} { return s.failed }

// Err returns why the store accepts nothing any more: [ErrFatal] with its
// cause, [ErrClosed], or nil.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// fail stops the store for good.
func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		if errors.Is(err, ErrFatal) {
			close(s.failed)
		}
	}
}

// Copy writes a consistent copy of the database, as a file of its own, while
// the store goes on. Space that is freed meanwhile is reused only afterwards.
func (s *Store) Copy(w io.Writer) (n int64, err error) {
	if err := s.Err(); err != nil {
		return 0, err
	}
	defer wrap("copy", &err)
	tx, err := s.whole()
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	return tx.WriteTo(w)
}

// whole returns a state of the file that has all that was committed.
func (s *Store) whole() (*bbolt.Tx, error) {
	if s.options.ReadOnly {
		if s.layers.Load().fresh != (layer{}) {
			return nil, fmt.Errorf("%w, and was not closed; open it for writing once", ErrReadOnly)
		}
		return s.db.Begin(false)
	}
	c := make(chan copied, 1)
	if err := s.queue.addCopy(c); err != nil {
		return nil, s.refusal(err)
	}
	got := <-c
	return got.tx, got.err
}

// Close commits what is queued, brings all of it into the file and closes that.
// What comes later is refused with [ErrClosed].
func (s *Store) Close() error {
	s.queue.close()
	<-s.stopped
	s.fail(ErrClosed)
	return errors.Join(s.closing, s.db.Close())
}
