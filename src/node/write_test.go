package node_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/store"
)

// trio is a ring of three and a key, in the order of the key's group.
type trio struct {
	*nodetest.Ring
	a, b, c *nodetest.Node
}

func newTrio(t *testing.T) trio {
	t.Helper()
	r := nodetest.Whole(t, 3)
	in := inGroup(r, replica.Default)
	return trio{r, in[0], in[1], in[2]}
}

// inGroup returns the members of the key's group in their order.
func inGroup(r *nodetest.Ring, q replica.Quorums) (in []*nodetest.Node) {
	p := replica.NewPlacement(r.Nodes[0].Status().Members, q)
	for _, id := range p.Group(keyspace.BucketOf(keyspace.HashKey(k))).Members {
		for _, n := range r.Nodes {
			if n.Status().Self.ID == id {
				in = append(in, n)
			}
		}
	}
	return in
}

var k, v, w = []byte("key"), []byte("value"), []byte("other value")

// block loses the requests, or the answers, of writes to some nodes, and keeps
// repair from bringing what they lack.
func (r trio) block(before bool, to ...*nodetest.Node) {
	r.Net.Watch(func(c nodetest.Call) error {
		for _, n := range to {
			if c.To == n.Options.Addr && (c.Name == "write" && c.Before == before || c.Name == "take") {
				return &node.Error{Kind: node.Unknown, Text: "lost"}
			}
		}
		return noRepair(c)
	})
}

func noRepair(c nodetest.Call) error {
	if c.Name == "compare" {
		return &node.Error{Kind: node.Unavailable, Text: "lost"}
	}
	return nil
}

func (r trio) unblock() { r.Net.Watch(noRepair) }

// do has one node coordinate.
func do(t *testing.T, n *nodetest.Node, kind node.OpKind, value []byte) [][]byte {
	t.Helper()
	got, err := n.Do(t.Context(), node.Op{Kind: kind, Key: k, Value: value})
	if err != nil {
		t.Fatalf("operation %d at %s: %v", kind, n.Options.Name, err)
	}
	return got.Values
}

// disks counts on whose disks the key has exactly these values.
func (r trio) disks(t *testing.T, values ...[]byte) (found int) {
	t.Helper()
	for _, n := range r.Nodes {
		if bytes.Equal(bytes.Join(stored(t, n), nil), bytes.Join(values, nil)) {
			found++
		}
	}
	return found
}

func stored(t *testing.T, n *nodetest.Node) (values [][]byte) {
	t.Helper()
	if err := n.Store.View(func(s *store.View) (err error) {
		values, err = s.Values(k)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestAcknowledgedWritesAreOnDisks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		r.block(true, r.c)
		for _, op := range []struct {
			kind  node.OpKind
			value []byte
			left  [][]byte
		}{
			{node.Insert, v, [][]byte{v}}, {node.Put, w, [][]byte{w}}, {node.Remove, w, nil}, {node.Put, v, [][]byte{v}}, {node.Delete, nil, nil},
		} {
			do(t, r.a, op.kind, op.value)
			if got := r.disks(t, op.left...); got < 2 {
				t.Fatalf("operation %d is acknowledged and on %d disks", op.kind, got)
			}
		}
	})
}

// A write that is on one disk alone is not acknowledged, and its outcome open.
func TestTooFewAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		r.block(true, r.b, r.c)
		if err := r.a.Insert(t.Context(), k, v); node.KindOf(err) != node.Unknown {
			t.Fatalf("a write on one disk: %v", err)
		}
		r.unblock()
		// Who reads it makes it last.
		if got := do(t, r.a, node.Retrieve, nil); len(got) != 1 || r.disks(t, v) < 2 {
			t.Fatalf("the read found %q, which is on %d disks", got, r.disks(t, v))
		}
		if got := do(t, r.c, node.Retrieve, nil); len(got) != 1 {
			t.Fatalf("a later read, from others, found %q", got)
		}
	})
}

func TestTooFewMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, node.Insert, v)
		time.Sleep(time.Second) // in virtual time: the last copy gets it
		r.Crash(r.b)
		r.Crash(r.c)
		awaitState(t, r.a, member.Down, 2)
		for kind := node.Insert; kind <= node.Delete; kind++ {
			began := time.Now()
			_, err := r.a.Operate(t.Context(), node.Op{Kind: kind, Key: k, Value: w})
			if e, ok := err.(*node.Error); !ok || e.Kind != node.Unavailable || e.Hint() == "" || time.Since(began) > time.Second {
				t.Errorf("operation %d with one of three: %v, after %v", kind, err, time.Since(began))
			}
		}
		if r.disks(t, v) != 1 {
			t.Errorf("a refused write changed the key to %q", stored(t, r.a))
		}
		got, err := r.a.Operate(t.Context(), node.Op{Kind: node.Retrieve, Key: k, One: true})
		if err != nil || len(got.Values) != 1 {
			t.Errorf("a read of one: %q, %v", got.Values, err)
		}
	})
}

func awaitState(t *testing.T, n *nodetest.Node, s member.State, want int) {
	t.Helper()
	for range 1000 {
		found := 0
		for _, m := range n.Members() {
			if m.State == s {
				found++
			}
		}
		if found == want {
			return
		}
		time.Sleep(100 * time.Millisecond) // in virtual time: a look at the condition
	}
	t.Fatalf("%s never saw %d members %s", n.Options.Name, want, s)
}

// The loss of any one node, the first of the group too, stops nobody.
func TestOneMemberDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		r.Crash(r.a)
		for i := range 20 { // at once, while the others do not know yet, and after it
			began := time.Now()
			value := fmt.Append(nil, i)
			if err := r.c.Put(t.Context(), k, value); err != nil {
				t.Fatal(err)
			}
			got, found, err := r.b.Get(t.Context(), k)
			if err != nil || !found || !bytes.Equal(got, value) {
				t.Fatalf("got %q after %q was put: %v", got, value, err)
			}
			if took := time.Since(began); took > 100*time.Millisecond {
				t.Errorf("round %d took %v", i, took)
			}
			time.Sleep(time.Second)
		}
	})
}

// Whoever is silent, in either direction, costs an operation no more than its
// own share of the time.
func TestSilentMember(t *testing.T) {
	for _, silent := range []int{0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			r := newTrio(t)
			group := []*nodetest.Node{r.a, r.b, r.c}
			for i, n := range group {
				if i != silent {
					r.Net.Cut(n.Options.Addr, group[silent].Options.Addr, true)
				}
			}
			asked := group[(silent+1)%3]
			if err := asked.Put(t.Context(), k, v); err != nil {
				t.Errorf("put while member %d is silent: %v", silent, err)
			}
			if got, _, err := asked.Get(t.Context(), k); err != nil || !bytes.Equal(got, v) {
				t.Errorf("get while member %d is silent: %q, %v", silent, got, err)
			}
		})
	}
}

// Who missed a change is brought the whole set with the next one.
func TestGap(t *testing.T) {
	for _, size := range []int{1, 700 << 10} {
		synctest.Test(t, func(t *testing.T) {
			r := newTrio(t)
			first, second, third := bytes.Repeat(v, size/5+1), bytes.Repeat(w, size/11+1), []byte("3")
			r.block(true, r.c)
			do(t, r.a, node.Insert, first)
			do(t, r.a, node.Insert, second)
			time.Sleep(10 * time.Second)
			if len(stored(t, r.c)) != 0 {
				t.Fatal("the third copy did not miss anything")
			}
			r.unblock()
			do(t, r.a, node.Insert, third)
			time.Sleep(time.Second)
			if got := len(stored(t, r.c)); got != 3 {
				t.Fatalf("who missed two changes has %d of three values", got)
			}
		})
	}
}

// What the coordinator lacks and a write quorum has, it removes as well.
func TestRemovesCoverWhatOthersHave(t *testing.T) {
	for _, kind := range []node.OpKind{node.Remove, node.Delete, node.Put} {
		synctest.Test(t, func(t *testing.T) {
			r := newTrio(t)
			r.block(true, r.a)
			do(t, r.b, node.Insert, v)
			r.unblock()
			if len(stored(t, r.a)) != 0 {
				t.Fatal("the first copy did not miss the insert")
			}
			want := 0
			value := v
			if kind == node.Put {
				value, want = w, 1
			}
			do(t, r.a, kind, value)
			time.Sleep(time.Second)
			for _, n := range r.Nodes {
				if got := do(t, n, node.Retrieve, nil); len(got) != want || want == 1 && !bytes.Equal(got[0], w) {
					t.Errorf("after operation %d %s reads %q", kind, n.Options.Name, got)
				}
			}
		})
	}
}

// What makes a remove needless may be at its coordinator alone.
func TestNeedlessRemoveLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, node.Insert, v)
		time.Sleep(time.Second)
		r.block(true, r.b, r.c)
		if err := r.a.Remove(t.Context(), k, v); node.KindOf(err) != node.Unknown {
			t.Fatalf("a remove on one disk: %v", err)
		}
		r.unblock()
		do(t, r.a, node.Remove, v)
		r.Crash(r.a)
		if got := do(t, r.b, node.Retrieve, nil); len(got) != 0 {
			t.Errorf("an acknowledged remove is forgotten: %q", got)
		}
	})
}

// A request whose outcome was unknown is repeated, and carried out once.
func TestRepeatedRequests(t *testing.T) {
	for _, kind := range []node.OpKind{node.Insert, node.Put} {
		synctest.Test(t, func(t *testing.T) {
			r := newTrio(t)
			r.block(false, r.b, r.c) // they carry it out, and their answers are lost
			op := node.Op{Kind: kind, Key: k, Value: v, Request: node.RequestID{1}}
			if _, err := r.a.Operate(t.Context(), op); node.KindOf(err) != node.Unknown {
				t.Fatalf("without acknowledgements: %v", err)
			}
			r.unblock()
			for _, n := range []*nodetest.Node{r.a, r.b} {
				if kind == node.Insert && n == r.b {
					break // inserts read nothing first
				}
				do(t, r.c, node.Put, w)
				if _, err := n.Do(t.Context(), op); err != nil {
					t.Fatal(err)
				}
				if got := do(t, r.c, node.Retrieve, nil); len(got) != 1 || !bytes.Equal(got[0], w) {
					t.Errorf("the repeated request was carried out again: %q", got)
				}
			}
			op.Request[0]++
			if _, err := r.a.Operate(t.Context(), op); err != nil {
				t.Fatal(err)
			}
			if got := do(t, r.c, node.Retrieve, nil); !bytes.Equal(bytes.Join(got, nil), v) && kind == node.Put {
				t.Errorf("another request was not carried out: %q", got)
			}
		})
	}
}

// A context that has ended is no success and, before anything was sent, no
// unknown outcome.
func TestEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.b.Insert(ctx, k, v); err == nil {
			t.Error("an insert with an ended context succeeded")
		}
	})
}

// A coordinator that never heard of a request asks those who may have, also for an
// insert: to carry it out again would undo a remove that came after it.
func TestRepeatedInsertsElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		r.block(true, r.c)
		op := node.Op{Kind: node.Insert, Key: k, Value: v, Request: node.RequestID{1}}
		if _, err := r.a.Do(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		do(t, r.a, node.Remove, v)
		r.unblock()
		op.Again = true
		if _, err := r.c.Do(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		if got := do(t, r.a, node.Retrieve, nil); len(got) != 0 {
			t.Errorf("a remove was undone by a repeated insert: %q", got)
		}
		// What nobody has carried out is.
		op.Request = node.RequestID{2}
		if _, err := r.b.Do(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		if got := do(t, r.a, node.Retrieve, nil); len(got) != 1 {
			t.Errorf("a repeated insert that nobody carried out left %q", got)
		}
	})
}

// sends are the changes that were sent to each address, in the order of the calls.
type sends struct {
	mu  sync.Mutex
	all map[string][]uint64 // the orders of the changes
}

type watched struct {
	node.Dialer
	sends *sends
}

func (d watched) Dial(addr string) node.Peer { return sender{d.Dialer.Dial(addr), d.sends, addr} }

type sender struct {
	node.Peer
	sends *sends
	to    string
}

func (s sender) Write(ctx context.Context, w node.Write) func() error {
	s.sends.mu.Lock()
	defer s.sends.mu.Unlock()
	// What the network of the tests delivers out of order is sent again, or with all else.
	if list := s.sends.all[s.to]; !w.Delta.Whole() && !slices.Contains(list, w.Delta.Order()) {
		s.sends.all[s.to] = append(list, w.Delta.Order())
	}
	return s.Peer.Write(ctx, w)
}

// Changes of a key go to each follower in the order in which they were made: one
// that comes before an earlier one is a gap.
func TestChangesAreSentInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := &sends{all: make(map[string][]uint64)}
		r := nodetest.WholeWith(t, 3, func(o *nodetest.Options) {
			o.Adjust = func(c *node.Config) { c.Dialer = watched{c.Dialer, sent} }
		})
		r.AwaitWhole()
		const n = 200
		var callers sync.WaitGroup
		for i := range n {
			callers.Go(func() {
				if err := r.Nodes[0].Insert(t.Context(), k, fmt.Append(nil, i)); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		synctest.Wait()
		sent.mu.Lock()
		defer sent.mu.Unlock()
		if len(sent.all) != 2 {
			t.Errorf("changes went to %d nodes", len(sent.all))
		}
		for to, list := range sent.all {
			if len(list) != n || !slices.IsSorted(list) {
				t.Errorf("%d changes went to %s, in the order %d", len(list), to, list)
			}
		}
	})
}
