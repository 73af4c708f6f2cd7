package floor

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"chord/node"
)

// air is what requests between nodes go through: it lets them take unequal
// times, breaks connections, and holds back what a stopped process neither reads
// nor sends, to deliver it late. Cuts are the network's own.
type air struct {
	mu     sync.Mutex
	rng    *rand.Rand
	held   map[string]chan struct{} // by address; closed when it goes on
	jitter time.Duration
	shaky  float64 // how many connections break with a request under way

	late sync.WaitGroup // messages that were held up, and are on their way
}

func (a *air) set(change func(*air)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// hold stops the node at addr; the returned function lets it go on.
func (a *air) hold(addr string) (resume func()) {
	c := make(chan struct{})
	a.set(func(a *air) { a.held[addr] = c })
	return func() {
		a.set(func(a *air) {
			if a.held[addr] == c {
				delete(a.held, addr)
			}
			close(c)
		})
	}
}

type weather struct {
	gates  []chan struct{}
	delay  time.Duration
	breaks int // 0: no, 1: before the request arrives, 2: before the answer does
}

func (a *air) weather(from, to string) (w weather) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, addr := range []string{from, to} {
		if c := a.held[addr]; c != nil {
			w.gates = append(w.gates, c)
		}
	}
	if a.jitter > 0 {
		w.delay = time.Duration(a.rng.Int64N(int64(a.jitter)))
	}
	if a.rng.Float64() < a.shaky {
		w.breaks = 1 + a.rng.IntN(2)
	}
	return w
}

// dialer returns the other nodes as the one at from reaches them.
func (a *air) dialer(from string, d node.Dialer) node.Dialer { return route{a, from, d} }

type route struct {
	air  *air
	from string
	node.Dialer
}

func (r route) Dial(addr string) node.Peer { return link{r.Dialer.Dial(addr), r.air, r.from, addr} }

// link passes on everything; what matters for data it treats ill.
type link struct {
	node.Peer
	air      *air
	from, to string
}

// lateness bounds a request that is delivered when its caller has given up.
const lateness = 5 * time.Second

func send[T any](ctx context.Context, l link, call func(context.Context) (T, error)) (answer T, err error) {
	w := l.air.weather(l.from, l.to)
	type reply struct {
		answer T
		err    error
	}
	var none T
	unknown := &node.Error{Kind: node.Unknown, Text: l.to + ": the connection broke"}
	if len(w.gates) == 0 {
		if w.delay > 0 {
			select {
			case <-time.After(w.delay):
			case <-ctx.Done():
				return none, &node.Error{Kind: node.Unavailable, Text: l.to + " does not answer"}
			}
		}
		if w.breaks == 1 {
			return none, unknown
		}
		answer, err = call(ctx)
		if w.breaks == 2 {
			return none, unknown
		}
		return answer, err
	}
	came := make(chan reply, 1)
	l.air.late.Go(func() {
		for _, g := range w.gates {
			<-g
		}
		late, cancel := context.WithTimeout(context.Background(), lateness)
		defer cancel()
		answer, err := call(late)
		came <- reply{answer, err}
	})
	select {
	case r := <-came:
		return r.answer, r.err
	case <-ctx.Done():
		return none, unknown
	}
}

func (l link) Do(ctx context.Context, op node.Op) (node.Result, error) {
	return send(ctx, l, func(ctx context.Context) (node.Result, error) { return l.Peer.Do(ctx, op) })
}

// Write goes in the order of the waits, not of the calls.
func (l link) Write(ctx context.Context, w node.Write) func() error {
	return func() error {
		_, err := send(ctx, l, func(ctx context.Context) (struct{}, error) { return struct{}{}, l.Peer.Write(ctx, w)() })
		return err
	}
}

func (l link) Read(ctx context.Context, r node.Read) (node.ReadReply, error) {
	return send(ctx, l, func(ctx context.Context) (node.ReadReply, error) { return l.Peer.Read(ctx, r) })
}

func (l link) Take(ctx context.Context, t node.Take) ([]node.BucketDigest, error) {
	return send(ctx, l, func(ctx context.Context) ([]node.BucketDigest, error) { return l.Peer.Take(ctx, t) })
}

func (l link) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	return send(ctx, l, func(ctx context.Context) (node.CompareReply, error) { return l.Peer.Compare(ctx, c) })
}
