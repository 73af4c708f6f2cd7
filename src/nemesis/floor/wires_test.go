package floor

import (
	"context"
	"net"
	"slices"
	"sync"

	"google.golang.org/grpc/test/bufconn"

	"chord/node"
	"chord/wire"
)

// wires carry connections in memory, by address. Those between two nodes break
// when the way between them is cut, in either direction, and new ones wait: were
// they to stand still, gRPC would try again without a pause while virtual time
// waits for it.
type wires struct {
	mu      sync.Mutex
	listens map[string]*bufconn.Listener
	cuts    map[[2]string]bool
	changed chan struct{}       // closed at the next change of cuts
	cables  map[string][]*cable // by who dialled
}

func newWires() *wires {
	return &wires{listens: map[string]*bufconn.Listener{}, cuts: map[[2]string]bool{}, changed: make(chan struct{}), cables: map[string][]*cable{}}
}

func (w *wires) cut(from, to string, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cuts[[2]string{from, to}] = cut
	close(w.changed)
	w.changed = make(chan struct{})
	if cut {
		for _, c := range append(slices.Clone(w.cables[from]), w.cables[to]...) {
			if c.from == from && c.to == to || c.from == to && c.to == from {
				c.Conn.Close()
			}
		}
	}
}

// pass waits until the way is open, or done.
func (w *wires) pass(from, to string, done <-chan struct{}) error {
	for {
		w.mu.Lock()
		cut, changed := w.cuts[[2]string{from, to}] || w.cuts[[2]string{to, from}], w.changed
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
		out := &cable{Conn: c, from: from, to: to}
		w.mu.Lock()
		w.cables[from] = append(w.cables[from], out)
		w.mu.Unlock()
		return out, nil
	}})
}

// cable is a connection, whoever dialled it.
type cable struct {
	net.Conn
	from, to string
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
	cables := w.cables[addr]
	delete(w.cables, addr)
	w.mu.Unlock()
	// First the connections, as where a process dies: a client that closes in good
	// order waits for a way that is cut, while others try again without a pause, and
	// virtual time stands still.
	for _, c := range cables {
		c.Close()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.server.Stop(ctx)
	s.end()
	<-s.ended
}
