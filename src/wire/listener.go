package wire

import (
	"net"
	"sync"
	"sync/atomic"
)

// listener knows its connections, so that the end of a server need not wait
// for one that never says a word: gRPC does, up to greetTimeout.
type listener struct {
	net.Listener
	counts *counts

	mu     sync.Mutex
	closed bool
	conns  map[*accepted]bool
}

// accepted is a connection that knows whether its caller spoke.
type accepted struct {
	net.Conn
	spoke  atomic.Bool
	forget func()
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	a := &accepted{Conn: c}
	a.forget = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.conns[a] {
			delete(l.conns, a)
			l.counts.connections.Add(-1)
		}
	}
	l.counts.accepted.Add(1)
	l.counts.connections.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		c.Close()
	}
	l.conns[a] = true
	return a, nil
}

// Close closes the listener and the connections that are still silent.
func (l *listener) Close() error {
	err := l.Listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.conns {
		if !c.spoke.Load() {
			c.Conn.Close()
		}
	}
	return err
}

func (a *accepted) Read(b []byte) (int, error) {
	n, err := a.Conn.Read(b)
	if n > 0 {
		a.spoke.Store(true)
	}
	return n, err
}

func (a *accepted) Close() error {
	a.forget()
	return a.Conn.Close()
}
