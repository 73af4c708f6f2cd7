package dashboard

import (
	"net"
	"sync"
	"sync/atomic"

	"chord/share"
)

// Stats is what a server has of connections.
type Stats struct {
	Connections int    // open
	Refused     uint64 // closed at once, for want of room
}

// Stats returns a snapshot.
func (s *Server) Stats() Stats { return Stats{s.places.Held(), s.refused.Load()} }

// limited is a listener with a bound of connections; what is too much, of all or of
// one address, is closed.
type limited struct {
	net.Listener
	room    *share.Room
	refused *atomic.Uint64
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := share.HostOf(c.RemoteAddr())
		if l.room.Enter(host) {
			return &counted{Conn: c, free: sync.OnceFunc(func() { l.room.Exit(host) })}, nil
		}
		l.refused.Add(1)
		c.Close()
	}
}

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	free func()
}

func (c *counted) Close() error {
	defer c.free()
	return c.Conn.Close()
}
