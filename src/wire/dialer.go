package wire

import (
	"context"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"chord/node"
	"chord/wire/chordpb"
)

// Dialer reaches other nodes of one ring. It implements [node.Dialer]: all
// callers share a node's connections, one for liveness traffic and one for data.
type Dialer struct {
	ring     string
	options  Options
	greeting metadata.MD
	creds    credentials.TransportCredentials

	mu     sync.Mutex
	conns  map[connKey]*conn
	uses   uint64 // counts up, to tell which connection was used last
	closed bool
}

// connKey names a connection. Data has one of its own, so that a question
// whether a node lives never waits behind megabytes.
type connKey struct {
	addr string
	data bool
}

type conn struct {
	*grpc.ClientConn
	// Operations of clients, those between nodes, and those on copies that both
	// wait for: none of them takes the room of another.
	clients, nodes, copies *exchange

	calls int    // under way; a connection with calls is not evicted
	made  uint64 // the generation of certificates in which it was made
	old   bool   // is closed with its last call
	used  uint64 // when, in the count of the dialer's uses
}

// NewDialer returns a dialer for the ring of that name.
func NewDialer(ring string, o Options) *Dialer {
	o = o.withDefaults()
	return &Dialer{ring: ring, options: o, greeting: greeting(ring, o.version), creds: o.credentials(), conns: make(map[connKey]*conn)}
}

// Dial returns the node at addr. Nothing is sent before its first call.
func (d *Dialer) Dial(addr string) node.Peer { return remote{dialer: d, addr: addr} }

// Close breaks off all calls and closes all connections.
func (d *Dialer) Close() error {
	d.mu.Lock()
	conns := d.conns
	d.conns, d.closed = nil, true
	d.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	return nil
}

// acquire returns the connection of that name for one call, and what to do
// after it.
func (d *Dialer) acquire(key connKey) (*conn, func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, &node.Error{Kind: node.Unavailable, Text: "cannot reach " + key.addr + ": this side is stopping"}
	}
	c := d.conns[key]
	generation := d.generation()
	if c != nil && c.made != generation {
		d.retire(key, c)
		c = nil
	}
	if c == nil {
		cc, err := d.connect(key.addr)
		if err != nil {
			return nil, nil, &node.Error{Kind: node.Invalid, Text: "cannot reach " + key.addr + ": " + err.Error()}
		}
		c = newConn(remote{dialer: d, addr: key.addr}, cc)
		c.made = generation
		d.evict()
		d.conns[key] = c
	}
	c.calls++
	d.uses++
	c.used = d.uses
	return c, func() { d.release(c) }, nil
}

func newConn(to remote, cc *grpc.ClientConn) *conn {
	limits := to.dialer.options
	return &conn{
		ClientConn: cc,
		nodes: newExchange(to, limits.newSlots(0), func(ctx context.Context, o ...grpc.CallOption) (exchangeStream, error) {
			return chordpb.NewStorageClient(cc).Exchange(ctx, o...)
		}),
		copies: newExchange(to, limits.newSlots(maxCrowd), func(ctx context.Context, o ...grpc.CallOption) (exchangeStream, error) {
			return chordpb.NewStorageClient(cc).Replicate(ctx, o...)
		}),
		clients: newExchange(to, limits.newSlots(0), func(ctx context.Context, o ...grpc.CallOption) (exchangeStream, error) {
			return chordpb.NewChordClient(cc).Exchange(ctx, o...)
		}),
	}
}

// release ends a call; from then on the connection may be evicted.
func (d *Dialer) release(c *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.calls--; c.old && c.calls == 0 {
		go c.Close()
	}
}

// generation counts the changes of certificates, CAs and mode.
func (d *Dialer) generation() uint64 {
	if d.options.Trust == nil {
		return 0
	}
	return d.options.Trust.Generation()
}

// retire takes a connection out of use that was made with other certificates:
// the calls on it end as they would, the next ones go over a new one.
func (d *Dialer) retire(key connKey, c *conn) {
	delete(d.conns, key)
	if c.old = true; c.calls == 0 {
		go c.Close()
	}
}

// evict makes room for one more connection: gossip may name any number of
// addresses. It closes the one that has been idle for longest.
func (d *Dialer) evict() {
	if len(d.conns) < maxConns {
		return
	}
	var oldest connKey
	var found *conn
	for key, c := range d.conns {
		if c.calls == 0 && (found == nil || c.used < found.used) {
			oldest, found = key, c
		}
	}
	if found != nil {
		delete(d.conns, oldest)
		go found.Close()
	}
}

// connectTimeout is how long connecting may take, and handshakeTimeout how long it
// may with TLS: a machine with much to do is slow at that, and not away.
const (
	connectTimeout   = time.Second
	handshakeTimeout = greetTimeout
)

func (d *Dialer) patience() time.Duration {
	if d.options.Trust == nil {
		return connectTimeout
	}
	return handshakeTimeout
}

func (d *Dialer) dial(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return d.options.Dial(ctx, addr)
}

// outdated reports whether a call failed for want of a certificate that this side
// has by now: its connection was made before. Nothing came of it, so that it can go
// over a new one.
func (d *Dialer) outdated(c *conn, err error) bool {
	return err != nil && node.KindOf(err) == node.Unauthenticated && c.made != d.generation()
}

// connect makes a connection that connects by itself with the first call, and
// again within about half a second after it broke.
func (d *Dialer) connect(addr string) (*grpc.ClientConn, error) {
	if err := checkAddr(addr); err != nil {
		return nil, err
	}
	return grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(d.creds),
		grpc.WithContextDialer(d.dial),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer), grpc.MaxCallSendMsgSize(maxRequest)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 500 * time.Millisecond},
			MinConnectTimeout: d.patience(),
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithIdleTimeout(idleTimeout),
		grpc.WithMaxHeaderListSize(maxHeader),
		grpc.WithStaticStreamWindowSize(streamWindow),
		grpc.WithStaticConnWindowSize(connWindow),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
	)
}
