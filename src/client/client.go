package client

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"chord/node"
	"chord/wire"
)

// Options says how a ring is used. Its zero value will do.
type Options struct {
	// Wire says how nodes are reached: the name of the ring, if no other shall be
	// met, credentials, and the time that an operation has whose context has no
	// deadline.
	Wire wire.Options
	// Direct asks nobody but the addresses given, the first of them that can be
	// reached: for who cannot reach all nodes, wants a certain one, or has little to
	// ask.
	Direct bool
	// Connections is how many members are asked beside the addresses given, at
	// most; in larger rings some keys take a hop more. 256 where zero.
	Connections int
	// Refresh is how old the list of members may get while the client is used; ten
	// seconds where zero.
	Refresh time.Duration
	// Calls is how many operations begun with [Client.Go] are under way at once, at
	// most; 4,096 where zero.
	Calls int
}

func (o Options) withDefaults() Options {
	if o.Connections <= 0 {
		o.Connections = 256
	}
	if o.Refresh <= 0 {
		o.Refresh = 10 * time.Second
	}
	if o.Calls <= 0 {
		o.Calls = 4096
	}
	if o.Wire.Timeout <= 0 {
		o.Wire.Timeout = node.DefaultTimeout
	}
	return o
}

// Client is a user of a ring. Its methods are safe for concurrent use.
type Client struct {
	o      Options
	dialer *wire.Dialer
	seed   uint64    // chooses among more members than connections
	given  []*target // in the order in which they are asked

	table atomic.Pointer[table] // nil: not learned
	used  atomic.Bool           // since the members were learned
	wake  chan struct{}         // they had better be learned again
	slots chan struct{}         // of Go

	mu     sync.Mutex
	others map[string]*target // by address, those of the table

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup
}

// Open returns a client of the ring of which nodes run at the addresses,
// host:port, the best known first. It asks one of them who the members are;
// ctx bounds that alone. With Options.Direct nothing is sent.
func Open(ctx context.Context, addrs []string, o Options) (*Client, error) {
	o = o.withDefaults()
	c := &Client{
		o: o, dialer: wire.NewDialer(o.Wire.Ring, o.Wire), seed: rand.Uint64(),
		wake: make(chan struct{}, 1), slots: make(chan struct{}, o.Calls), others: make(map[string]*target),
	}
	for _, addr := range addrs {
		to, err := c.dialer.Client(addr)
		if err != nil {
			return nil, err
		}
		c.given = append(c.given, &target{Client: to, given: true})
	}
	if len(addrs) == 0 {
		return nil, &node.Error{Kind: node.Invalid, Text: "no node is named", Remedy: "give the address of one, host:port"}
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if o.Direct {
		return c, nil
	}
	if err := c.learn(ctx); err != nil {
		c.Close()
		return nil, err
	}
	c.tasks.Go(c.keepLearning)
	return c, nil
}

// Close breaks off all that is under way and closes the connections.
func (c *Client) Close() error {
	c.cancel()
	err := c.dialer.Close()
	c.tasks.Wait()
	return err
}
