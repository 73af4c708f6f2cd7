package store

import (
	"bytes"

	"github.com/tidwall/btree"
	"go.etcd.io/bbolt"
)

// cursor goes through the rows of a table in the order of their keys: a merge of
// its layers and the file. It does not survive a write to the table.
type cursor struct {
	file    *bbolt.Cursor
	trees   []btree.IterG[row]
	sources []row // where each of them is, the file last; without key: at its end
}

// Cursor returns a cursor, which has to be moved before it is read.
func (t *table) Cursor() *cursor {
	c := &cursor{file: t.file().Cursor()}
	var some [3]*btree.BTreeG[row]
	trees := some[:0]
	for _, l := range t.layers {
		if tree := l[t.number]; tree != nil && tree.Len() > 0 {
			trees = append(trees, tree)
		}
	}
	if len(trees) == 0 {
		return c
	}
	c.trees = make([]btree.IterG[row], len(trees))
	c.sources = make([]row, len(trees)+1)
	for i, tree := range trees {
		c.trees[i].Init(tree, false)
	}
	return c
}

// First moves to the first row. At the end k is nil.
func (c *cursor) First() (k, content []byte) { return c.Seek(nil) }

// Seek moves to the first row whose key is not before the given one.
func (c *cursor) Seek(to []byte) (k, content []byte) {
	if c.trees == nil {
		return c.file.Seek(to)
	}
	at := newRow(to, nil)
	for i := range c.trees {
		c.sources[i] = item(&c.trees[i], c.trees[i].Seek(at))
	}
	last := len(c.trees)
	c.sources[last].k, c.sources[last].content = c.file.Seek(to)
	return c.settle()
}

// Next moves to the next row.
func (c *cursor) Next() (k, content []byte) {
	if c.trees == nil {
		return c.file.Next()
	}
	c.step(c.sources[c.newest()].k)
	return c.settle()
}

// settle moves over rows that were deleted.
func (c *cursor) settle() (k, content []byte) {
	for {
		r := c.sources[c.newest()]
		if r.k == nil || r.content != nil {
			return r.k, r.content
		}
		c.step(r.k)
	}
}

// newest returns which source has the smallest key, of several the newest.
func (c *cursor) newest() (best int) {
	for i, r := range c.sources {
		if b := c.sources[best].k; r.k != nil && (b == nil || bytes.Compare(r.k, b) < 0) {
			best = i
		}
	}
	return best
}

// step moves every source that is at a key behind it.
func (c *cursor) step(from []byte) {
	for i := range c.sources {
		at := &c.sources[i]
		switch {
		case at.k == nil || !bytes.Equal(at.k, from):
		case i < len(c.trees):
			*at = item(&c.trees[i], c.trees[i].Next())
		default:
			at.k, at.content = c.file.Next()
		}
	}
}

func item(tree *btree.IterG[row], ok bool) row {
	if !ok {
		return row{}
	}
	return tree.Item()
}
