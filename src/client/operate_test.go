package client

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
)

const addr = "a:1"

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

// serve makes the tries those at one node, and returns a client of it.
func (s *tries) serve(t *testing.T) *Client {
	var n network
	n.serve(t, addr, "test", &fake{operate: s.operate})
	s.start = time.Now()
	return n.open(t, Options{Direct: true}, addr)
}

// What had no effect is tried again under one name; what fails for good is not,
// nor a write that may be in effect: it would be a second one.
func TestRepeats(t *testing.T) {
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
			s := &tries{answers: c.answers}
			err := s.serve(t).Put(t.Context(), []byte("k"), nil)
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

// Each write has a name of its own, and no read has one.
func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tries{answers: []error{nil}}
		c, ctx, k := s.serve(t), t.Context(), []byte("k")
		for _, err := range []error{c.Insert(ctx, k, k), c.Remove(ctx, k, k), c.Put(ctx, k, k), c.Delete(ctx, k)} {
			if err != nil {
				t.Error(err)
			}
		}
		for i, name := range s.names {
			if name == (node.RequestID{}) || slices.Contains(s.names[:i], name) {
				t.Errorf("write %d has the name %x", i, name)
			}
		}
		_, err := c.Retrieve(ctx, k)
		_, ok, gerr := c.Get(ctx, k)
		if err != nil || gerr != nil || ok || s.names[4] != (node.RequestID{}) || s.names[5] != (node.RequestID{}) {
			t.Errorf("reads: %v, %v, %v under %x", err, ok, gerr, s.names[4:])
		}
	})
}

// A read is repeated even where a node says that it does not know.
func TestReadsAreRepeatedAlways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tries{answers: []error{fail(node.Unknown), nil}}
		if _, err := s.serve(t).Retrieve(t.Context(), []byte("k")); err != nil || len(s.at) != 2 {
			t.Errorf("%d tries: %v", len(s.at), err)
		}
	})
}

// Tries come at growing distances and end in time, with the reason.
func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tries{answers: []error{fail(node.Overloaded)}}
		c := s.serve(t)
		kind(t, c.Insert(t.Context(), []byte("k"), nil), node.Overloaded)
		if took := time.Since(s.start); took > node.DefaultTimeout || took < node.DefaultTimeout-longestPause || len(s.at) > 30 {
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
		_, err := c.Retrieve(ctx, []byte("k"))
		kind(t, err, node.Overloaded)
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v after the caller left at 1 s", took)
		}
	})
}

// A node that restarts is waited for; one that was never there is told of at
// once.
func TestWaitsForARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, nil }}
		var n network
		c := n.open(t, Options{Direct: true}, addr)
		start := time.Now()
		kind(t, c.Insert(t.Context(), []byte("k"), nil), node.Unavailable)
		if took := time.Since(start); took != 0 {
			t.Errorf("that nobody is there took %v", took)
		}
		stop := n.serve(t, addr, "test", f)
		time.Sleep(2 * time.Second) // in virtual time: the connection comes back, a second later give or take a fifth
		if err := c.Insert(t.Context(), []byte("k"), nil); err != nil {
			t.Fatal(err)
		}
		stop()
		synctest.Wait() // the end of the connection is known
		time.AfterFunc(2*time.Second, func() { n.serve(t, addr, "test", f) })
		if err := c.Insert(t.Context(), []byte("k"), nil); err != nil {
			t.Errorf("over a restart of 2 s: %v", err)
		}
	})
}

// What can never be served does not travel.
func TestInvalidStaysHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tries{answers: []error{nil}}
		kind(t, s.serve(t).Insert(t.Context(), nil, nil), node.Invalid)
		if len(s.at) > 0 {
			t.Error("it was asked")
		}
	})
}

// Values asks for page after page, ends with an error, and ends with its caller.
func TestValuesByPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := map[keyspace.ID]node.Result{
			{}:  {Values: [][]byte{{1}, {2}}, Next: keyspace.ID{7}},
			{7}: {Values: [][]byte{{3}}, Next: keyspace.ID{8}},
			{8}: {Values: [][]byte{{4}}},
		}
		asked, broken := 0, false
		var n network
		n.serve(t, addr, "test", &fake{operate: func(_ context.Context, op node.Op) (node.Result, error) {
			asked++
			if op.Kind != node.Page || op.Limit < 1 {
				t.Errorf("asked %+v", op)
			}
			if broken && !op.From.IsZero() {
				return node.Result{}, fail(node.Corrupt)
			}
			return pages[op.From], nil
		}})
		c := n.open(t, Options{Direct: true}, addr)
		var got []byte
		for v, err := range c.Values(t.Context(), []byte("k")) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v...)
		}
		if string(got) != "\x01\x02\x03\x04" || asked != 3 {
			t.Errorf("%v after %d pages", got, asked)
		}
		for range c.Values(t.Context(), []byte("k")) {
			break
		}
		if asked != 4 {
			t.Errorf("%d pages asked for the first value", asked-3)
		}
		broken = true
		var last error
		for _, last = range c.Values(t.Context(), []byte("k")) {
		}
		if node.KindOf(last) != node.Corrupt {
			t.Errorf("the end is %v", last)
		}
	})
}
