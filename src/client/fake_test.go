package client

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc/test/bufconn"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/wire"
)

// fake is a node that answers what it is told to; nobody asks more of it.
type fake struct {
	wire.Node
	operate func(context.Context, node.Op) (node.Result, error)
	status  node.Status
}

func (f *fake) Operate(ctx context.Context, op node.Op) (node.Result, error) {
	return f.operate(ctx, op)
}
func (f *fake) Status() node.Status      { return f.status }
func (f *fake) Members() []member.Member { return f.status.Members }

// network carries connections in memory, by address.
type network struct {
	mu        sync.Mutex
	listeners map[string]*bufconn.Listener
}

func (n *network) dial(ctx context.Context, addr string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[addr]
	n.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: net.UnknownNetworkError("connection refused")}
	}
	return l.DialContext(ctx)
}

// serve starts a server at addr; stop, or the end of the test, ends it.
func (n *network) serve(t testing.TB, addr, ring string, f wire.Node) (stop func()) {
	t.Helper()
	s, l := wire.NewServer(f, wire.Options{Ring: ring}), bufconn.Listen(256<<10)
	n.mu.Lock()
	if n.listeners == nil {
		n.listeners = make(map[string]*bufconn.Listener)
	}
	n.listeners[addr] = l
	n.mu.Unlock()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	stop = sync.OnceFunc(func() {
		n.mu.Lock()
		if n.listeners[addr] == l {
			delete(n.listeners, addr)
		}
		n.mu.Unlock()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (n *network) options() Options {
	return Options{Wire: wire.Options{Ring: "test", Dial: n.dial}}
}

// open returns a client of the network that ends with the test.
func (n *network) open(t testing.TB, o Options, addrs ...string) *Client {
	t.Helper()
	o.Wire = n.options().Wire
	c, err := Open(t.Context(), addrs, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ringOf returns the status of a node in a ring of serving members.
func ringOf(addrs ...string) node.Status {
	s := node.Status{Ring: "test", Quorums: replica.Default}
	for _, addr := range addrs {
		host, _, _ := net.SplitHostPort(addr)
		s.Members = append(s.Members, member.Member{ID: keyspace.HashNode("test", addr, 0), Name: host, Addr: addr, Domain: host, Serving: true})
	}
	s.Self, s.View = s.Members[0], ring.View{Phase: ring.Member}
	return s
}

func kind(t *testing.T, err error, want node.Kind) {
	t.Helper()
	if err == nil || node.KindOf(err) != want {
		t.Errorf("got %v, want an error of the kind %v", err, want)
	}
}

func fail(k node.Kind) error { return &node.Error{Kind: k, Text: "told to be " + k.String()} }
