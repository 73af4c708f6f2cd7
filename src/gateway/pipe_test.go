package gateway

import (
	"bufio"
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// pipes is a listener without a network, for bubbles of virtual time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(t testing.TB) *talk { return p.dialFrom(t, "127.0.0.1") }

// from is a pipe that comes from an address.
type from struct {
	net.Conn
	host string
}

func (f from) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(f.host), Port: 1} }

func (p *pipes) dialFrom(t testing.TB, host string) *talk {
	mine, theirs := net.Pipe()
	p.conns <- from{theirs, host}
	t.Cleanup(func() { mine.Close() })
	return &talk{t, mine, bufio.NewReader(mine)}
}

// servePipes serves a node without a network; the server ends with the test.
func servePipes(t testing.TB, n Node, o Options) (*pipes, *Server) {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := New(n, o)
	served := make(chan error, 1)
	go func() { served <- s.Serve(p) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Stop(ctx)
		<-served
	})
	return p, s
}

// pipe serves a node for one connection.
func pipe(t testing.TB, n Node, o Options) *talk {
	p, _ := servePipes(t, n, o)
	return p.dial(t)
}

// nowhere is a connection that is not used.
type nowhere struct{ net.Conn }

func (nowhere) RemoteAddr() net.Addr { return &net.TCPAddr{} }
func (nowhere) LocalAddr() net.Addr  { return &net.TCPAddr{} }
