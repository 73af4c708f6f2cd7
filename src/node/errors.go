package node

import (
	"context"
	"errors"
	"fmt"

	"chord/ring"
	"chord/store"
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

// hintOf returns the remedy of an error, or an empty string.
func hintOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Remedy
	}
	return ""
}

// unknown is what an operation that failed ends with once it may have had an
// effect.
func unknown(err error) *Error {
	return &Error{
		Kind: Unknown, Text: "the change is on too few disks to be sure of it: " + err.Error(),
		Remedy: "read the key to see whether it is in effect",
	}
}

// unavailable is what an operation that failed ends with while it had no effect,
// where the kind of its error would say that it may have had one.
func unavailable(err error) error {
	err = storeError(err)
	switch KindOf(err) {
	case Unknown, Gap, Behind:
		return &Error{Kind: Unavailable, Text: err.Error(), Remedy: hintOf(err)}
	}
	return err
}

// storeError gives the store's errors their kinds.
func storeError(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	kind := Internal
	for _, c := range storeKinds {
		if errors.Is(err, c.err) {
			kind = c.kind
			break
		}
	}
	remedy := ""
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		remedy = h.Hint()
	}
	return &Error{Kind: kind, Text: err.Error(), Remedy: remedy}
}

var storeKinds = []struct {
	err  error
	kind Kind
}{
	{store.ErrEmptyKey, Invalid},
	{store.ErrTooLarge, TooLarge},
	{store.ErrNoSpace, ReadOnly},
	{store.ErrReadOnly, ReadOnly},
	{store.ErrCorrupt, Corrupt},
	{store.ErrOverloaded, Overloaded},
	{store.ErrUnknown, Unknown},
	{store.ErrPartial, Unavailable},
	{store.ErrGap, Gap},
	{store.ErrClosed, Unavailable},
	// The write may be on the disk, or not: the next start tells.
	{store.ErrFatal, Unknown},
	{context.Canceled, Unavailable},
	{context.DeadlineExceeded, Unavailable},
}
