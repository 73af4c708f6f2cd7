package bench

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"chord/node"
)

// Client is what is measured. Its methods are safe for concurrent use and
// return soon after their context ended.
type Client interface {
	// Insert returns when the value is as safe as the store promises.
	Insert(ctx context.Context, key, value []byte) error
	// Retrieve returns the key's values, none where there are none.
	Retrieve(ctx context.Context, key []byte) ([][]byte, error)
}

// ErrLost is that what was acknowledged is not there.
var ErrLost = errors.New("a write that was acknowledged is not there")

// ErrNothing is that there is nothing to report but failures.
var ErrNothing = errors.New("bench: no operation succeeded")

// errMissing is a retrieve that was answered without the value that is there.
var errMissing = errors.New("the value is not among those of the key")

// operation is one request of a run.
type operation struct {
	place
	read bool
}

// do carries an operation out and judges the answer.
func (c content) do(ctx context.Context, to Client, op operation) error {
	if !op.read {
		return to.Insert(ctx, c.key(op.place), c.value(op.place))
	}
	values, err := to.Retrieve(ctx, c.key(op.place))
	if err != nil {
		return err
	}
	want := c.value(op.place)
	if !slices.ContainsFunc(values, func(v []byte) bool { return bytes.Equal(v, want) }) {
		return errMissing
	}
	return nil
}

// kindOf names the kind of an error.
func kindOf(err error) string {
	if e, ok := errors.AsType[*node.Error](err); ok {
		return e.Kind.String()
	}
	switch {
	case errors.Is(err, errMissing):
		return "missing"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "other"
}
