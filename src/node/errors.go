package node

import (
	"errors"
	"fmt"

	"chord/ring"
)

// Kind says what went wrong in words that every program in a ring shares: the
// list is closed, and crosses the wire.
type Kind int

// The kinds of errors.
const (
	// Internal: a fault of the program itself.
	Internal Kind = iota
	// Invalid: the request can never be served as it is.
	Invalid
	// TooLarge: a key, a value or a set is over its limit.
	TooLarge
	// NotResponsible: another node holds the bucket; Error.Better names it.
	NotResponsible
	// Unavailable: who is needed cannot be reached now; nothing was changed.
	Unavailable
	// Unknown: a write was sent and not answered; it may or may not be in effect.
	Unknown
	// Overloaded: a queue is full; nothing was changed.
	Overloaded
	// ReadOnly: the disk has no room left for inserts.
	ReadOnly
	// WrongRing: the other side belongs to another ring or speaks another protocol.
	WrongRing
	// Unauthenticated: the other side did not show who it is.
	Unauthenticated
	// PermissionDenied: it did, and may not do this.
	PermissionDenied
	// Corrupt: what the disk gave back is not what was written.
	Corrupt
	// Gap: a replica lacks what came before a change; it must be sent the whole
	// set.
	Gap
	// Behind: a replica took part in a purge of removed keys that the sender did
	// not.
	Behind
)

var kindNames = [...]string{
	"internal", "invalid", "too large", "not responsible", "unavailable", "unknown outcome",
	"overloaded", "read-only", "wrong ring", "unauthenticated", "permission denied", "corrupt", "gap", "behind",
}

// String returns the kind in lower case words.
func (k Kind) String() string { return kindNames[k] }

// Error is an error with its kind, and a remedy where there is one.
type Error struct {
	Kind   Kind
	Text   string
	Remedy string    // what the user can do, or empty
	Better ring.Peer // of NotResponsible: who is believed to hold the bucket, or zero
}

// Error returns the text, or the kind where there is none.
func (e *Error) Error() string {
	if e.Text == "" {
		return e.Kind.String()
	}
	return e.Text
}

// Hint returns the remedy for the user, or an empty string.
func (e *Error) Hint() string { return e.Remedy }

// KindOf returns the kind of the first [Error] in err's chain, [Internal] where
// there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

func failf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}
