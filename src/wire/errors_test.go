package wire

import (
	"context"
	"errors"
	"iter"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/ring"
)

var putOp = node.Op{Kind: node.Insert, Key: []byte("k"), Value: []byte("v")}
var getOp = node.Op{Kind: node.Retrieve, Key: []byte("k")}

// kind fails the test unless err is a node.Error of that kind that names the
// words.
func kind(t *testing.T, err error, want node.Kind, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*node.Error](err)
	if !ok || e.Kind != want {
		t.Errorf("error %v, want kind %v", err, want)
		return
	}
	for _, w := range words {
		if !strings.Contains(e.Text+"\n"+e.Remedy, w) {
			t.Errorf("%q, hint %q, does not say %q", e.Text, e.Remedy, w)
		}
	}
}

func TestErrorsSurviveTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fail error
		peer, client := pair(t, &fake{
			do:      func(context.Context, node.Op) (node.Result, error) { return node.Result{}, fail },
			operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, fail },
			fetch:   broken(&fail),
		}, Options{})
		for k := node.Internal; k <= node.Behind; k++ {
			want := node.Error{Kind: k, Text: addr + " says " + k.String(), Remedy: "do something", Better: ring.Peer{ID: self.ID, Addr: addr}}
			fail = &want
			_, err := peer.Do(t.Context(), putOp)
			for by, err := range map[string]error{
				"do": err, "insert": insert(t.Context(), client, []byte("k"), nil),
				"fetch": fetchError(t.Context(), peer),
			} {
				if e, ok := errors.AsType[*node.Error](err); !ok || *e != want {
					t.Errorf("%s: %v became %v", by, want, err)
				}
			}
		}
		fail = &node.Error{Kind: 99, Text: "from the future \xff"}
		_, err := peer.Do(t.Context(), putOp)
		kind(t, err, node.Internal, "from the future �")
		fail = errors.New("something else")
		_, err = peer.Do(t.Context(), putOp)
		kind(t, err, node.Internal, "something else")
		fail = &node.Error{Kind: node.Overloaded}
		_, err = peer.Do(t.Context(), putOp)
		kind(t, err, node.Overloaded, "overloaded")
	})
}

// Nobody listens: nothing was sent, so a write has not happened.
func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		peer, client := n.peer(t, Options{}), n.client(t, Options{})
		_, err := peer.Do(t.Context(), putOp)
		kind(t, err, node.Unavailable, addr, "connection refused", "is a node running")
		_, err = peer.Hello(t.Context())
		kind(t, err, node.Unavailable, addr)
		kind(t, insert(t.Context(), client, []byte("k"), nil), node.Unavailable, addr)
		kind(t, fetchError(t.Context(), peer), node.Unavailable, addr)

		// A network that swallows everything.
		silent := Options{Timeout: time.Second, Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		d := NewDialer("test", silent)
		defer d.Close()
		start := time.Now()
		_, err = d.Dial(addr).Do(t.Context(), putOp)
		kind(t, err, node.Unavailable, addr)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
		_, err = d.Dial("nonsense").Hello(t.Context())
		kind(t, err, node.Invalid, "nonsense")
		d.Close()
		_, err = d.Dial(addr).Hello(t.Context())
		kind(t, err, node.Unavailable, "stopping")
	})
}

// A request that was sent and is not answered in time: of a write nobody knows.
func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		n.serve(t, &fake{
			do:      func(ctx context.Context, _ node.Op) (node.Result, error) { return node.Result{}, hang(ctx) },
			operate: func(ctx context.Context, _ node.Op) (node.Result, error) { return node.Result{}, hang(ctx) },
			fetch: func(ctx context.Context, _ node.Fetch) iter.Seq2[node.Fetched, error] {
				return func(yield func(node.Fetched, error) bool) { yield(node.Fetched{}, hang(ctx)) }
			},
		}, Options{})
		peer, client := n.peer(t, Options{}), n.client(t, Options{Timeout: 3 * time.Second})
		start := time.Now()
		_, err := peer.Do(t.Context(), putOp)
		kind(t, err, node.Unknown, addr, "may be in effect")
		if took := time.Since(start); took != callTimeout {
			t.Errorf("without a deadline it took %v, want %v", took, callTimeout)
		}
		_, err = peer.Do(t.Context(), getOp)
		kind(t, err, node.Unavailable, addr)
		start = time.Now()
		kind(t, insert(t.Context(), client, []byte("k"), nil), node.Unknown, addr)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want what the options say", took)
		}
		_, err = retrieve(t.Context(), client, []byte("k"))
		kind(t, err, node.Unavailable, addr)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		kind(t, fetchError(ctx, peer), node.Unavailable, addr)
	})
}

// The connection breaks under a request.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conn net.Conn
		var n network
		n.serve(t, &fake{do: func(ctx context.Context, _ node.Op) (node.Result, error) {
			conn.Close()
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}}, Options{})
		d := NewDialer("test", Options{Dial: func(ctx context.Context, addr string) (net.Conn, error) {
			c, err := n.dial(ctx, addr)
			conn = c
			return c, err
		}})
		defer d.Close()
		_, err := d.Dial(addr).Do(t.Context(), putOp)
		kind(t, err, node.Unknown, addr)
		_, err = d.Dial(addr).Do(t.Context(), getOp)
		kind(t, err, node.Unavailable, addr)
	})
}
