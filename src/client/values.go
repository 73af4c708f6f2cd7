package client

import (
	"context"
	"fmt"
	"iter"

	"chord/node"
)

// Insert adds value to the key's set. Without an error it is on the disks of a
// write quorum, as all writes are then.
func (c *Client) Insert(ctx context.Context, key, value []byte) error {
	_, err := c.Do(ctx, node.Op{Kind: node.Insert, Key: key, Value: value})
	return err
}

// Remove takes value out of the key's set; one that is not there is no error.
func (c *Client) Remove(ctx context.Context, key, value []byte) error {
	_, err := c.Do(ctx, node.Op{Kind: node.Remove, Key: key, Value: value})
	return err
}

// Retrieve returns the key's set of values, empty where there are none.
func (c *Client) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := c.Do(ctx, node.Op{Kind: node.Retrieve, Key: key})
	return r.Values, err
}

// RetrieveOne is Retrieve from a single copy, which may lack what was
// acknowledged.
func (c *Client) RetrieveOne(ctx context.Context, key []byte) ([][]byte, error) {
	r, err := c.Do(ctx, node.Op{Kind: node.Retrieve, Key: key, One: true})
	return r.Values, err
}

// Values gives the key's values some at a time, in the order of their hashes: for sets
// that are too large for one answer. A value that is there all the while is given
// once; where an error comes it is the last that is given.
func (c *Client) Values(ctx context.Context, key []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		op := node.Op{Kind: node.Page, Key: key, Limit: node.MaxPage}
		for more := true; more; more = !op.From.IsZero() {
			r, err := c.Do(ctx, op)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, v := range r.Values {
				if !yield(v, nil) {
					return
				}
			}
			op.From = r.Next
		}
	}
}

// Put makes value the only one of the key.
func (c *Client) Put(ctx context.Context, key, value []byte) error {
	_, err := c.Do(ctx, node.Op{Kind: node.Put, Key: key, Value: value})
	return err
}

// Get returns the key's value, of several the latest; ok is false where there is
// none.
func (c *Client) Get(ctx context.Context, key []byte) (value []byte, ok bool, err error) {
	return c.get(ctx, node.Op{Kind: node.Get, Key: key})
}

// GetOne is Get from a single copy, which may lack what was acknowledged.
func (c *Client) GetOne(ctx context.Context, key []byte) (value []byte, ok bool, err error) {
	return c.get(ctx, node.Op{Kind: node.Get, Key: key, One: true})
}

func (c *Client) get(ctx context.Context, op node.Op) ([]byte, bool, error) {
	r, err := c.Do(ctx, op)
	if err == nil && len(r.Values) > 1 {
		err = &node.Error{Kind: node.Internal, Text: fmt.Sprintf("a node gave %d values for one", len(r.Values))}
	}
	if err != nil || len(r.Values) == 0 {
		return nil, false, err
	}
	return r.Values[0], true, nil
}

// Delete takes all values of the key out.
func (c *Client) Delete(ctx context.Context, key []byte) error {
	_, err := c.Do(ctx, node.Op{Kind: node.Delete, Key: key})
	return err
}

// Count returns how many values the key has, without bringing them.
func (c *Client) Count(ctx context.Context, key []byte) (uint64, error) {
	r, err := c.Do(ctx, node.Op{Kind: node.Count, Key: key})
	return r.Count, err
}

// Has reports whether the key has the value.
func (c *Client) Has(ctx context.Context, key, value []byte) (bool, error) {
	r, err := c.Do(ctx, node.Op{Kind: node.Has, Key: key, Value: value})
	return r.Count > 0, err
}
