package gateway

import (
	"errors"
	"io"
	"math"
	"net"
	"os"
	"sync/atomic"
	"time"

	"chord/trust"
)

// Bounds of one connection.
const (
	maxBatch   = 128              // commands that run beside each other
	greetTime  = 10 * time.Second // to show who one is
	partTime   = 30 * time.Second // for 64 KiB of a command, or its rest
	partBytes  = 64 << 10
	writeTime  = 30 * time.Second // for writeBytes of an answer to be taken
	writeBytes = 64 << 10
	idleTime   = time.Hour
	evictAfter = time.Minute // idle for so long, a connection may make room for others
	lingerTime = time.Second // for an error to be read before the connection is closed
	firstTime  = time.Second // for the first command, where the server stops
)

// conn is one connection. It belongs to the goroutine of serve, except what is
// atomic and what close and hurry do.
type conn struct {
	server  *Server
	raw     net.Conn    // as it was accepted
	net     net.Conn    // with TLS over it, where there is TLS
	peer    *trust.Peer // nil: no certificate
	id      uint64
	host    string // where it comes from
	since   time.Time
	active  atomic.Int64 // when it last had a command, in nanoseconds
	last    atomic.Pointer[command]
	info    atomic.Pointer[identity]
	atFirst identity     // before anything was shown, and after the greeting
	ending  atomic.Bool  // no more commands are taken, or just the first
	endAt   atomic.Int64 // until when that may come, in nanoseconds

	reader   *reader
	by       *Users // among whom he authenticated; nil: he did not
	out      []byte
	calls    []call
	three    bool // RESP3
	quit     bool // after the answers are written
	failures int  // to authenticate
	strict   bool // the read deadline is not the idle one
	idleEnd  time.Time
	wave     wave
}

// identity is who is on the other side. It is replaced, never changed.
type identity struct {
	user       string
	role       trust.Role
	name       string // CLIENT SETNAME
	lib        string
	libVersion string
	three      bool
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{server: s, raw: nc, net: nc, id: s.lastID.Add(1), since: time.Now()}
	c.active.Store(c.since.UnixNano())
	c.atFirst = identity{user: "default", role: s.firstRole()}
	c.become(func(i *identity) { *i = c.atFirst })
	return c
}

// who is the client, as others count it: a certificate or an address.
func (c *conn) who() string {
	if c.peer != nil {
		return c.peer.Name
	}
	return c.host
}

// become changes who is on the other side.
func (c *conn) become(change func(*identity)) {
	var now identity
	if was := c.info.Load(); was != nil {
		now = *was
	}
	change(&now)
	c.info.Store(&now)
	if c.reader != nil {
		c.reader.shy = now.role == trust.None
	}
}

// close ends the connection from outside.
func (c *conn) close(why string) {
	c.ending.Store(true)
	c.server.log.Debug("redis connection closed", "client", c.raw.RemoteAddr().String(), "reason", why)
	c.raw.Close()
}

// hurry has no more commands taken. Who has sent none yet has connected while the
// server was there: its first one may be on its way, and is waited for.
func (c *conn) hurry() {
	end := time.Unix(1, 0)
	if c.last.Load() == nil {
		end = time.Now().Add(firstTime)
	}
	c.endAt.Store(end.UnixNano())
	c.ending.Store(true)
	c.raw.SetReadDeadline(end)
}

// serve answers until the connection ends.
func (c *conn) serve() {
	defer func() { c.net.Close() }()
	if err := c.greet(); err != nil {
		c.server.log.Debug("redis connection refused", "client", c.raw.RemoteAddr().String(), "error", err.Error())
		return
	}
	c.reader = newReader(c.net, c.server.memory, c.host)
	c.reader.shy = c.info.Load().role == trust.None
	defer func() { c.reader.release() }()
	err := c.loop()
	if text := c.farewell(err); text != "" {
		c.out = append(append(append(c.out, '-'), text...), crlf...)
		if c.flush() == nil {
			c.linger()
		}
	}
}

// loop reads batches of commands and answers them.
func (c *conn) loop() error {
	for first := true; !c.quit && (first || !c.ending.Load()); first = false {
		n, err := c.gather()
		if n > 0 {
			c.active.Store(math.MaxInt64) // busy
			if err := c.valid(); err != nil {
				return err
			}
			if err := c.answer(c.calls[:n]); err != nil {
				return err
			}
			c.active.Store(time.Now().UnixNano())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// valid is an error where the certificate that was shown is good no more. Who said
// a password that is good no more is nobody again.
func (c *conn) valid() error {
	if users := c.server.users.Load(); c.by != nil && c.by != users {
		if name := c.info.Load().user; !users.still(c.by, name) {
			c.by = nil
			c.become(func(i *identity) { i.role = trust.None })
			return nil
		}
		c.by = users
	}
	if c.peer == nil || c.info.Load().role == trust.None {
		return nil
	}
	return c.peer.Check()
}

// gather waits for commands, and returns how many came: at least one, unless
// there is an error, which comes after them.
func (c *conn) gather() (n int, err error) {
	c.reader.recycle()
	for size := 0; n < maxBatch && size < partBytes; {
		args, err := c.reader.next()
		switch {
		case err == nil:
			if n == len(c.calls) {
				c.calls = append(c.calls, call{})
			}
			c.calls[n].reset(c, args)
			size += c.calls[n].size()
			n++
		case err != errShort:
			return n, err
		case n > 0:
			return n, nil
		default:
			if err := c.read(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// read waits for more bytes, for as long as who sends them may take.
func (c *conn) read() error {
	now := time.Now()
	switch {
	case c.info.Load().role == trust.None:
		c.setDeadline(c.since.Add(greetTime))
	case !c.reader.empty():
		c.setDeadline(c.reader.since(now).Add(partTime))
	case c.strict || c.idleEnd.Sub(now) < idleTime/2:
		c.idleEnd = now.Add(idleTime)
		c.setDeadline(c.idleEnd)
		c.strict = false
	}
	before := c.reader.end - c.reader.at
	err := c.reader.fill()
	c.server.stats.in.Add(uint64(max(0, c.reader.end-c.reader.at-before)))
	return err
}

// setDeadline bounds the next reads, unless the server is stopping.
func (c *conn) setDeadline(at time.Time) {
	c.strict = true
	c.net.SetReadDeadline(at)
	if c.ending.Load() {
		c.net.SetReadDeadline(time.Unix(0, c.endAt.Load()))
	}
}

// flush writes what was answered.
func (c *conn) flush() error {
	err := c.write(c.out)
	if c.out = c.out[:0]; cap(c.out) > writeBytes {
		c.out = nil
	}
	return err
}

func (c *conn) write(b []byte) error {
	for len(b) > 0 {
		c.net.SetWriteDeadline(time.Now().Add(writeTime))
		n, err := c.net.Write(b[:min(len(b), writeBytes)])
		c.server.stats.out.Add(uint64(n))
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// farewell is what to tell about the end of a connection, or nothing.
func (c *conn) farewell(err error) string {
	var bad *protocolError
	var refused *trust.Refusal
	switch {
	case err == nil || errors.Is(err, io.EOF) || c.ending.Load():
		return ""
	case errors.As(err, &bad):
		return "ERR " + bad.Error()
	case errors.As(err, &refused):
		return "NOAUTH " + refused.Error()
	case errors.Is(err, errMemory):
		return "TRYAGAIN " + errMemory.Error()
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return ""
	case c.info.Load().role == trust.None:
		return "NOAUTH authentication took too long"
	case !c.reader.empty():
		return "ERR the command did not come to its end in time"
	}
	return "" // it was idle
}

// linger waits until the other side has had time to read why it is closed.
func (c *conn) linger() {
	if t, ok := c.net.(interface{ CloseWrite() error }); ok {
		t.CloseWrite()
	}
	c.net.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.net, maxCommand)
}
