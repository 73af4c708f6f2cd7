package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"chord/share"
	"chord/store"
)

// The bounds of one command.
const (
	maxArgs    = 1 << 16        // of a command, its name among them
	maxBulk    = store.MaxValue // bytes of an argument
	maxCommand = 32 << 20       // bytes of all arguments
	maxInline  = 16 << 10       // bytes of a command that is typed
	maxNumber  = 32             // bytes of a line that holds a number
	maxDigits  = 9              // of a number
	maxShy     = 10             // arguments, from who has not shown who he is
	maxShyBulk = 16 << 10       // bytes of each
	overhead   = 24             // bytes that an argument takes beside its own
)

// The sizes of buffers.
const (
	bufferSize = 4 << 10        // bytes to begin with
	freeBuffer = 2 * bufferSize // what is larger is counted
	keepBuffer = 4 * bufferSize // what is larger is given back when it is empty
	chunkSize  = 4 << 10        // bytes of small arguments that are allocated at once
	wholeChunk = chunkSize / 4  // so many bytes have memory of their own
	maxSpare   = 4 * maxBatch   // arguments for which there is room when there are none
)

const crlf = "\r\n"

var errMemory = errors.New("gateway: there is no memory left for a command of this size")

// errShort says that the rest of a command has not come.
var errShort = errors.New("gateway: the command is not complete")

// protocolError ends a connection: where the next command begins is not known.
type protocolError struct{ text string }

func (e *protocolError) Error() string { return "Protocol error: " + e.text }

func malformed(format string, args ...any) error {
	return &protocolError{fmt.Sprintf(format, args...)}
}

// span is an argument: bytes of the buffer, counted from where its command
// begins.
type span struct{ from, to int }

// reader takes commands out of a stream of bytes.
//
// Invariant: buf[at:end] came and was not taken; a command that is not complete
// begins at at, was read up to at+pos, and is not read again up to there.
type reader struct {
	from   io.Reader
	memory *share.Room
	host   string // whose memory it is
	shy    bool   // the other side has not shown who it is

	buf     []byte
	at, end int

	pos   int
	left  int // arguments to come, -1: the first line is to come
	bulk  int // bytes of the argument to come, -1: its length is to come
	size  int // bytes of arguments so far
	spans []span

	begun time.Time // when waiting for the rest of a command began, or for more of it
	mark  int       // with so much of it the wait begins anew

	chunk []byte   // from which small arguments are allocated
	spare [][]byte // room for the arguments of a batch
}

func newReader(from io.Reader, memory *share.Room, host string) *reader {
	return &reader{from: from, memory: memory, host: host, buf: make([]byte, bufferSize), left: -1, bulk: -1}
}

// empty reports whether no part of a command is waiting.
func (r *reader) empty() bool { return r.at == r.end }

// since returns when the wait began for the rest of a command, or for the next 64
// KiB of it.
func (r *reader) since(now time.Time) time.Time {
	if have := r.end - r.at; r.begun.IsZero() || have >= r.mark {
		r.begun, r.mark = now, have+partBytes
	}
	return r.begun
}

// fill reads once. A command that needs more room than there is gets it.
func (r *reader) fill() error {
	if err := r.makeRoom(); err != nil {
		return err
	}
	n, err := r.from.Read(r.buf[r.end:])
	r.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

func (r *reader) makeRoom() error {
	if r.empty() {
		r.at, r.end = 0, 0
		if len(r.buf) > keepBuffer {
			r.resize(bufferSize)
		}
	}
	need := r.pos + max(0, r.bulk) + len(crlf)
	if r.at > 0 && (r.end == len(r.buf) || r.at+need > len(r.buf)) {
		r.end = copy(r.buf, r.buf[r.at:r.end])
		r.at = 0
	}
	if need <= len(r.buf) && r.end < len(r.buf) {
		return nil
	}
	return r.grow(max(2*len(r.buf), need))
}

func (r *reader) grow(size int) error {
	if more := size - max(len(r.buf), freeBuffer); more > 0 && !r.memory.Take(r.host, more) {
		return errMemory
	}
	buf := make([]byte, size)
	r.end = copy(buf, r.buf[r.at:r.end])
	r.at, r.buf = 0, buf
	return nil
}

// resize replaces an empty buffer by a small one.
func (r *reader) resize(size int) {
	r.release()
	r.buf = make([]byte, size)
}

// release gives back the memory that the buffer took.
func (r *reader) release() { r.memory.Give(r.host, max(0, len(r.buf)-freeBuffer)) }

// next returns the next command, whose bytes are the caller's, or errShort where
// it is not complete yet. The slices themselves are good until recycle.
func (r *reader) next() ([][]byte, error) {
	for {
		if r.left < 0 {
			if args, err := r.begin(); err != nil || args != nil {
				return args, err
			}
			continue // an empty line, or an array of nothing
		}
		if err := r.arguments(); err != nil {
			return nil, err
		}
		args := r.own(r.spans)
		r.finish(r.pos)
		return args, nil
	}
}

// finish goes on behind a command of so many bytes.
func (r *reader) finish(size int) {
	r.at += size
	r.pos, r.left, r.bulk, r.size, r.spans = 0, -1, -1, 0, r.spans[:0]
	r.begun = time.Time{}
}

// begin reads the first line of a command. A line that is typed is all of it.
func (r *reader) begin() ([][]byte, error) {
	line, err := r.line(maxInline)
	if err != nil {
		return nil, err
	}
	if len(line) == 0 || line[0] != '*' {
		spans, err := splitInline(line)
		if err != nil {
			return nil, err
		}
		args := r.own(spans)
		r.finish(r.pos)
		if len(args) > 0 && isHTTP(args[0]) {
			return nil, malformed("this port does not speak HTTP")
		}
		return args, nil
	}
	n, ok := number(line[1:])
	most := maxArgs
	if r.shy {
		most = maxShy
	}
	switch {
	case !ok || n > most && !r.shy:
		return nil, malformed("invalid multibulk length %.20q: the limit is %d", line[1:], most)
	case n > most:
		return nil, malformed("unauthenticated multibulk length")
	case n <= 0:
		r.finish(r.pos)
		return nil, nil
	}
	r.left = n
	return nil, nil
}

// arguments reads what is left of a command.
func (r *reader) arguments() error {
	for r.left > 0 {
		if r.bulk < 0 {
			if err := r.length(); err != nil {
				return err
			}
		}
		from := r.at + r.pos
		if r.end-from < r.bulk+len(crlf) {
			return errShort
		}
		if string(r.buf[from+r.bulk:from+r.bulk+len(crlf)]) != crlf {
			return malformed("an argument of %d bytes does not end where it should", r.bulk)
		}
		r.spans = append(r.spans, span{r.pos, r.pos + r.bulk})
		r.pos += r.bulk + len(crlf)
		r.bulk = -1
		r.left--
	}
	return nil
}

// length reads how long the next argument is.
func (r *reader) length() error {
	line, err := r.line(maxNumber)
	if err != nil {
		return err
	}
	if len(line) == 0 || line[0] != '$' {
		return malformed("expected '$', got %.1q", line)
	}
	n, ok := number(line[1:])
	switch {
	case !ok || n < 0:
		return malformed("invalid bulk length %.20q", line[1:])
	case r.shy && n > maxShyBulk:
		return malformed("unauthenticated bulk length")
	case n > maxBulk:
		return malformed("invalid bulk length %d: the limit is %d (1 MiB)", n, maxBulk)
	}
	if r.size += n + overhead; r.size > maxCommand {
		return malformed("a command of more than %d bytes", maxCommand)
	}
	r.bulk = n
	return nil
}

// line returns the line at pos, without its end, and goes on behind it.
func (r *reader) line(most int) ([]byte, error) {
	rest := r.buf[r.at+r.pos : r.end]
	i := bytes.IndexByte(rest, '\n')
	if i > most || i < 0 && len(rest) > most {
		return nil, malformed("too big a line")
	}
	if i < 0 {
		return nil, errShort
	}
	r.pos += i + 1
	return bytes.TrimSuffix(rest[:i], []byte{'\r'}), nil
}

// number reads a length: digits, or -1.
func number(b []byte) (n int, ok bool) {
	if string(b) == "-1" {
		return -1, true
	}
	if len(b) == 0 || len(b) > maxDigits {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// own copies arguments out of the buffer.
func (r *reader) own(spans []span) [][]byte {
	if len(spans) == 0 {
		return nil
	}
	size := 0
	for _, s := range spans {
		size += s.to - s.from
	}
	block := r.block(size)
	first := len(r.spare)
	for _, s := range spans {
		n := copy(block, r.buf[r.at+s.from:r.at+s.to])
		r.spare = append(r.spare, block[:n:n])
		block = block[n:]
	}
	return r.spare[first:len(r.spare):len(r.spare)]
}

// block allocates memory, for small pieces many at a time.
func (r *reader) block(size int) []byte {
	if size >= wholeChunk {
		return make([]byte, size)
	}
	if size > len(r.chunk) {
		r.chunk = make([]byte, chunkSize)
	}
	b := r.chunk[:size:size]
	r.chunk = r.chunk[size:]
	return b
}

// recycle ends the life of all slices that next returned.
func (r *reader) recycle() {
	clear(r.spare)
	if r.spare = r.spare[:0]; cap(r.spare) > maxSpare {
		r.spare = nil
	}
}
