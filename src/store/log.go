package store

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"chord/fault"
)

// logSize is how large a log grows before its rows go into the file. There are
// at most two: it bounds what is in memory, and what has to be read again after
// a crash. The larger, the fewer pages of the file are written for a row.
const logSize = 16 << 20

// maxBuffer is how much memory is kept for the next record.
const maxBuffer = 1 << 20

// log is the file that commits are written to, one record each. Two names take
// turns.
type log struct {
	path     string // of the database
	number   int    // of the name
	lineage  uint64
	sequence uint64 // of the last record
	file     *os.File
	size     int64 // of what is written
	last     int   // of the last record
	noSync   bool
	write    func(f *os.File, b []byte, at int64) error
	forced   bool // records are synced nevertheless; see Options.Sync
	sync     func(*os.File) error
	synced   time.Duration // what the last sync took
	buffer   []byte
}

func logNames(path string) [2]string { return [2]string{path + ".log1", path + ".log2"} }

func (l *log) name() string { return logNames(l.path)[l.number] }

// create begins a new file, with a record of no rows: the database can tell that
// it is there. Its space is asked for beforehand, which makes a sync cheaper.
func (l *log) create() (err error) {
	if l.file, err = os.OpenFile(l.name(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	if !l.noSync {
		unix.Fallocate(int(l.file.Fd()), 0, 0, logSize) // where it fails, a write will
	}
	l.size = 0
	if err := l.append(layer{}); err != nil || l.noSync {
		return err
	}
	return syncDirectory(filepath.Dir(l.path))
}

// append writes a record and syncs it.
func (l *log) append(rows layer) error {
	l.buffer = appendRecord(l.buffer[:0], l.lineage, l.sequence+1, rows)
	if err := l.write(l.file, l.buffer, l.size); err != nil {
		return err
	}
	began := time.Now()
	if (!l.noSync || l.forced) && !fault.Planted(fault.NoSync) {
		if err := l.sync(l.file); err != nil {
			return err
		}
	}
	l.synced = time.Since(began)
	l.sequence++
	l.last = len(l.buffer)
	l.size += int64(l.last)
	if cap(l.buffer) > maxBuffer {
		l.buffer = nil
	}
	return nil
}

// next goes on with the other name. The file before stays.
func (l *log) next() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	l.number = 1 - l.number
	return l.create()
}

// close closes the file, and removes it where all of it is in the database.
func (l *log) close(remove bool) error {
	err := l.file.Close()
	if remove {
		err = errors.Join(err, os.Remove(l.name()))
	}
	return err
}

func writeAt(f *os.File, b []byte, at int64) error {
	_, err := f.WriteAt(b, at)
	return err
}

func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
