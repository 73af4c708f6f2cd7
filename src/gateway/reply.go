package gateway

import (
	"math"
	"strconv"
)

// reply is an answer as it is written. With three it is RESP3, else RESP2, in
// which maps and sets are arrays.
type reply struct {
	b     []byte
	three bool
}

func (r *reply) head(kind byte, n int) {
	r.b = append(r.b, kind)
	r.b = strconv.AppendInt(r.b, int64(n), 10)
	r.b = append(r.b, crlf...)
}

// simple writes a text without line ends.
func (r *reply) simple(s string) {
	r.b = append(r.b, '+')
	r.b = append(r.b, s...)
	r.b = append(r.b, crlf...)
}

func (r *reply) ok() { r.simple("OK") }

// fail writes an error: a prefix of capitals and a text, in one line.
func (r *reply) fail(text string) {
	r.b = append(r.b, '-')
	for _, c := range []byte(text) {
		if c == '\r' || c == '\n' {
			c = ' '
		}
		r.b = append(r.b, c)
	}
	r.b = append(r.b, crlf...)
}

func (r *reply) integer(n int) { r.head(':', n) }

// unsigned writes a number that may be larger than an int.
func (r *reply) unsigned(n uint64) { r.integer(int(min(n, math.MaxInt))) }

func (r *reply) bulk(v []byte) {
	r.head('$', len(v))
	r.b = append(r.b, v...)
	r.b = append(r.b, crlf...)
}

func (r *reply) text(s string) {
	r.head('$', len(s))
	r.b = append(r.b, s...)
	r.b = append(r.b, crlf...)
}

// prose writes a text for people.
func (r *reply) prose(s string) {
	if !r.three {
		r.text(s)
		return
	}
	r.head('=', len(s)+len("txt:"))
	r.b = append(append(append(r.b, "txt:"...), s...), crlf...)
}

func (r *reply) null() {
	if r.three {
		r.b = append(r.b, "_\r\n"...)
	} else {
		r.b = append(r.b, "$-1\r\n"...)
	}
}

// array begins an array of n answers, set a set, dict a map of n pairs.
func (r *reply) array(n int) { r.head('*', n) }

func (r *reply) set(n int) {
	if r.three {
		r.head('~', n)
	} else {
		r.array(n)
	}
}

func (r *reply) dict(n int) {
	if r.three {
		r.head('%', n)
	} else {
		r.array(2 * n)
	}
}

// bulks writes the members of an array or a set.
func (r *reply) bulks(list [][]byte) {
	for _, v := range list {
		r.bulk(v)
	}
}
