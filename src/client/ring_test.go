package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// testRing is a ring of real nodes that clients reach over the wire.
type testRing struct {
	*nodetest.Ring
	net    network
	passed atomic.Int64 // operations that a node had another one carry out
	stops  map[*nodetest.Node]func()
}

func newRing(t *testing.T, n int) *testRing {
	r := &testRing{stops: map[*nodetest.Node]func(){}}
	r.Ring = nodetest.Start(t, 0)
	r.Adjust = func(c *node.Config) { c.Dialer = counting{c.Dialer, &r.passed} }
	for range n {
		r.add(t)
	}
	r.AwaitWhole()
	return r
}

func (r *testRing) add(t *testing.T) {
	n := r.Add()
	r.AwaitReady(n)
	r.stops[n] = r.net.serve(t, n.Options.Addr, "test", n)
}

func (r *testRing) crash(n *nodetest.Node) {
	r.stops[n]()
	r.Crash(n)
}

// counting counts operations that are passed on.
type counting struct {
	node.Dialer
	passed *atomic.Int64
}

func (d counting) Dial(addr string) node.Peer { return countingPeer{d.Dialer.Dial(addr), d.passed} }

type countingPeer struct {
	node.Peer
	passed *atomic.Int64
}

func (p countingPeer) Do(ctx context.Context, op node.Op) (node.Result, error) {
	p.passed.Add(1)
	return p.Peer.Do(ctx, op)
}

func key(i int) []byte { return fmt.Appendf(nil, "key %d", i) }

// Each operation goes straight to who holds the key: no node passes one on. Through
// a single node most are.
func TestNobodyPassesOn(t *testing.T) {
	if underRace {
		t.Skip("takes long under the race detector")
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRing(t, 5)
		routed := r.net.open(t, Options{}, r.Nodes[0].Options.Addr)
		direct := r.net.open(t, Options{Direct: true}, r.Nodes[0].Options.Addr)
		for _, c := range []*Client{routed, direct} {
			r.passed.Store(0)
			for i := range 40 {
				if err := c.Insert(t.Context(), key(i), []byte("v")); err != nil {
					t.Fatal(err)
				}
				if values, err := c.Retrieve(t.Context(), key(i)); err != nil || len(values) != 1 {
					t.Fatalf("%q, %v", values, err)
				}
			}
			t.Logf("of 80 operations %d were passed on", r.passed.Load())
			if got := r.passed.Load(); c == routed && got != 0 || c == direct && got < 15 {
				t.Errorf("%d were passed on", got)
			}
		}
	})
}

// A client follows the ring: a node that crashes costs no operation that can be
// had, and one that joins is asked before long.
func TestFollowsTheRing(t *testing.T) {
	if underRace {
		t.Skip("takes long under the race detector")
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRing(t, 4)
		c := r.net.open(t, Options{}, r.Nodes[1].Options.Addr)
		use := func(what string) {
			t.Helper()
			for i := range 20 {
				if err := c.Put(t.Context(), key(i), []byte(what)); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				v, ok, err := c.Get(t.Context(), key(i))
				if !ok || err != nil || string(v) != what {
					t.Errorf("%s: %q, %v, %v", what, v, ok, err)
				}
			}
		}
		use("all are there")
		r.crash(r.Nodes[1]) // whose address was given
		use("one crashed")
		time.Sleep(time.Minute) // in virtual time: the others see it
		use("one is down")
		r.add(t)
		use("one joined")
		time.Sleep(time.Minute)
		use("it is known")
		r.passed.Store(0)
		use("straight")
		if got := r.passed.Load(); got > 15 { // those that belong to who is down
			t.Errorf("%d of 40 were passed on", got)
		}
	})
}

// A client that is not used asks for nothing.
func TestIdleClientIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := answers(nil, new(int))
		f.status = ringOf(addr)
		asked := new(atomic.Int64)
		var n network
		n.serve(t, addr, "test", &statusCounter{f, asked})
		c := n.open(t, Options{}, addr)
		time.Sleep(time.Hour)
		if got := asked.Load(); got != 1 {
			t.Errorf("asked %d times in an idle hour", got)
		}
		for range 60 {
			c.Put(t.Context(), []byte("k"), nil)
			time.Sleep(time.Second)
		}
		if got := asked.Load(); got < 5 || got > 14 {
			t.Errorf("asked %d times in a busy minute", got)
		}
	})
}

type statusCounter struct {
	*fake
	asked *atomic.Int64
}

func (s *statusCounter) Status() node.Status {
	s.asked.Add(1)
	return s.fake.Status()
}

// A scan gives every entry, with a node down, too, and says what it could not
// have.
func TestScan(t *testing.T) {
	if underRace {
		t.Skip("takes long under the race detector")
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRing(t, 4)
		c := r.net.open(t, Options{}, r.Nodes[1].Options.Addr, r.Nodes[2].Options.Addr)
		for i := range 100 {
			if err := errors.Join(c.Insert(t.Context(), key(i), []byte("a")), c.Insert(t.Context(), key(i), []byte("b"))); err != nil {
				t.Fatal(err)
			}
		}
		scan := func() (got map[string]bool, err error) {
			got = map[string]bool{}
			for e, err := range c.Scan(t.Context()) {
				if err != nil {
					return got, err
				}
				for _, v := range e.Values {
					got[string(e.Key)+string(v)] = true
				}
			}
			return got, nil
		}
		if got, err := scan(); err != nil || len(got) != 200 {
			t.Errorf("%d values, %v", len(got), err)
		}
		r.crash(r.Nodes[0])
		if got, err := scan(); err != nil || len(got) != 200 {
			t.Errorf("one down: %d values, %v", len(got), err)
		}
		r.crash(r.Nodes[2])
		got, err := scan()
		if !IsUnavailable(err) || len(got) == 200 {
			t.Errorf("two down: %d values, %v", len(got), err)
		}
		for range c.Scan(t.Context()) {
			break // who has enough ends it
		}
	})
}

// Calls that were begun end in any order, each with its own result, and no more of
// them are under way than allowed.
func TestGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var mu sync.Mutex
		busy, most := 0, 0
		n.serve(t, addr, "test", &fake{operate: func(_ context.Context, op node.Op) (node.Result, error) {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(time.Duration(10-op.Key[0]) * time.Millisecond)
			mu.Lock()
			busy--
			mu.Unlock()
			return node.Result{Values: [][]byte{op.Key}}, nil
		}})
		c := n.open(t, Options{Direct: true, Calls: 5}, addr)
		var calls []*Call
		told := make(chan *Call, 9)
		for i := range 9 {
			calls = append(calls, c.Go(t.Context(), node.Op{Kind: node.Get, Key: []byte{byte(i + 1)}}, func(k *Call) { told <- k }))
		}
		for _, k := range calls {
			if values, err := k.Wait(); err != nil || !bytes.Equal(values[0], k.Op.Key) {
				t.Errorf("%x: %x, %v", k.Op.Key, values, err)
			}
			<-k.Done()
		}
		for range calls {
			<-told
		}
		if most != 5 {
			t.Errorf("%d at once", most)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 5 {
			c.Go(t.Context(), node.Op{Kind: node.Get, Key: []byte{1}}, nil)
		}
		_, err := c.Go(ctx, node.Op{Kind: node.Put, Key: []byte{1}}, nil).Wait()
		kind(t, err, node.Unavailable)
		time.Sleep(time.Second) // in virtual time: what is under way ends
	})
}
