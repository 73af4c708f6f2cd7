package floor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/nemesis/history"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/store"
	"chord/wire"
)

// host is a machine with a node, which may be down.
type host struct {
	number          uint64 // from 1
	name, addr, dir string
	disk            *disk
	skew            atomic.Int64 // of its clock
	run             *nodetest.Node
	served          *served // over the wire, where the plan says so
	dialer          *wire.Dialer
	dead            bool // for good: it left, or was forgotten
	leaving         bool
	old             string // a copy of its database, of some time ago
}

func (h *host) path() string { return filepath.Join(h.dir, "chord.db") }

// world is one run.
type world struct {
	t     *testing.T
	plan  plan
	rng   *rand.Rand // of whoever carries out the schedule
	net   *nodetest.Network
	air   *air
	wires *wires // nil where requests are function calls
	log   *history.Log
	start time.Time
	ticks atomic.Int64

	mu    sync.Mutex // guards hosts and their run, for clients
	hosts []*host

	events     []string
	faults     map[string]int
	change     []history.Window
	settled    []time.Duration // when all copies were equal
	redundant  bool            // no disk was destroyed since the ring was whole
	violations []history.Violation
	pending    []ending
}

// now is the time since the start; no two calls return the same.
func (w *world) now() time.Duration {
	return time.Since(w.start) + time.Duration(w.ticks.Add(1))
}

func (w *world) note(format string, args ...any) {
	w.events = append(w.events, fmt.Sprintf("%10.3fs ", time.Since(w.start).Seconds())+fmt.Sprintf(format, args...))
}

func (w *world) broken(fault history.Fault, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.note("VIOLATION %s: %s", fault, text)
	w.violations = append(w.violations, history.Violation{Fault: fault, Text: text})
}

func newWorld(t *testing.T, p plan) *world {
	w := &world{
		t: t, plan: p, rng: rand.New(rand.NewPCG(p.seed, 2)), start: time.Now(), faults: map[string]int{},
		log: history.NewLog(nil),
	}
	w.air = &air{rng: rand.New(rand.NewPCG(p.seed, 3)), held: map[string]chan struct{}{}, jitter: p.jitter}
	if p.wire {
		w.wires = newWires()
	}
	made := nodetest.WholeWith(t, p.nodes, func(o *nodetest.Options) { w.prepare(w.newHost(o.Name, o.Dir), o) })
	w.net = made.Net
	for i, n := range made.Nodes {
		w.attach(w.hosts[i], n)
	}
	made.Nodes = nil // they are ours now
	return w
}

func (w *world) newHost(name, dir string) *host {
	h := &host{name: name, addr: nodetest.Addr(name), dir: dir, disk: &disk{}}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts = append(w.hosts, h)
	h.number = uint64(len(w.hosts))
	return h
}

// prepare makes the options of a host's node.
func (w *world) prepare(h *host, o *nodetest.Options) {
	o.Dir, o.Ring, o.Name, o.Addr = h.dir, "test", h.name, h.addr
	o.Disk = func(s *store.Options) {
		h.disk.options(s)
		s.Now = func() time.Time { return time.Now().Add(time.Duration(h.skew.Load())) }
	}
	o.Adjust = func(c *node.Config) {
		// Of each its own: nodes that start in one moment would tick in one for ever.
		c.Seed = w.plan.seed<<8 + h.number
		c.Domain = h.name
		if w.wires != nil {
			h.dialer = w.wires.dialer(h.addr)
			c.Dialer = h.dialer
		}
		c.Dialer = w.air.dialer(h.addr, c.Dialer)
	}
}

func (w *world) attach(h *host, n *nodetest.Node) {
	switch {
	case w.wires == nil:
	case n != nil:
		h.served = w.wires.serve(h.addr, n.Node, h.dialer)
	case h.served != nil:
		w.wires.unplug(h.addr, h.served)
		h.served = nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h.run = n
}

// up starts the node of a host.
func (w *world) up(h *host) {
	if h.run != nil || h.dead {
		return
	}
	h.disk = &disk{}
	o := nodetest.Options{}
	for _, other := range w.hosts {
		if other != h && !other.dead {
			o.Bootstrap = append(o.Bootstrap, other.addr)
		}
	}
	w.prepare(h, &o)
	n, err := nodetest.NewNode(w.t.Context(), w.net, o)
	if err != nil {
		w.broken(history.Crashed, "%s does not start: %v", h.name, err)
		h.dead = true
		return
	}
	w.note("%s starts", h.name)
	w.attach(h, n)
}

// down ends the node of a host as by kill -9; with cut its machine loses its
// power as well.
func (w *world) down(h *host, cut bool) {
	n := h.run
	if n == nil {
		return
	}
	w.attach(h, nil)
	w.net.Attach(h.addr, nil)
	h.disk.set(func(d *disk) { d.dead = true })
	// What a commit is doing now is not heard of any more, and what is only in
	// memory does not reach the file.
	_ = n.Store.Update(context.Background(), store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta("floor", []byte("end")) }})
	n.Crash()
	if cut {
		if err := h.disk.cut(h.path(), w.rng); err != nil {
			w.t.Fatal(err)
		}
	}
}

// operate asks a node for a client. A node that ended meanwhile gave no answer.
func (w *world) operate(ctx context.Context, at *int, op node.Op) (node.Result, error) {
	w.mu.Lock()
	h := w.hosts[*at%len(w.hosts)]
	*at %= len(w.hosts)
	n := h.run
	w.mu.Unlock()
	if n == nil {
		return node.Result{}, &node.Error{Kind: node.Unavailable, Text: "connection refused"}
	}
	r, err := n.Operate(ctx, op)
	w.mu.Lock()
	defer w.mu.Unlock()
	if h.run != n {
		return node.Result{}, &node.Error{Kind: node.Unknown, Text: "the connection broke"}
	}
	return r, err
}

// running returns the hosts whose nodes run.
func (w *world) running() (up []*host) {
	for _, h := range w.hosts {
		if h.run != nil {
			up = append(up, h)
		}
	}
	return up
}

// whole returns nil when all hosts make one ring with all its copies.
func (w *world) whole() error {
	r := nodetest.Ring{Net: w.net}
	for _, h := range w.hosts {
		if h.run != nil {
			r.Nodes = append(r.Nodes, h.run)
		}
	}
	return r.Broken()
}

// patience is how long a ring may take to be whole when nothing troubles it.
const patience = 30 * time.Minute

// calm ends all faults, brings everybody back and waits until the ring is whole.
func (w *world) calm() bool {
	w.endAll()
	for _, h := range w.hosts {
		w.up(h)
	}
	w.note("calm")
	began := time.Now()
	var err error
	for pause := 100 * time.Millisecond; time.Since(began) < patience; pause = min(pause*5/4, 10*time.Second) {
		w.restartFailed()
		if err = w.whole(); err == nil {
			w.note("whole after %v", time.Since(began))
			w.closeChanges()
			w.redundant = true
			w.settled = append(w.settled, w.now())
			return true
		}
		if errors.Is(err, store.ErrCorrupt) {
			w.touchAll()
		}
		time.Sleep(pause) // in virtual time: a look at the condition
	}
	w.broken(history.Crashed, "the ring is not whole after %v: %v", patience, err)
	return false
}

// touchAll reads what every node has of every key, as a member would that fetches it.
// That finds damaged rows: reads of clients may never ask this copy, and to wait for
// the scrub would take a week.
func (w *world) touchAll() {
	for _, h := range w.running() {
		members := h.run.Members()
		placement := replica.NewPlacement(members, h.run.Status().Quorums)
		for _, key := range slices.Compact(slices.Clone(keys)) {
			b := keyspace.BucketOf(keyspace.HashKey([]byte(key)))
			owner, _ := placement.Owner(b)
			from := slices.IndexFunc(members, func(m member.Member) bool { return m.ID == owner })
			if from < 0 {
				continue
			}
			ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
			c, err := h.run.Compare(ctx, node.Compare{From: members[from], Ranges: []node.Range{{First: b, Last: b}}})
			if err == nil && len(c.Buckets) > 0 {
				for range h.run.Fetch(ctx, node.Fetch{From: owner, Parts: []node.FetchPart{{Bucket: b, Epoch: c.Buckets[0].Epoch}}}) {
				}
			}
			cancel()
		}
	}
}

// restartFailed does what a unit does for a process that ended by itself.
func (w *world) restartFailed() {
	for _, h := range w.running() {
		select {
		case <-h.run.Failed():
			w.note("%s failed: %v", h.name, h.run.Err())
			w.down(h, false)
			w.up(h)
		case <-h.run.Left():
			w.note("%s left", h.name)
			w.down(h, false)
			w.mu.Lock()
			h.dead = true
			w.mu.Unlock()
		default:
		}
	}
}

// closeChanges ends the windows in which groups changed.
func (w *world) closeChanges() {
	for i := range w.change {
		if w.change[i].To == forever {
			w.change[i].To = w.now()
		}
	}
}

const forever = time.Duration(1<<63 - 1)

func (w *world) changes() {
	w.change = append(w.change, history.Window{From: w.now(), To: forever})
}
