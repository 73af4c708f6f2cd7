package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
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
// apart [ErrWrongRing], [ErrWrongNode], [ErrFormat], [ErrLocked], [ErrCorrupt],
// [ErrDiskFull], [ErrDiskReadOnly], [ErrFatal] and [ErrFile].
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
	if err := s.recover(oneMeta); err != nil {
		return nil, errors.Join(notOpened(err), db.Close())
	}
	go s.commitAll()
	go s.flushAll()
	return s, nil
}

func newStore(db *bbolt.DB, path string, o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{
		db: db, path: path, options: o, queue: newQueue(),
		flushes: make(chan flush, 1), flushed: make(chan struct{}, 1),
		failed: make(chan struct{}), stopped: make(chan struct{}),
		free: func() (uint64, error) { return freeSpace(path) },
	}
	if o.Free != nil {
		s.free = o.Free
	}
	s.logSize.Store(logSize)
	s.layers.Store(&layers{})
	return s
}

// notOpened adds a remedy to the errors of the system.
func notOpened(err error) error {
	if isPathError(err) {
		return fmt.Errorf("%w: %w", diskTrouble(err, ErrFile), err)
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
