package wire

import (
	"context"
	"iter"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// fake is a node that answers what it is told to.
type fake struct {
	do      func(context.Context, node.Op) (node.Result, error)
	entries func(context.Context) iter.Seq2[node.Entry, error]
	operate func(context.Context, node.Op) (node.Result, error)
	begun   func(node.Write) // hears of a write when it begins
	write   func(context.Context, node.Write) error
	read    func(context.Context, node.Read) (node.ReadReply, error)
	compare func(context.Context, node.Compare) (node.CompareReply, error)
	take    func(context.Context, node.Take) ([]node.BucketDigest, error)
	fetch   func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error]
	forget  func(context.Context, string) error
	ring    func(context.Context, ring.Request) (ring.Response, error)
	leave   func(context.Context) error
	export  func(context.Context, []node.Range) iter.Seq2[node.Exported, error]
	backup  func(context.Context, func(done, total int64) error) (*store.Snapshot, error)
}

var self = member.Member{
	ID: keyspace.HashNode("test", "a", 0), Name: "a", Addr: "node-a:4242", Domain: "node-a",
	Incarnation: 1 << 63, Version: 7, State: member.Suspect,
}

func (f *fake) Ring(ctx context.Context, q ring.Request) (ring.Response, error) {
	if f.ring != nil {
		return f.ring(ctx, q)
	}
	me := ring.Peer{ID: self.ID, Addr: self.Addr}
	return ring.State{Self: me, Successors: []ring.Peer{me}}, nil
}

func (f *fake) Member(_ context.Context, q member.Request) (member.Response, error) {
	return member.Ack{From: self.ID, Gossip: []member.Member{self}}, nil
}

func (f *fake) Hello(context.Context) (node.Hello, error) {
	return node.Hello{Member: self, Process: 42, Joined: true, Quorums: replica.Default}, nil
}

func (f *fake) Do(ctx context.Context, op node.Op) (node.Result, error) {
	if f.do == nil {
		return node.Result{Values: [][]byte{op.Key, op.Value}}, nil
	}
	return f.do(ctx, op)
}

func (f *fake) Operate(ctx context.Context, op node.Op) (node.Result, error) {
	return f.operate(ctx, op)
}

func (f *fake) Forget(ctx context.Context, name string) error { return f.forget(ctx, name) }

func (f *fake) Entries(ctx context.Context) iter.Seq2[node.Entry, error] { return f.entries(ctx) }

func (f *fake) Lookup(_ context.Context, target keyspace.ID) (node.Trace, error) {
	me := ring.Peer{ID: self.ID, Addr: self.Addr}
	step := node.TraceStep{Asked: me, Took: time.Millisecond, Err: "not \xff text"}
	return node.Trace{Target: target, Owner: me, Successors: []ring.Peer{me}, Steps: []node.TraceStep{step}}, nil
}

func (f *fake) Status() node.Status {
	return node.Status{Ring: "test", Self: self, Since: time.Unix(5, 0).UTC(), Members: []member.Member{self}}
}

func (f *fake) Members() []member.Member { return []member.Member{self} }

func (f *fake) Leave(ctx context.Context) error { return f.leave(ctx) }

func (f *fake) Export(ctx context.Context, wanted []node.Range) iter.Seq2[node.Exported, error] {
	return f.export(ctx, wanted)
}

func (f *fake) Backup(ctx context.Context, progress func(done, total int64) error) (*store.Snapshot, error) {
	return f.backup(ctx, progress)
}

const addr = "node-a:4242"

// network carries connections in memory, by address.
type network struct {
	mu        sync.Mutex
	listeners map[string]*bufconn.Listener
}

func (n *network) listen(addr string) net.Listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = make(map[string]*bufconn.Listener)
	}
	n.listeners[addr] = bufconn.Listen(256 << 10)
	return n.listeners[addr]
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

// serve starts a server for f on the network; it ends with the test.
func (n *network) serve(t testing.TB, f Node, o Options) *Server {
	t.Helper()
	if o.Ring == "" {
		o.Ring = "test"
	}
	s := NewServer(f, o)
	l := n.listen(addr)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

// pair starts a server for f and returns it as another node and as a client
// reach it.
func pair(t testing.TB, f Node, o Options) (node.Peer, *Client) {
	t.Helper()
	var n network
	n.serve(t, f, o)
	return n.peer(t, Options{}), n.client(t, Options{})
}

func (n *network) peer(t testing.TB, o Options) node.Peer {
	t.Helper()
	if o.Ring == "" {
		o.Ring = "test"
	}
	o.Dial = n.dial
	d := NewDialer(o.Ring, o)
	t.Cleanup(func() { d.Close() })
	return d.Dial(addr)
}

// insert and retrieve ask once for an operation.
func insert(ctx context.Context, c *Client, key, value []byte) error {
	_, _, err := c.Operate(ctx, node.Op{Kind: node.Insert, Key: key, Value: value})
	return err
}

func retrieve(ctx context.Context, c *Client, key []byte) ([][]byte, error) {
	r, _, err := c.Operate(ctx, node.Op{Kind: node.Retrieve, Key: key})
	return r.Values, err
}

func (n *network) client(t testing.TB, o Options) *Client {
	t.Helper()
	o.Dial = n.dial
	d := NewDialer(o.Ring, o)
	t.Cleanup(func() { d.Close() })
	c, err := d.Client(addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fake) Write(ctx context.Context, w node.Write) func() error {
	if f.begun != nil {
		f.begun(w)
	}
	return func() error {
		if f.write == nil {
			return nil
		}
		return f.write(ctx, w)
	}
}

func (f *fake) Read(ctx context.Context, r node.Read) (node.ReadReply, error) { return f.read(ctx, r) }

func (f *fake) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	return f.compare(ctx, c)
}

func (f *fake) Take(ctx context.Context, t node.Take) ([]node.BucketDigest, error) {
	return f.take(ctx, t)
}

func (f *fake) Purge(_ context.Context, p node.PurgeCall) (node.PurgeReply, error) {
	return node.PurgeReply{OK: true, Purges: p.Purges, Peers: []keyspace.ID{self.ID}}, nil
}

func (f *fake) Scan(_ context.Context, s node.Scan) (node.ScanReply, error) {
	if s.Limit == 0 {
		return node.ScanReply{Count: 1 << 40}, nil
	}
	return node.ScanReply{Keys: []node.ScannedKey{{Key: []byte("k"), Values: uint64(s.Limit)}}, Next: keyspace.ID{0xff, 0xff}}, nil
}

func (f *fake) Seen(_ context.Context, from member.Member) (uint64, error) {
	return from.Incarnation, nil
}

func (f *fake) Fetch(ctx context.Context, q node.Fetch) iter.Seq2[node.Fetched, error] {
	return f.fetch(ctx, q)
}
