package wire

import (
	"fmt"
	"net"
	"strconv"

	"chord/keyspace"
	"chord/node"
	"chord/store"
)

// decoder reads the fields of a message that somebody sent. It remembers the
// first thing that is wrong; what it returns after that means nothing.
type decoder struct{ err *node.Error }

// result returns the error as an interface, nil where all was well.
func (d *decoder) result() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

func (d *decoder) fail(kind node.Kind, format string, args ...any) {
	if d.err == nil {
		d.err = &node.Error{Kind: kind, Text: "malformed message: " + fmt.Sprintf(format, args...)}
	}
}

func (d *decoder) id(field string, b []byte) (id keyspace.ID) {
	if len(b) != keyspace.Size {
		d.fail(node.Invalid, "%s has %d bytes, want %d", field, len(b), keyspace.Size)
		return id
	}
	return keyspace.ID(b)
}

// optionalID reads no bytes as the zero identifier.
func (d *decoder) optionalID(field string, b []byte) keyspace.ID {
	if len(b) == 0 {
		return keyspace.ID{}
	}
	return d.id(field, b)
}

func encodeOptionalID(id keyspace.ID) []byte {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

func (d *decoder) text(field, s string, limit int) string {
	if len(s) > limit {
		d.fail(node.Invalid, "%s has %d bytes, the limit is %d", field, len(s), limit)
		return ""
	}
	return s
}

func (d *decoder) addr(field, s string) string {
	if err := checkAddr(s); err != nil {
		d.fail(node.Invalid, "%s: %v", field, err)
	}
	return s
}

// checkAddr says what keeps s from being host:port.
func checkAddr(s string) error {
	if len(s) > maxName {
		return fmt.Errorf("an address of %d bytes, the limit is %d", len(s), maxName)
	}
	host, port, err := net.SplitHostPort(s)
	if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || host == "" || n == 0 {
		return fmt.Errorf("%q is not host:port", s)
	}
	return nil
}

func (d *decoder) count(field string, n, limit int) bool {
	if n > limit {
		d.fail(node.Invalid, "%d %s, the limit is %d", n, field, limit)
	}
	return n <= limit
}

// key and value answer too large where the fault is only the size, which users
// meet.
func (d *decoder) key(b []byte) []byte {
	if len(b) == 0 && d.err == nil { // a person's mistake, unlike the others
		d.err = &node.Error{Kind: node.Invalid, Text: "the key is empty", Remedy: "give a key of 1 byte to 64 KiB"}
	}
	d.size("key", len(b), store.MaxKey)
	return b
}

func (d *decoder) value(b []byte) []byte {
	d.size("value", len(b), store.MaxValue)
	return b
}

func (d *decoder) size(field string, n, limit int) {
	if n > limit && d.err == nil {
		d.err = &node.Error{
			Kind: node.TooLarge,
			Text: fmt.Sprintf("the %s has %d bytes, the limit is %d", field, n, limit),
		}
	}
}

// values reads a set, which merges may have made larger than an insert could:
// only the size of messages bounds it.
func (d *decoder) values(list [][]byte) [][]byte {
	for _, v := range list {
		d.value(v)
	}
	return list
}

// list reads the elements of a repeated field that has a limit.
func list[T, W any](d *decoder, field string, in []W, limit int, one func(string, W) T) []T {
	if len(in) == 0 || !d.count(field, len(in), limit) {
		return nil
	}
	out := make([]T, len(in))
	for i, w := range in {
		out[i] = one(field, w)
	}
	return out
}

// encodeList writes a repeated field.
func encodeList[T, W any](in []T, one func(T) W) []W {
	out := make([]W, len(in))
	for i, v := range in {
		out[i] = one(v)
	}
	return out
}
