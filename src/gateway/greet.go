package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"chord/trust"
)

// firstRole is that of who has shown nothing, and need not.
func (s *Server) firstRole() trust.Role {
	if s.users.Load() != nil {
		return trust.None
	}
	return trust.Write
}

var errPlain = errors.New("gateway: a plain connection where TLS is needed")

// handshake is the first byte of a TLS connection; no command begins so.
const handshake = 0x16

// greet finds out who is there, by TLS where it is on.
func (c *conn) greet() error {
	t := c.server.options.Trust
	if t == nil || t.Mode() == trust.Off {
		return nil
	}
	end := c.since.Add(greetTime)
	c.raw.SetReadDeadline(end)
	p := &peeked{Conn: c.raw}
	if err := p.peek(); err != nil {
		return err
	}
	c.net = p
	switch {
	case p.first[0] == handshake:
		return c.secure(t, p, end)
	case t.Mode() == trust.Require:
		c.write([]byte("-ERR this port speaks TLS\r\n"))
		c.linger()
		return errPlain
	}
	return nil
}

// secure makes a TLS connection of it. Where there are users, who shows no
// certificate may say a password instead.
func (c *conn) secure(t *trust.Source, p *peeked, end time.Time) error {
	asking := trust.Needed
	if c.server.users.Load() != nil {
		asking = trust.Wanted
	}
	over := tls.Server(p, t.Server(asking))
	ctx, cancel := context.WithDeadline(c.server.ctx, end)
	defer cancel()
	err := over.HandshakeContext(ctx)
	if err == nil {
		c.peer, err = t.Peer(over.ConnectionState(), false)
	}
	if err != nil {
		t.Note(c.raw.RemoteAddr().String(), err)
		return err
	}
	c.net = over
	c.atFirst.role = trust.None
	if c.peer != nil {
		c.atFirst.user, c.atFirst.role = c.peer.Name, c.peer.Role
	}
	c.become(func(i *identity) { *i = c.atFirst })
	return nil
}

// peeked is a connection whose first byte was looked at.
type peeked struct {
	net.Conn
	first []byte // to be read still
}

func (p *peeked) peek() error {
	p.first = make([]byte, 1)
	_, err := p.Conn.Read(p.first)
	return err
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.first) == 0 || len(b) == 0 {
		return p.Conn.Read(b)
	}
	n := copy(b, p.first)
	p.first = p.first[n:]
	return n, nil
}
