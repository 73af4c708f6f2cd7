package store

import (
	"bytes"
	"encoding/binary"

	"github.com/tidwall/btree"
	"go.etcd.io/bbolt"
)

// The tables of the database, each a bucket of the file.
const (
	itemsTable = iota
	bucketsTable
	membersTable
	metaTable
	extraTable
	tables
)

var tableNames = [tables][]byte{[]byte("items"), []byte("buckets"), []byte("members"), []byte("meta"), []byte("extra")}

// row is a row that is not in the file yet, made by newRow. Without content it was
// deleted. Neither slice changes any more.
type row struct {
	first      uint64 // the first bytes of k, by which most rows are told apart
	k, content []byte
}

func newRow(k, content []byte) row {
	r := row{k: k, content: content}
	if len(k) >= 8 {
		r.first = binary.BigEndian.Uint64(k)
		return r
	}
	var b [8]byte
	copy(b[:], k)
	r.first = binary.BigEndian.Uint64(b[:])
	return r
}

// before reports whether the key of a is before that of b.
func (a *row) before(b *row) bool {
	if a.first != b.first {
		return a.first < b.first
	}
	return bytes.Compare(a.k, b.k) < 0
}

// layer is a set of rows over those of the file, a tree for each table; nil:
// empty. A layer that was published does not change any more.
type layer [tables]*btree.BTreeG[row]

func newTree() *btree.BTreeG[row] {
	less := func(a, b row) bool { return a.before(&b) }
	return btree.NewBTreeGOptions(less, btree.Options{Degree: 16, NoLocks: true})
}

func newLayer() (l layer) {
	for n := range l {
		l[n] = newTree()
	}
	return l
}

// over returns the rows of both, those of l where both have one. The trees of
// below stay as they are; what is not touched is shared.
func (l layer) over(below layer) layer {
	for n, tree := range l {
		switch {
		case tree == nil || tree.Len() == 0:
		case below[n] == nil:
			below[n] = tree
		default:
			below[n] = below[n].Copy()
			tree.Scan(func(r row) bool {
				below[n].Set(r)
				return true
			})
		}
	}
	return below
}

// each calls f for all rows, a table after the other, in the order of keys,
// until f returns an error.
func (l layer) each(f func(table int, r row) error) (err error) {
	for n, tree := range l {
		if tree != nil && err == nil {
			tree.Scan(func(r row) bool {
				err = f(n, r)
				return err == nil
			})
		}
	}
	return err
}

// layers are all rows that may not be in the file yet.
//
// Invariant: every row that was committed is in a layer, or in the file of every
// bbolt transaction that begins from now on. While rows come into the file they
// stay in their layer, which hides how far that got.
type layers struct {
	fresh, frozen layer  // frozen is on its way into the file
	flushes       uint64 // how often a frozen layer was dropped
}

// table is one table of a [View]: the rows of layers, the newest first, over
// those of the file.
type table struct {
	number int
	layers []layer // shared by the tables of a view
	tx     *bbolt.Tx
	opened *bbolt.Bucket // of the file, once it was needed
}

// file returns the rows of the file. A view needs few of its tables, and to open
// one costs as much as to read a row.
func (t *table) file() *bbolt.Bucket {
	if t.opened == nil {
		if t.opened = t.tx.Bucket(tableNames[t.number]); t.opened == nil {
			panic("a part of the database is missing")
		}
	}
	return t.opened
}

// Get returns the row of a key, nil where there is none. It shares memory with
// the file.
func (t *table) Get(k []byte) []byte {
	at := newRow(k, nil)
	for _, l := range t.layers {
		if tree := l[t.number]; tree != nil {
			if r, ok := tree.Get(at); ok {
				return r.content
			}
		}
	}
	return t.file().Get(k)
}
