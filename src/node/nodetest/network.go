// Package nodetest is a ring in one process: real nodes over real databases,
// on a network of function calls that a test can slow down and cut.
package nodetest

import (
	"context"
	"iter"
	"sync"
	"time"

	"chord/member"
	"chord/node"
	"chord/ring"
)

// Network connects nodes by address. Its zero value is ready, and it is safe
// for concurrent use.
type Network struct {
	// Delay is how long a request takes, and its answer again. Tests set it
	// before the first call, inside a synctest bubble.
	Delay time.Duration

	mu    sync.Mutex
	nodes map[string]node.Peer
	cuts  map[[2]string]bool
	spy   func(c Call) error
}

// Attach makes the node at addr reachable; nil takes it off the network, as a
// crash does.
func (w *Network) Attach(addr string, p node.Peer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes == nil {
		w.nodes = make(map[string]node.Peer)
	}
	delete(w.nodes, addr)
	if p != nil {
		w.nodes[addr] = p
	}
}

// Detach takes a node off the network, unless another one has its address by
// now.
func (w *Network) Detach(addr string, p node.Peer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes[addr] == p {
		delete(w.nodes, addr)
	}
}

// Cut stops requests from one address to another, in that direction alone, or
// lets them through again.
func (w *Network) Cut(from, to string, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cuts == nil {
		w.cuts = make(map[[2]string]bool)
	}
	w.cuts[[2]string{from, to}] = cut
}

// Call is one of the calls by which copies move, as [Network.Watch] shows it:
// write, read, compare, keys, fetch, take or purge.
type Call struct {
	Name, From, To string
	// Before is set when the request has not arrived yet, not set when its answer
	// has not come back. A fetch has no answer but its pieces.
	Before bool
	Err    error // of an answer
}

// Watch has spy asked before and after each [Call]: an error keeps the request
// from arriving, or its answer from coming back. It may be asked from several
// goroutines at once.
func (w *Network) Watch(spy func(Call) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spy = spy
}

func (l link) watched(name string, before bool, err error) error {
	l.net.mu.Lock()
	spy := l.net.spy
	l.net.mu.Unlock()
	if spy == nil {
		return nil
	}
	return spy(Call{name, l.from, l.to, before, err})
}

// spied is through with the spy on both sides.
func spied[T any](ctx context.Context, l link, name string, call func(node.Peer) (T, error)) (T, error) {
	var none T
	if err := l.watched(name, true, nil); err != nil {
		return none, err
	}
	answer, err := through(ctx, l, call)
	if lost := l.watched(name, false, err); lost != nil {
		return none, lost
	}
	return answer, err
}

// Dialer returns the network as the node at addr sees it.
func (w *Network) Dialer(addr string) node.Dialer { return dialer{w, addr} }

type dialer struct {
	net  *Network
	from string
}

func (d dialer) Dial(addr string) node.Peer { return link{d.net, d.from, addr} }

// link is the way from one node to another.
type link struct {
	net      *Network
	from, to string
}

// reach returns the other side, after the time that the way takes.
func (l link) reach(ctx context.Context) (node.Peer, error) {
	if err := l.travel(ctx); err != nil {
		return nil, err
	}
	p := l.net.at(l.to)
	if p == nil {
		return nil, &node.Error{Kind: node.Unavailable, Text: l.to + ": connection refused"}
	}
	return p, nil
}

func (w *Network) at(addr string) node.Peer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nodes[addr]
}

// travel takes the time of one way, for ever where the way is cut.
func (l link) travel(ctx context.Context) error {
	l.net.mu.Lock()
	cut := l.net.cuts[[2]string{l.from, l.to}]
	l.net.mu.Unlock()
	if l.net.Delay == 0 && !cut {
		return nil
	}
	wait := time.After(l.net.Delay)
	if cut {
		wait = nil
	}
	select {
	case <-wait:
		return nil
	case <-ctx.Done():
		return &node.Error{Kind: node.Unavailable, Text: l.to + " does not answer"}
	}
}

// through sends a request one way and brings its answer back the other way. An
// answer that is lost leaves the outcome unknown.
func through[T any](ctx context.Context, l link, call func(node.Peer) (T, error)) (T, error) {
	var none T
	p, err := l.reach(ctx)
	if err != nil {
		return none, err
	}
	answer, err := call(p)
	if lost := (link{l.net, l.to, l.from}).travel(ctx); lost != nil || l.net.at(l.to) != p {
		return none, &node.Error{Kind: node.Unknown, Text: l.to + " did not answer in time"}
	}
	return answer, err
}

func (l link) Ring(ctx context.Context, q ring.Request) (ring.Response, error) {
	return through(ctx, l, func(p node.Peer) (ring.Response, error) { return p.Ring(ctx, q) })
}

func (l link) Member(ctx context.Context, q member.Request) (member.Response, error) {
	return through(ctx, l, func(p node.Peer) (member.Response, error) { return p.Member(ctx, q) })
}

func (l link) Hello(ctx context.Context) (node.Hello, error) {
	return through(ctx, l, func(p node.Peer) (node.Hello, error) { return p.Hello(ctx) })
}

func (l link) Do(ctx context.Context, op node.Op) (node.Result, error) {
	return through(ctx, l, func(p node.Peer) (node.Result, error) { return p.Do(ctx, op) })
}

// Write goes in the order of the waits, not of the calls: any order is allowed.
func (l link) Write(ctx context.Context, w node.Write) func() error {
	return func() error {
		_, err := spied(ctx, l, "write", func(p node.Peer) (struct{}, error) { return struct{}{}, p.Write(ctx, w)() })
		return err
	}
}

func (l link) Read(ctx context.Context, r node.Read) (node.ReadReply, error) {
	return spied(ctx, l, "read", func(p node.Peer) (node.ReadReply, error) { return p.Read(ctx, r) })
}

func (l link) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	return spied(ctx, l, "compare", func(p node.Peer) (node.CompareReply, error) { return p.Compare(ctx, c) })
}

func (l link) Take(ctx context.Context, t node.Take) ([]node.BucketDigest, error) {
	return spied(ctx, l, "take", func(p node.Peer) ([]node.BucketDigest, error) { return p.Take(ctx, t) })
}

func (l link) Purge(ctx context.Context, p node.PurgeCall) (node.PurgeReply, error) {
	return spied(ctx, l, "purge", func(o node.Peer) (node.PurgeReply, error) { return o.Purge(ctx, p) })
}

func (l link) Scan(ctx context.Context, s node.Scan) (node.ScanReply, error) {
	return through(ctx, l, func(p node.Peer) (node.ScanReply, error) { return p.Scan(ctx, s) })
}

func (l link) Seen(ctx context.Context, from member.Member) (uint64, error) {
	return through(ctx, l, func(p node.Peer) (uint64, error) { return p.Seen(ctx, from) })
}

// Fetch takes the way there before the first piece and the way back before each
// one; where the way is cut meanwhile the pieces break off.
func (l link) Fetch(ctx context.Context, f node.Fetch) iter.Seq2[node.Fetched, error] {
	return func(yield func(node.Fetched, error) bool) {
		if err := l.watched("fetch", true, nil); err != nil {
			yield(node.Fetched{}, err)
			return
		}
		p, err := l.reach(ctx)
		if err != nil {
			yield(node.Fetched{}, err)
			return
		}
		for got, err := range p.Fetch(ctx, f) {
			if lost := (link{l.net, l.to, l.from}).travel(ctx); lost != nil || l.net.at(l.to) != p {
				yield(node.Fetched{}, &node.Error{Kind: node.Unavailable, Text: l.to + " did not answer in time"})
				return
			}
			if !yield(got, err) || err != nil {
				return
			}
		}
	}
}
