package gateway

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"chord/node"
	"chord/share"
	"chord/trust"
)

// Node is what a gateway serves: a [node.Node] in a program. Its methods are safe
// for concurrent use.
type Node interface {
	// Operate carries out an operation on a key, wherever its copies are.
	Operate(ctx context.Context, op node.Op) (node.Result, error)
	// ScanRing lists or counts keys of the whole ring.
	ScanRing(ctx context.Context, s node.Scan) (node.ScanReply, error)
	Status() node.Status
	// Ready is closed once the node has its place and its copies.
	Ready() <-chan struct{}
}

// Options say how a server serves; the zero value serves everybody who reaches
// it.
type Options struct {
	// Trust, where not nil, says who is on the other side by TLS.
	Trust *trust.Source
	// Users, where not nil, are who may authenticate; who shows no certificate has
	// to.
	Users *Users
	// MaxClients is how many connections there may be; 1,024 where zero.
	MaxClients int
	// ClientRate is how many operations a second one client may ask for, by
	// certificate, else by address; zero: any number.
	ClientRate int
	// Version is the program's, for INFO.
	Version string
	Log     *slog.Logger

	memory int // of a test, in place of maxBuffers
}

// Bounds of all connections together.
const (
	maxClients = 1024
	maxOps     = 1024 // operations of the ring at once
	maxLarge   = 8    // answers of any size at once
	// maxBuffers is how many bytes buffers and answers may take beside the first of
	// each connection.
	maxBuffers = 128 << 20
)

// Server answers commands. Its methods are safe for concurrent use.
type Server struct {
	node    Node
	options Options
	log     *slog.Logger
	began   time.Time
	ctx     context.Context // ends when what is in flight is broken off
	cancel  context.CancelFunc

	table   table
	users   atomic.Pointer[Users] // nil: nobody has to authenticate
	memory  *share.Room           // bytes of buffers and answers
	ops     *share.Turns          // of operations
	large   *share.Turns          // of answers of any size
	rates   *share.Rates
	workers workers
	stats   stats
	size    sizeCache
	lastID  atomic.Uint64

	places *share.Room // of connections, by address

	mu        sync.Mutex // guards what follows
	stopping  bool
	listeners map[net.Listener]bool
	conns     map[uint64]*conn
	live      sync.WaitGroup // of conns, and of who accepts them
}

// New returns a server of n that serves nothing yet.
func New(n Node, o Options) *Server {
	o.MaxClients = cmp.Or(o.MaxClients, maxClients)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		node: n, options: o, log: o.Log, began: time.Now(), table: newTable(), memory: share.New(cmp.Or(o.memory, maxBuffers)),
		places: share.New(o.MaxClients), ops: share.NewTurns(maxOps), large: share.NewTurns(maxLarge), rates: share.NewRates(o.ClientRate),
		listeners: make(map[net.Listener]bool), conns: make(map[uint64]*conn),
	}
	s.users.Store(o.Users)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.workers = workers{jobs: make(chan job), end: s.ctx}
	return s
}

// SetUsers changes who may authenticate. Who is connected stays, unless he is not
// among them any more or has another password or role.
func (s *Server) SetUsers(u *Users) { s.users.Store(u) }

// joined reports whether the node was ready once.
func (s *Server) joined() bool {
	select {
	case <-s.node.Ready():
		return true
	default:
		return false
	}
}

// Serve answers at l until Stop, then returns nil. It closes l. A server may
// serve several listeners.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.listen(l) {
		return nil
	}
	defer s.live.Done()
	for pause := acceptPause; ; {
		c, err := l.Accept()
		if err == nil {
			pause = acceptPause
			s.welcome(c)
			continue
		}
		if s.isStopping() {
			return nil
		}
		if !isTemporary(err) {
			return err
		}
		s.log.Warn("cannot accept a connection", "error", err.Error())
		time.Sleep(pause)
		pause = min(2*pause, time.Second)
	}
}

// acceptPause is how long to wait when there are no file descriptors left.
const acceptPause = 5 * time.Millisecond

func isTemporary(err error) bool {
	e, ok := err.(interface{ Temporary() bool })
	return ok && e.Temporary()
}

// listen is false where the server has been stopped.
func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[l] = true
	if !s.stopping {
		s.live.Add(1)
	}
	return !s.stopping
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// welcome begins a connection, or refuses it where there are too many, in all or
// of its address.
func (s *Server) welcome(nc net.Conn) {
	s.stats.connections.Add(1)
	c, host := newConn(s, nc), share.HostOf(nc.RemoteAddr())
	s.mu.Lock()
	room := s.places.Enter(host)
	if !room {
		if old := s.idlest(host); old != nil {
			old.close("idle, and another wants its place")
			s.drop(old)
			room = s.places.Enter(host)
		}
	}
	if room {
		c.host, s.conns[c.id] = host, c
		s.live.Add(1)
	}
	if s.stopping {
		c.hurry()
	}
	s.mu.Unlock()
	if !room {
		s.stats.rejected.Add(1)
		nc.SetWriteDeadline(time.Now().Add(time.Second))
		nc.Write([]byte("-ERR max number of clients reached\r\n"))
		nc.Close()
		return
	}
	go func() {
		defer s.live.Done()
		c.serve()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.drop(c)
	}()
}

// drop gives a connection's place back, once.
func (s *Server) drop(c *conn) {
	if s.conns[c.id] == c {
		delete(s.conns, c.id)
		s.places.Exit(c.host)
	}
}

// idlest returns the connection that has said nothing for the longest time, if that
// is long: one of the same address, or any for an address that has none.
func (s *Server) idlest(host string) (oldest *conn) {
	limit := time.Now().Add(-evictAfter).UnixNano()
	anyone := s.places.Of(host) == 0
	for _, c := range s.conns {
		if at := c.active.Load(); at < limit && (anyone || c.host == host) {
			oldest, limit = c, at
		}
	}
	return oldest
}

// Stop takes no more connections and commands, and waits for what is in flight,
// the first command of who has just connected among it.
// When ctx ends it breaks that off and returns the context's error.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	for l := range s.listeners {
		l.Close()
	}
	for _, c := range s.conns {
		c.hurry()
	}
	s.mu.Unlock()
	defer s.cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.live.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.close("the server stops")
	}
	return ctx.Err()
}
