package store

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// When a database is opened.
var (
	// ErrWrongRing says that the database belongs to another ring.
	ErrWrongRing = remedy("the database belongs to another ring",
		"use the data directory of this ring, or an empty one")
	// ErrWrongNode says that the database belongs to another node, by name or by
	// identifier.
	ErrWrongNode = remedy("the database belongs to another node",
		"use this node's own data directory, or an empty one; two nodes never share one")
	// ErrFormat says that a newer release wrote the database.
	ErrFormat = remedy("the database has a format that this release does not know",
		"run the release that wrote it, or a later one")
	// ErrLocked says that another process has the database open.
	ErrLocked = remedy("another process has the database open",
		"stop the other process first; to read a running node's database, make a copy with chord backup")
	// ErrExists says that there is a database where another shall be put.
	ErrExists = remedy("there is a database already",
		"move it away, or have it moved aside with --force")
	// ErrFile says that the path is not a file that can be opened.
	ErrFile = remedy("the database file cannot be opened",
		"check the path, its owner and its permissions")
)

// When a change is asked for.
var (
	// ErrTooLarge says that a key, a value or a set is over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrEmptyKey says that a key has no bytes.
	ErrEmptyKey = errors.New("the key is empty; it must have 1 to 65536 bytes")
	// ErrPartial says that only some pieces of the key's set have arrived, so
	// that a change could lose the others. Merges go on.
	ErrPartial = errors.New("the key's values have not all arrived yet")
	// ErrGap says that a delta builds on what has not arrived here: the whole set
	// must be sent. Nothing changed.
	ErrGap = errors.New("what came before the change has not arrived yet")
	// ErrNoSpace says that the reserve of free space is reached: only reads and
	// removes are served until there is room again.
	ErrNoSpace = remedy("the disk has no room left for inserts",
		"make room on the disk; inserts go on by themselves as soon as there is")
	// ErrReadOnly says that the store was opened for reading.
	ErrReadOnly = errors.New("the database was opened for reading only")
	// ErrOverloaded says that the queue of changes stayed full; nothing changed.
	ErrOverloaded = errors.New("too many changes are waiting for the disk")
	// ErrUnknown says that the caller gave up while its change was being
	// committed: it may or may not be in effect.
	ErrUnknown = errors.New("the outcome of the change is not known")
)

// At any time.
var (
	// ErrSlowCopy says that a copy was read so slowly that the database, which
	// reuses no space meanwhile, grew too much.
	ErrSlowCopy = remedy("the copy was read too slowly",
		"make room for a copy on the disk of the database, or read it over a faster network")
	// ErrCorrupt says that the file does not hold what was written to it.
	ErrCorrupt = remedy("the database is damaged",
		"run chord check, then restore a backup; without one, move the file away and start the node with --bootstrap: the keys that only it held are lost")
	// ErrFatal says that a write or a sync failed and the store stopped for good.
	ErrFatal = remedy("the disk failed; nothing is written any more",
		"look at the system's log for the disk, then start the node again: it checks its database")
	// ErrDiskFull is an [ErrFatal]: a write found no room.
	ErrDiskFull = because(ErrFatal, "the disk is full; nothing is written any more",
		"make room on the disk, then start the node again: nothing that was acknowledged is lost")
	// ErrDiskReadOnly is an [ErrFatal]: the system has stopped writing to the disk,
	// as it does after an error of the file system.
	ErrDiskReadOnly = because(ErrFatal, "the disk has become read-only; nothing is written any more",
		"look at the system's log for the disk, check the file system and mount it for writing, then start the node again")
	// ErrClosed says that the store is closed.
	ErrClosed = errors.New("the store is closed")
)

// Error is an error that the user can do something about.
type Error struct {
	text, hint string
	kind       error // of which it is a special case
}

// Error says what is wrong.
func (e *Error) Error() string { return e.text }

// Hint says what the user can do.
func (e *Error) Hint() string { return e.hint }

// Unwrap returns what it is a special case of, nil for most.
func (e *Error) Unwrap() error { return e.kind }

func remedy(text, hint string) error { return &Error{text: text, hint: hint} }

func because(kind error, text, hint string) error { return &Error{text, hint, kind} }

// fatal returns the [ErrFatal] that goes with the cause.
func fatal(cause error) error {
	return fmt.Errorf("store: commit: %w: %w", diskTrouble(cause, ErrFatal), cause)
}

// diskTrouble returns what is wrong with the disk, other where the cause does not
// say.
func diskTrouble(cause, other error) error {
	switch {
	case errors.Is(cause, unix.ENOSPC), errors.Is(cause, unix.EDQUOT), errors.Is(cause, unix.EFBIG):
		return ErrDiskFull
	case errors.Is(cause, unix.EROFS):
		return ErrDiskReadOnly
	case errors.Is(cause, unix.EIO):
		return ErrFatal
	}
	return other
}

// corrupt returns an [ErrCorrupt] that says what is damaged.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// guard turns a panic of bbolt, or a fault in the mapped file, into an
// [ErrCorrupt]: that is how bbolt meets a page that it cannot read.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = corrupt("%v", p)
	}
}
