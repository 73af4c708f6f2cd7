package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"chord/keyspace"
)

const (
	// lockPatience is how long to wait for another process to let go of the file.
	lockPatience = 200 * time.Millisecond
	// mapSize is the address space for the file to grow in before it has to be
	// mapped anew, which waits for all reads to end.
	mapSize = 1 << 30
	// growth is in what steps the file grows: each costs a sync of its own.
	growth = 16 << 20
)

// Open opens a node's database, and creates it where there is none. Errors tell
// apart [ErrWrongRing], [ErrWrongNode], [ErrFormat], [ErrLocked], [ErrCorrupt]
// and [ErrFile].
func Open(path string, o Options) (s *Store, err error) {
	defer wrap("open "+path, &err)
	_, err = os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) && !o.ReadOnly && o.Ring != "" {
		err = create(path, o)
	}
	if err != nil {
		return nil, notOpened(err)
	}
	oneMeta := false
	db, err := openFile(path, o, func(f *os.File) (err error) {
		oneMeta, err = checkPages(f, false)
		return err
	})
	if err != nil {
		return nil, notOpened(err)
	}
	s = newStore(db, path, o)
	torn, err := s.recover()
	if err != nil {
		return nil, errors.Join(notOpened(err), db.Close())
	}
	go s.commitAll()
	go s.flushAll()
	if (oneMeta || torn) && !o.ReadOnly { // dots of the last commit may be out already
		err = s.Update(context.Background(), Change{Do: (*Tx).Renew})
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newStore(db *bbolt.DB, path string, o Options) *Store {
	s := &Store{
		db: db, path: path, options: o, queue: newQueue(),
		flushes: make(chan flush, 1), flushed: make(chan struct{}, 1),
		failed: make(chan struct{}), stopped: make(chan struct{}),
		free: func() (uint64, error) { return freeSpace(path) },
	}
	s.logSize.Store(logSize)
	s.layers.Store(&layers{})
	return s
}

// recover reads what the logs hold, and what the store keeps in memory. For
// writing it brings all of it into the file and begins a log. Before it knows
// that the database is the right one it changes nothing.
func (s *Store) recover() (torn bool, err error) {
	var m mark
	if err := s.read(func(tx *bbolt.Tx, _ *layers) (err error) {
		m, err = readMark(tx)
		return err
	}); err != nil {
		return false, err
	}
	r, err := replay(s.path, m)
	if err != nil {
		return false, err
	}
	if r.last > m.applied {
		s.layers.Store(&layers{fresh: r.rows})
	}
	if err := s.load(); err != nil || s.options.ReadOnly {
		return r.torn, err
	}
	if err := s.settle(r, m); err != nil {
		return r.torn, err
	}
	s.layers.Store(&layers{flushes: 1})
	return r.torn, s.begin(m.lineage == 0)
}

// settle brings what the logs held into the file, so that it is whole without
// them, and makes room for a new one.
func (s *Store) settle(r replayed, m mark) error {
	if m.open || r.last > m.applied {
		if err := s.bring(r.rows, mark{m.lineage, r.last, false}); err != nil {
			return err
		}
	}
	for _, name := range r.own {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	for _, name := range r.foreign { // somebody may look for it
		if err := moveAside(name); err != nil {
			return err
		}
	}
	return nil
}

// begin begins the log, and only then says in the file that there is one; that
// is the only difference between the formats.
func (s *Store) begin(firstFormat bool) error {
	s.log = &log{path: s.path, lineage: newIncarnation(), noSync: s.options.NoSync, sync: syncData}
	if err := s.log.create(); err != nil {
		return err
	}
	if firstFormat {
		if err := s.update(func(tx *bbolt.Tx) error {
			return tx.Bucket(tableNames[metaTable]).Put(formatName, seal(formatName, number(format)))
		}); err != nil {
			return err
		}
	}
	return s.setMark(mark{lineage: s.log.lineage, open: true})
}

// moveAside gives a log of another database a name of its time.
func moveAside(name string) error {
	if _, err := linkAside(name); err != nil {
		return err
	}
	return os.Remove(name)
}

// notOpened adds a remedy to the errors of the system.
func notOpened(err error) error {
	if isPathError(err) {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return err
}

// openFile locks the file, has it checked and opens it with bbolt. Where bbolt
// panics over what it finds, the file is closed again.
func openFile(path string, o Options, check func(*os.File) error) (db *bbolt.DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if err != nil && file != nil {
			file.Close() // again, unless bbolt panicked
		}
	}()
	defer guard(&err)
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         lockPatience,
		ReadOnly:        o.ReadOnly,
		NoSync:          o.NoSync,
		NoGrowSync:      o.NoSync,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize,
		NoStatistics:    true,
		OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			if file, err = os.OpenFile(name, flag, mode); err != nil {
				return nil, err
			}
			if err = lock(file, o.ReadOnly); err == nil {
				err = check(file)
			}
			return file, err
		},
	})
	switch {
	case err == nil:
		db.AllocSize = growth
	case !isPathError(err) && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrCorrupt):
		err = corrupt("%v", err)
	}
	return db, err
}

// lock takes the lock that bbolt takes as well, on the same open file, before
// anything is read.
func lock(f *os.File, shared bool) error {
	how := unix.LOCK_EX
	if shared {
		how = unix.LOCK_SH
	}
	const step = lockPatience / 10
	for waited := time.Duration(0); ; waited += step {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) {
			return os.NewSyscallError("flock", err)
		}
		if waited >= lockPatience {
			return ErrLocked
		}
		time.Sleep(step)
	}
}

func isPathError(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path)
}

// load reads what the store keeps in memory.
func (s *Store) load() error {
	return s.read(func(tx *bbolt.Tx, l *layers) error {
		if err := s.identify(tx, l); err != nil {
			return err
		}
		v, err := newView(tx, l.fresh)
		if err != nil {
			return err
		}
		s.stats.FileBytes = tx.Size()
		return v.Buckets(func(_ keyspace.Bucket, b BucketStats, _ []byte) error {
			s.stats.Keys += b.Keys
			s.stats.Values += b.Values
			s.stats.Bytes += b.Bytes
			return nil
		})
	})
}

// identify reads whose database it is, before anything that depends on its
// format.
func (s *Store) identify(tx *bbolt.Tx, l *layers) (err error) {
	defer guard(&err)
	bucket := tx.Bucket(tableNames[metaTable])
	if bucket == nil {
		return corrupt("it is not a database of a node")
	}
	meta := newTable(metaTable, bucket, l.fresh)
	if err := checkFormat(&meta); err != nil {
		return err
	}
	if s.id, s.sequence, err = readIdentity(&meta); err != nil {
		return err
	}
	return s.id.check(s.options)
}

// create makes the file under another name and renames it when it is whole and
// synced: bbolt's own first writes do not survive a power cut.
func create(path string, o Options) (err error) {
	unfinished := path + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unchecked := func(*os.File) error { return nil }
	db, err := openFile(unfinished, Options{NoSync: true}, unchecked)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error { return initialise(tx, o) })
	if err == nil && !o.NoSync {
		err = db.Sync()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	if o.NoSync {
		return nil
	}
	return syncDirectory(filepath.Dir(path))
}

func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// freeSpace returns how many bytes an ordinary user can still write to the disk.
func freeSpace(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
