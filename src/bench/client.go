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

// Putter is a client of a store that can keep one value a key: what
// Options.Single asks for.
type Putter interface {
	// Put makes the value the only one of the key.
	Put(ctx context.Context, key, value []byte) error
	// Get returns the key's value, and whether there is one.
	Get(ctx context.Context, key []byte) (value []byte, found bool, err error)
}

// single makes a [Client] of a [Putter].
type single struct{ Putter }

func (s single) Insert(ctx context.Context, key, value []byte) error { return s.Put(ctx, key, value) }

func (s single) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	value, found, err := s.Get(ctx, key)
	if err != nil || !found {
		return nil, err
	}
	return [][]byte{value}, nil
}

// singles returns the clients as those that put and get.
func singles(clients []Client) ([]Client, error) {
	var put []Client
	for _, c := range clients {
		p, ok := c.(Putter)
		if !ok {
			return nil, &OptionError{"this store keeps sets of values alone", "measure inserts and retrieves"}
		}
		put = append(put, single{p})
	}
	return put, nil
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
	if !slices.ContainsFunc(values, func(v []byte) bool { return c.answers(op.place, v) }) {
		return errMissing
	}
	return nil
}

// answers reports whether v is the value that was written there, or of a key
// with a single value one of those that may have been written after it.
func (c content) answers(p place, v []byte) bool {
	last := p.value
	if c.single {
		p.value, last = 0, hotValues-1
	}
	for ; p.value <= last; p.value++ {
		if bytes.Equal(v, c.value(p)) {
			return true
		}
	}
	return false
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
