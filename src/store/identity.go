package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"chord/keyspace"
)

// format is the version of all that is in the file. The first had no log.
const format = 2

// The rows of meta.
var (
	formatName      = []byte("format")
	ringName        = []byte("ring")
	nodeName        = []byte("node")
	idName          = []byte("id")
	incarnationName = []byte("incarnation")
	sequenceName    = []byte("sequence")
)

var errNoID = errors.New("the node has no identifier yet")

// initialise makes an empty database for a node.
func initialise(tx *bbolt.Tx, o Options) error {
	for _, name := range tableNames {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	rows := map[string][]byte{
		string(formatName):      number(format),
		string(ringName):        []byte(o.Ring),
		string(nodeName):        []byte(o.Name),
		string(idName):          make([]byte, keyspace.Size),
		string(incarnationName): number(newIncarnation()),
		string(sequenceName):    number(0),
	}
	for name, content := range rows {
		if err := tx.Bucket(tableNames[metaTable]).Put([]byte(name), seal([]byte(name), content)); err != nil {
			return err
		}
	}
	return nil
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func newIncarnation() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}

// checkFormat refuses a newer format, before anything else of it is read.
func checkFormat(meta *table) error {
	var version uint64
	if err := readNumber(meta, formatName, &version); err != nil {
		return err
	}
	if version < 1 || version > format {
		return fmt.Errorf("format %d, this release knows %d: %w", version, format, ErrFormat)
	}
	return nil
}

// readIdentity reads whose database it is, and the sequence of its last dot.
func readIdentity(meta *table) (id Identity, sequence uint64, err error) {
	var texts [3][]byte
	for i, name := range [][]byte{ringName, nodeName, idName} {
		if texts[i], err = get(meta, string(name)); err != nil {
			return id, 0, err
		}
	}
	if len(texts[2]) != keyspace.Size {
		return id, 0, corrupt("the row %s of meta is missing", idName)
	}
	id = Identity{Ring: string(texts[0]), Name: string(texts[1]), ID: keyspace.ID(texts[2])}
	if err := readNumber(meta, incarnationName, &id.Incarnation); err != nil {
		return id, 0, err
	}
	return id, sequence, readNumber(meta, sequenceName, &sequence)
}

func readNumber(meta *table, name []byte, n *uint64) error {
	content, err := get(meta, string(name))
	if err == nil && len(content) != 8 {
		err = corrupt("the row %s of meta is missing", name)
	}
	if err == nil {
		*n = binary.BigEndian.Uint64(content)
	}
	return err
}

// check compares with what the options ask for.
func (i Identity) check(o Options) error {
	switch {
	case o.Ring == "":
		return nil
	case i.Ring != o.Ring:
		return fmt.Errorf("ring %q, not %q: %w", i.Ring, o.Ring, ErrWrongRing)
	case i.Name != o.Name:
		return fmt.Errorf("node %q, not %q: %w", i.Name, o.Name, ErrWrongNode)
	}
	return nil
}

// SetID stores the node's place on the ring, once and for all: another one than
// the stored is refused.
func (t *Tx) SetID(id keyspace.ID) (err error) {
	defer wrap("set id", &err)
	defer guard(&err)
	if t.identity.ID == id {
		return nil
	}
	if !t.identity.ID.IsZero() {
		return fmt.Errorf("identifier %v, not %v: %w", t.identity.ID, id, ErrWrongNode)
	}
	t.identity.ID = id
	return t.write(t.meta, idName, id[:])
}

// Renew begins a new life of the database, with a new incarnation: where it is,
// or may be, an older copy, whose next dots others have seen already.
func (t *Tx) Renew() (err error) {
	defer wrap("renew", &err)
	defer guard(&err)
	t.seen[t.identity.Actor()] = t.sequence
	t.identity.Incarnation = newIncarnation()
	return t.write(t.meta, incarnationName, number(t.identity.Incarnation))
}
