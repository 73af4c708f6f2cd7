package wire

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/wire/chordpb"
)

// What a client asks is what the node is asked: writes with a name, reads
// without, over the stream and in calls of their own.
func TestClientOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		names := map[node.RequestID]bool{}
		f := &fake{operate: func(_ context.Context, op node.Op) (node.Result, error) {
			named := op.Request != node.RequestID{}
			got = append(got, fmt.Sprintf("%d %s=%s one %v named %v", op.Kind, op.Key, op.Value, op.One, named))
			names[op.Request] = true
			if op.Kind == node.Get && string(op.Key) == "none" {
				return node.Result{}, nil
			}
			return node.Result{Values: [][]byte{[]byte("v")}}, nil
		}}
		var n network
		n.serve(t, f, Options{})
		c := n.client(t, Options{})
		ctx := t.Context()
		k, v := []byte("k"), []byte("v")
		for _, err := range []error{c.Insert(ctx, k, v), c.Remove(ctx, k, v), c.Put(ctx, k, v), c.Delete(ctx, k)} {
			if err != nil {
				t.Error(err)
			}
		}
		if len(names) != 4 || names[node.RequestID{}] {
			t.Errorf("%d names of 4 writes", len(names))
		}
		values, err := c.Retrieve(ctx, k)
		equal(t, err, values, [][]byte{v})
		values, err = c.RetrieveOne(ctx, k)
		equal(t, err, values, [][]byte{v})
		for _, get := range []func(context.Context, []byte) ([]byte, bool, error){c.Get, c.GetOne} {
			one, ok, err := get(ctx, k)
			equal(t, err, one, v)
			none, nok, err := get(ctx, []byte("none"))
			equal(t, err, none, nil)
			if !ok || nok {
				t.Errorf("found %v and %v", ok, nok)
			}
		}
		want := []string{
			"0 k=v one false named true", "1 k=v one false named true", "3 k=v one false named true", "5 k= one false named true",
			"2 k= one false named false", "2 k= one true named false",
			"4 k= one false named false", "4 none= one false named false", "4 k= one true named false", "4 none= one true named false",
		}
		equal(t, nil, got, want)

		got = nil
		raw, id := chordpb.NewChordClient(n.conn(t)), make([]byte, 16)
		id[0] = 1
		raw.Insert(ctx, &chordpb.InsertRequest{Key: k, Value: v, Request: id})
		raw.Remove(ctx, &chordpb.RemoveRequest{Key: k, Value: v, Request: id})
		raw.Put(ctx, &chordpb.PutRequest{Key: k, Value: v, Request: id})
		raw.Delete(ctx, &chordpb.DeleteRequest{Key: k, Request: id})
		raw.Retrieve(ctx, &chordpb.RetrieveRequest{Key: k})
		raw.Retrieve(ctx, &chordpb.RetrieveRequest{Key: k, One: true})
		raw.Get(ctx, &chordpb.GetRequest{Key: k})
		if none, err := raw.Get(ctx, &chordpb.GetRequest{Key: []byte("none")}); err != nil || none.Found {
			t.Errorf("%v, %v", none, err)
		}
		if one, err := raw.Get(ctx, &chordpb.GetRequest{Key: k, One: true}); err != nil || !one.Found || string(one.Value) != "v" {
			t.Errorf("%v, %v", one, err)
		}
		equal(t, nil, got, want[:len(want)-1])
		_, err = raw.Put(ctx, &chordpb.PutRequest{Key: k, Request: id[1:]})
		kind(t, call{}.fromStatus(err), node.Invalid, "request")
	})
}

// tries answers the n-th try of an operation with the n-th error, the last one
// for ever, and notes when and under which names they came.
type tries struct {
	answers []error
	at      []time.Duration
	names   []node.RequestID
	again   []bool
	start   time.Time
}

func (s *tries) operate(_ context.Context, op node.Op) (node.Result, error) {
	s.at = append(s.at, time.Since(s.start))
	s.names = append(s.names, op.Request)
	s.again = append(s.again, op.Again)
	return node.Result{}, s.answers[min(len(s.at), len(s.answers))-1]
}

// What had no effect is tried again under one name; what fails for good is not,
// nor a write that may be in effect: it would be a second one.
func TestClientRepeats(t *testing.T) {
	fail := func(k node.Kind) error { return &node.Error{Kind: k, Text: k.String()} }
	for _, c := range []struct {
		answers []error
		tries   int
		want    error
	}{
		{[]error{fail(node.Overloaded), fail(node.NotResponsible), fail(node.Unavailable), nil}, 4, nil},
		{[]error{fail(node.TooLarge)}, 1, fail(node.TooLarge)},
		{[]error{fail(node.ReadOnly)}, 1, fail(node.ReadOnly)},
		{[]error{fail(node.Overloaded), fail(node.Unknown), nil}, 2, fail(node.Unknown)},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &tries{answers: c.answers, start: time.Now()}
			_, client := pair(t, &fake{operate: s.operate}, Options{})
			err := client.Put(t.Context(), []byte("k"), nil)
			if c.want == nil && err != nil || c.want != nil && node.KindOf(err) != node.KindOf(c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if len(s.at) != c.tries || len(slices.Compact(s.names)) != 1 || s.names[0] == (node.RequestID{}) {
				t.Errorf("tries at %v under %x", s.at, s.names)
			}
			for i, again := range s.again {
				if again != (i > 0) {
					t.Errorf("try %d says of being one more: %v", i, again)
				}
			}
		})
	}
}

// Tries come at growing distances and end in time, with the reason.
func TestClientGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tries{answers: []error{&node.Error{Kind: node.Overloaded, Text: "too much"}}, start: time.Now()}
		_, client := pair(t, &fake{operate: s.operate}, Options{})
		kind(t, client.Insert(t.Context(), []byte("k"), nil), node.Overloaded, "too much")
		if took := time.Since(s.start); took > callTimeout || took < callTimeout-longestPause || len(s.at) > 30 {
			t.Errorf("%d tries in %v", len(s.at), took)
		}
		for i := 1; i < len(s.at); i++ {
			if pause := s.at[i] - s.at[i-1]; pause < firstPause/2 || pause > longestPause {
				t.Errorf("a pause of %v", pause)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err := client.Retrieve(ctx, []byte("k"))
		kind(t, err, node.Overloaded)
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v after the caller left at 1 s", took)
		}
	})
}

// A node that restarts is waited for; one that was never there is told of at
// once.
func TestClientWaitsForARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, nil }}
		var n network
		client := n.client(t, Options{})
		start := time.Now()
		kind(t, client.Insert(t.Context(), []byte("k"), nil), node.Unavailable, "is a node running")
		if took := time.Since(start); took != 0 {
			t.Errorf("that nobody is there took %v", took)
		}
		s := n.serve(t, f, Options{})
		time.Sleep(time.Second) // the connection comes back
		if err := client.Insert(t.Context(), []byte("k"), nil); err != nil {
			t.Fatal(err)
		}
		s.Stop(t.Context())
		n.forget(addr)
		time.AfterFunc(2*time.Second, func() { n.serve(t, f, Options{}) })
		if err := client.Insert(t.Context(), []byte("k"), nil); err != nil {
			t.Errorf("over a restart of 2 s: %v", err)
		}
	})
}

func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := pair(t, &fake{forget: func(_ context.Context, name string) error {
			if name == "lost" {
				return nil
			}
			return &node.Error{Kind: node.Invalid, Text: name + " is not down"}
		}}, Options{})
		if err := client.Forget(t.Context(), "lost"); err != nil {
			t.Error(err)
		}
		kind(t, client.Forget(t.Context(), "lively"), node.Invalid, "lively is not down")
	})
}
