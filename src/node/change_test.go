package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
)

// load is clients that insert, remove and retrieve, each through the nodes that
// it is given, until it is stopped.
type load struct {
	nodetest.History
	mu      sync.Mutex
	clients []nodetest.Client
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func (l *load) use(nodes []*nodetest.Node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients = nil
	for _, n := range nodes {
		l.clients = append(l.clients, n)
	}
}

func (l *load) client(rng *rand.Rand) nodetest.Client {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clients[rng.IntN(len(l.clients))]
}

// startLoad runs three clients over 40 keys of a few values each.
func startLoad(t *testing.T, r *nodetest.Ring) *load {
	l := &load{}
	l.use(r.Nodes)
	ctx, stop := context.WithCancel(t.Context())
	l.stop = stop
	t.Cleanup(func() { stop(); l.done.Wait() })
	for i := range 3 {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		l.done.Go(func() {
			for round := 0; ctx.Err() == nil; round++ {
				l.step(t.Context(), rng, i)
				time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
			}
		})
	}
	return l
}

func (l *load) step(ctx context.Context, rng *rand.Rand, client int) {
	c, k := l.client(rng), fmt.Sprint("load ", rng.IntN(40))
	switch rng.IntN(5) {
	case 0, 1:
		l.Insert(ctx, c, k, fmt.Sprint("value ", rng.IntN(3)))
	case 2:
		l.Remove(ctx, c, k, fmt.Sprint("value ", rng.IntN(3)))
	default:
		l.Retrieve(ctx, c, k)
	}
}

// finish stops the clients, reads everything once more, and checks the history.
func (l *load) finish(t *testing.T, r *nodetest.Ring) {
	t.Helper()
	l.stop()
	l.done.Wait()
	for i := range 40 {
		for _, n := range r.Nodes {
			if _, err := l.Retrieve(t.Context(), n, fmt.Sprint("load ", i)); err != nil {
				t.Errorf("load %d at %s: %v", i, n.Options.Name, err)
			}
		}
	}
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d operations, errors %v", l.Len(), l.Errors())
}

func TestJoinUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 60)
		l := startLoad(t, r)
		for range joins {
			r.AwaitReady(r.Add())
			l.use(r.Nodes)
		}
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 60)
		if errs := l.Errors(); len(errs) > 0 {
			t.Errorf("joins made operations fail: %v", errs)
		}
	})
}

func TestEachLeavesUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 60)
		l := startLoad(t, r)
		for len(r.Nodes) > 1 {
			l.use(r.Nodes[1:])
			time.Sleep(6 * time.Second) // what is in flight through the leaving node ends
			r.Leave(r.Nodes[0])
			l.use(r.Nodes)
			t.Log("whole after", r.AwaitWhole())
		}
		l.finish(t, r)
		retrieveAll(t, r, 60)
		// A write that its coordinator has just committed when it leaves is told unknown.
		errs := l.Errors()
		if errs[node.Unknown] <= 3 {
			delete(errs, node.Unknown)
		}
		if len(errs) > 0 {
			t.Errorf("leaves made operations fail: %v", errs)
		}
	})
}

func TestTheLastNodeCanNotLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		r.Leave(r.Nodes[0])
		err := r.Nodes[0].Leave(t.Context())
		if e, ok := err.(*node.Error); !ok || e.Kind != node.Invalid || e.Hint() == "" {
			t.Fatalf("the last node leaves: %#v", err)
		}
		r.AwaitWhole()
		checkLookup(t, r, r.Nodes[0], keyspace.HashKey(nil), false)
		insertAll(t, r, 10)
		retrieveAll(t, r, 10)
	})
}

// Two that leave at once must not leave the keys to each other for ever.
func TestAllLeaveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 30)
		var left sync.WaitGroup
		errs := make([]error, 3)
		for i, n := range r.Nodes {
			left.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				errs[i] = n.Leave(ctx)
			})
		}
		left.Wait()
		stayed := 0
		for i, n := range append([]*nodetest.Node(nil), r.Nodes...) {
			if errs[i] == nil {
				r.Crash(n)
			} else {
				stayed++
				t.Log(errs[i])
			}
		}
		if stayed != 1 {
			t.Fatalf("%d nodes stayed: %v", stayed, errs)
		}
		r.AwaitWhole()
		retrieveAll(t, r, 30)
	})
}

// Who left may come back with its old database, and takes part as before.
func TestComeBackAfterLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 30)
		n := r.Nodes[1]
		r.Leave(n)
		r.AwaitWhole()
		if err := r.Nodes[0].Remove(t.Context(), key(5), []byte("v")); err != nil {
			t.Fatal(err)
		}
		r.AwaitReady(r.RunWith(n.Options))
		r.AwaitWhole()
		checkEntries(t, r, 29)
	})
}
