package floor

import (
	"context"
	"net"
	"sync"

	"google.golang.org/grpc/test/bufconn"

	"chord/node"
	"chord/wire"
)

// wires carry connections in memory, by address. What is sent while the way is
// cut waits, as in the buffers of a kernel.
type wires struct {
	mu      sync.Mutex
	listens map[string]*bufconn.Listener
	cuts    map[[2]string]bool
	changed chan struct{} // closed at the next change of cuts
}

func newWires() *wires {
	return &wires{listens: map[string]*bufconn.Listener{}, cuts: map[[2]string]bool{}, changed: make(chan struct{})}
}

func (w *wires) cut(from, to string, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cuts[[2]string{from, to}] = cut
	close(w.changed)
	w.changed = make(chan struct{})
}

// pass waits until the way is open, or done.
func (w *wires) pass(from, to string, done <-chan struct{}) error {
	for {
		w.mu.Lock()
		cut, changed := w.cuts[[2]string{from, to}], w.changed
		w.mu.Unlock()
		if !cut {
			return nil
		}
		select {
		case <-changed:
		case <-done:
			return net.ErrClosed
		}
	}
}

// dialer returns the other nodes as the one at from reaches them.
func (w *wires) dialer(from string) *wire.Dialer {
	return wire.NewDialer("test", wire.Options{Dial: func(ctx context.Context, to string) (net.Conn, error) {
		if err := w.pass(from, to, ctx.Done()); err != nil {
			return nil, err
		}
		w.mu.Lock()
		l := w.listens[to]
		w.mu.Unlock()
		if l == nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: net.UnknownNetworkError("connection refused")}
		}
		c, err := l.DialContext(ctx)
		if err != nil {
			return nil, err
		}
		return &cable{Conn: c, wires: w, from: from, to: to, closed: make(chan struct{})}, nil
	}})
}

type cable struct {
	net.Conn
	wires    *wires
	from, to string
	once     sync.Once
	closed   chan struct{}
}

func (c *cable) Write(b []byte) (int, error) {
	if err := c.wires.pass(c.from, c.to, c.closed); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c *cable) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil {
		err = c.wires.pass(c.to, c.from, c.closed)
	}
	return n, err
}

func (c *cable) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// served is a node on the wires.
type served struct {
	server *wire.Server
	ended  chan error
	end    func() // of what it calls others with
}

// serve attaches a node; dialer is what it calls others with.
func (w *wires) serve(addr string, n *node.Node, dialer *wire.Dialer) *served {
	l := bufconn.Listen(256 << 10)
	w.mu.Lock()
	w.listens[addr] = l
	w.mu.Unlock()
	s := &served{wire.NewServer(n, wire.Options{Ring: "test"}), make(chan error, 1), func() { dialer.Close() }}
	go func() { s.ended <- s.server.Serve(l) }()
	return s
}

// unplug breaks all connections of a node.
func (w *wires) unplug(addr string, s *served) {
	w.mu.Lock()
	delete(w.listens, addr)
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.server.Stop(ctx)
	s.end()
	<-s.ended
}
