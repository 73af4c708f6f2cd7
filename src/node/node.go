package node

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// Config is what a node needs.
type Config struct {
	// Addr is where other nodes reach this one: host:port.
	Addr string
	// Domain is the failure domain; the host of Addr where empty.
	Domain string
	// Bootstrap holds addresses of nodes of the ring; none: the node makes a
	// ring of its own, unless its database was a member of one.
	Bootstrap []string
	// ID pins the node's identifier; one of sixteen is chosen where zero.
	ID keyspace.ID
	// Store is the node's open database. The node does not close it.
	Store *store.Store
	// Quorums must be the same with all nodes of a ring; [replica.Default] where
	// zero.
	Quorums replica.Quorums
	Dialer  Dialer
	Log     *slog.Logger
	// Period is the time between two ticks of maintenance; a second where zero.
	Period time.Duration
	// Seed starts the node's random choices; taken from the system where zero.
	Seed uint64
	// RepairRate bounds how many bytes a second are fetched from others to fill
	// and mend copies; 32 MiB where zero.
	RepairRate int64
	// PurgeAfter is for how long removed keys are remembered at least, to save
	// work: what is right does not depend on it. A day where zero.
	PurgeAfter time.Duration
	// Meter and Tracer hear of what the node does for others; nil: nobody does.
	Meter  Meter
	Tracer Tracer
	// Security says how the connections are secured, for the status; nil: nobody
	// says. It is safe for concurrent use.
	Security func() Security
	// FingersOnly leaves the membership table out of lookups, for tests.
	FingersOnly bool
}

// Node is one node of a ring. Its methods are safe for concurrent use. It is a
// [Peer] itself: what other nodes ask of it.
type Node struct {
	cfg     Config
	log     *slog.Logger
	process uint64 // see Hello.Process
	since   time.Time

	ctx    context.Context // ends with Close
	cancel context.CancelCauseFunc
	tasks  sync.WaitGroup

	// loop owns these; nobody else touches them.
	ring         *ring.Ring
	table        *member.Table
	verdicts     ring.Verdicts
	cold         *ring.ColdStart // nil while the node has its place
	needContacts bool
	shun         keyspace.ID // the last candidate, which gives way to the next
	joined       bool        // it is or was a member; see join
	trial        int         // periods; see trialTick
	toldFormer   bool        // see meetFormer
	rand         *rand.Rand
	membersLast  []member.Member           // as the database remembers them
	unread       []keyspace.Bucket         // whose rows were damaged at the start
	downSince    map[keyspace.ID]time.Time // see watch
	dead         []keyspace.ID             // see watch

	inbox chan func()   // work for loop
	up    chan struct{} // closed when ring and table are there
	known atomic.Pointer[knowledge]

	mu      sync.Mutex // guards what follows
	catalog *replica.Catalog
	balance balance
	purge   PurgeStatus
	doing   string
	ready   time.Time
	leave   *leaving // nil: not asked to

	departures atomic.Pointer[[]departure] // see depart
	departing  chan struct{}               // holds one while copies become synced, or may not; waited for over a commit
	suspicious atomic.Bool                 // see suspectAll
	dropping   atomic.Int64                // confirmed copies are being deleted
	progress   progress
	requests   requests // of clients, that were carried out
	traffic    traffic  // of writes to others
	full       fullDisks
	debts      debts // writes that did not reach others
	pace       pace
	large      budget // of large sets in memory
	counters   counters
	tally      tally

	founder  atomic.Bool           // see unnoted
	alone    atomic.Bool           // damage that nobody can mend was told of
	spoiled  atomic.Uint64         // counts copies that were found damaged
	onTrial  atomic.Bool           // see former.go, also of what follows
	deposed  atomic.Pointer[Error] // nil: not
	wake     [wakes]chan struct{}  // see poke
	settled  chan struct{}         // closed when the buckets were asked for once
	readyCh  chan struct{}
	failedCh chan struct{}
	leftCh   chan struct{}
	failOnce sync.Once
	failure  error
}

// New makes a node over an open database. It does nothing before [Node.Start].
func New(c Config) (*Node, error) {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, &Error{Kind: Invalid, Text: "node: address " + c.Addr + " is not host:port", Remedy: "give it as host:port, for example 127.0.0.1:4170"}
	}
	if c.Domain == "" {
		c.Domain = host
	}
	if c.Period == 0 {
		c.Period = time.Second
	}
	if c.Quorums == (replica.Quorums{}) {
		c.Quorums = replica.Default
	}
	if err := c.Quorums.Check(); err != nil {
		return nil, &Error{Kind: Invalid, Text: err.Error(), Remedy: "use 3 copies and quorums of 2, or more of each"}
	}
	if c.RepairRate <= 0 {
		c.RepairRate = 32 << 20
	}
	if c.PurgeAfter <= 0 {
		c.PurgeAfter = 24 * time.Hour
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	n := &Node{
		cfg: c, log: c.Log, process: rand.Uint64(), since: time.Now(),
		downSince: make(map[keyspace.ID]time.Time), pace: pace{rate: c.RepairRate}, large: budget{all: largeSets}, rand: rand.New(rand.NewPCG(c.Seed, 0)), doing: "starting",
		inbox: make(chan func(), 1024), up: make(chan struct{}),
		settled: make(chan struct{}), readyCh: make(chan struct{}), failedCh: make(chan struct{}), leftCh: make(chan struct{}),
		departing: make(chan struct{}, 1),
	}
	n.departures.Store(new([]departure))
	for i := range n.wake {
		n.wake[i] = make(chan struct{}, 1)
	}
	return n, storeError(errors.Join(n.loadCopies(), n.loadTrial()))
}

// Start brings the node into its ring, and keeps trying. It returns at once;
// [Node.Ready] tells when the node has its place and its buckets, [Node.Failed]
// that it never will.
func (n *Node) Start(ctx context.Context) error {
	n.ctx, n.cancel = context.WithCancelCause(ctx)
	n.spawn(func() {
		select {
		case <-n.cfg.Store.Failed():
			n.fail(n.cfg.Store.Err())
		case <-n.ctx.Done():
		}
	})
	n.spawn(func() {
		if err := n.enter(); err != nil {
			n.fail(err)
			return
		}
		close(n.up)
		n.moveCopies()
		n.loop()
	})
	return nil
}

// Ready is closed when the node is a member of the ring and holds the buckets
// that it should hold, as far as their holders can be reached.
func (n *Node) Ready() <-chan struct{} { return n.readyCh }

// Failed is closed when the node cannot go on; [Node.Err] says why.
func (n *Node) Failed() <-chan struct{} { return n.failedCh }

// Left is closed when the node has handed over everything and gone.
func (n *Node) Left() <-chan struct{} { return n.leftCh }

// Err returns why the node failed, nil before it did.
func (n *Node) Err() error {
	select {
	case <-n.failedCh:
		return n.failure
	default:
		return nil
	}
}

// errStarting is told while nothing is known of the ring yet.
var errStarting = &Error{Kind: Unavailable, Text: "the node is starting"}

// errClosed is the cause of everything that ends with the node.
var errClosed = &Error{Kind: Unavailable, Text: "the node is stopping"}

// Close ends the node's work and waits for it. The node stays a member of its
// ring and keeps what it holds.
func (n *Node) Close() error {
	if n.cancel == nil {
		return nil
	}
	n.cancel(errClosed)
	n.tasks.Wait()
	return nil
}

func (n *Node) fail(err error) {
	if errors.Is(err, context.Canceled) || n.ctx.Err() != nil {
		return
	}
	n.failOnce.Do(func() {
		n.failure = storeError(err)
		close(n.failedCh)
	})
}

func (n *Node) spawn(task func()) { n.tasks.Go(task) }

// do notes what the node is busy with.
func (n *Node) do(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.doing = what
}
