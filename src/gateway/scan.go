package gateway

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"chord/keyspace"
	"chord/node"
)

// A cursor is the first 52 bits of an identifier, so that no client loses any of
// it: some keep numbers as floating point. It stands for the first identifier
// that begins so; zero is the beginning, and the end.
const cursorBits = 52

func cursorOf(id keyspace.ID) uint64 { return binary.BigEndian.Uint64(id[:8]) >> (64 - cursorBits) }

// place returns where a cursor stands.
func place(cursor uint64) (id keyspace.ID) {
	binary.BigEndian.PutUint64(id[:8], cursor<<(64-cursorBits))
	return id
}

const (
	defaultCount = 10
	maxCount     = 4096
	// leastPage is more keys than anybody can find that share 52 bits of their
	// hashes: else a page might not come to its end.
	leastPage = 16
	// scanTime is for how long a page that is empty so far goes on.
	scanTime = 100 * time.Millisecond
)

// scan is what SCAN and SSCAN are asked.
type scan struct {
	cursor  uint64
	count   int
	pattern []byte // nil: all
	kind    string // string, set, another that fits nothing, or empty: all
}

// scanOf reads a cursor and options, or answers what is wrong with them.
func (c *call) scanOf(args [][]byte) (s scan, ok bool) {
	cursor, err := strconv.ParseUint(string(args[0]), 10, 64)
	if err != nil || cursor >= 1<<cursorBits {
		c.fail("ERR invalid cursor")
		return s, false
	}
	s = scan{cursor: cursor, count: defaultCount}
	for args = args[1:]; len(args) > 0; args = args[2:] {
		name := strings.ToUpper(string(args[0]))
		if len(args) < 2 {
			c.syntax("syntax error at %.64q", args[0])
			return s, false
		}
		switch name {
		case "COUNT":
			n, err := strconv.Atoi(string(args[1]))
			if err != nil || n < 1 {
				c.syntax("COUNT is a number from 1 on")
				return s, false
			}
			s.count = min(n, maxCount)
		case "MATCH":
			if s.pattern = args[1]; len(s.pattern) > maxPattern {
				c.syntax("a pattern has up to %d bytes", maxPattern)
				return s, false
			}
		case "TYPE":
			s.kind = strings.ToLower(string(args[1]))
		default:
			c.syntax("syntax error at %.64q", args[0])
			return s, false
		}
	}
	return s, true
}

// fits reports whether a name fits the pattern.
func (s scan) fits(name []byte) bool { return s.pattern == nil || matches(s.pattern, name) }

// typeOf is what TYPE says of a key with so many values.
func typeOf(values uint64) string {
	switch values {
	case 0:
		return "none"
	case 1:
		return "string"
	}
	return "set"
}

// page is what was found between two places.
type page struct {
	found [][]byte // what fits
	read  int      // of so many
	next  keyspace.ID
}

// pages goes on until there is enough that fits, or for some time.
func (s scan) pages(turn func(from keyspace.ID, limit int) (page, error)) (found [][]byte, next uint64, err error) {
	until := time.Now().Add(scanTime)
	limit := max(s.count, leastPage)
	for next = s.cursor; ; {
		p, err := turn(place(next), limit)
		if err != nil {
			return nil, 0, err
		}
		for _, name := range p.found {
			if s.fits(name) {
				found = append(found, name)
			}
		}
		if p.next.IsZero() {
			return found, 0, nil
		}
		if next = cursorOf(p.next); next == 0 { // less than one cursor on
			next = 1
		}
		if len(found) >= s.count || len(found) > 0 && p.read >= limit || !time.Now().Before(until) {
			return found, next, nil
		}
	}
}

// keys lists a page of the keys of the ring.
func (s scan) keys(c *call, from keyspace.ID, limit int) (p page, err error) {
	if err := c.pace(); err != nil {
		return p, err
	}
	r, err := c.conn.server.node.ScanRing(c.conn.server.ctx, node.Scan{From: from, Limit: limit})
	for _, k := range r.Keys {
		if s.kind == "" || s.kind == typeOf(k.Values) {
			p.found = append(p.found, k.Key)
		}
	}
	p.read, p.next = len(r.Keys), r.Next
	return p, err
}

// page writes where the next page begins, and what is on this one.
func (c *call) page(next uint64, found [][]byte) {
	c.array(2)
	c.text(strconv.FormatUint(next, 10))
	c.array(len(found))
	c.bulks(found)
}
