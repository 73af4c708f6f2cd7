package wire

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"chord/node"
	"chord/store"
	"chord/wire/chordpb"
)

// scripted is another node's side of exchanges, told by a test what to do.
type scripted struct {
	chordpb.UnimplementedStorageServer
	exchange func(exchangeServer) error
}

func (s *scripted) Exchange(stream exchangeServer) error { return s.exchange(stream) }

// script serves exchanges with f, of which each finds its header sent.
func (n *network) script(t *testing.T, f func(exchangeServer) error) *scripted {
	t.Helper()
	s := &scripted{exchange: func(stream exchangeServer) error {
		if err := stream.SendHeader(greeting("test", Version)); err != nil {
			return err
		}
		return f(stream)
	}}
	g := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingEvery / 2, PermitWithoutStream: true}))
	chordpb.RegisterStorageServer(g, s)
	l := n.listen(addr)
	go g.Serve(l)
	t.Cleanup(g.Stop)
	return s
}

// answerAll answers every operation with its number, until the stream ends.
func answerAll(stream exchangeServer) error {
	for {
		m, err := stream.Recv()
		if err != nil {
			return nil
		}
		if err := stream.Send(answers(m.Ops)); err != nil {
			return nil
		}
	}
}

func answers(ops []*chordpb.NumberedOp) *chordpb.ResultBatch {
	var out chordpb.ResultBatch
	for _, op := range ops {
		out.Results = append(out.Results, &chordpb.NumberedResult{Number: op.Number, Values: [][]byte{op.Key}})
	}
	return &out
}

// receive reads operations until it has n.
func receive(stream exchangeServer, n int) (ops []*chordpb.NumberedOp, err error) {
	for len(ops) < n {
		m, err := stream.Recv()
		if err != nil {
			return ops, err
		}
		ops = append(ops, m.Ops...)
	}
	return ops, nil
}

// each carries operations out at once and returns their errors when all ended.
func each(ctx context.Context, p node.Peer, ops ...node.Op) []error {
	errs := make([]error, len(ops))
	var g sync.WaitGroup
	for i, op := range ops {
		g.Go(func() { _, errs[i] = p.Do(ctx, op) })
	}
	g.Wait()
	return errs
}

// What queued up goes in one message, and every caller gets its own answer.
func TestBatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var messages, first int
		n.script(t, nil).exchange = func(stream exchangeServer) error {
			time.Sleep(time.Second) // callers queue up until the greeting comes back
			stream.SendHeader(greeting("test", Version))
			for {
				m, err := stream.Recv()
				if err != nil {
					return nil
				}
				if messages++; first == 0 {
					first = len(m.Ops)
				}
				stream.Send(answers(m.Ops))
			}
		}
		peer := n.peer(t, Options{})
		var g sync.WaitGroup
		for i := range 1000 {
			g.Go(func() {
				key := fmt.Appendf(nil, "key %d", i)
				r, err := peer.Do(t.Context(), node.Op{Kind: node.Retrieve, Key: key})
				if err != nil || len(r.Values) != 1 || !bytes.Equal(r.Values[0], key) {
					t.Errorf("%q: %q, %v", key, r.Values, err)
				}
			})
		}
		g.Wait()
		t.Logf("1000 operations in %d messages, %d in the first", messages, first)
		if first != maxStreams || messages > 500 {
			t.Errorf("%d messages, %d operations in the first", messages, first)
		}
	})
}

// A stream that breaks leaves open what was sent; a stream that never began
// does not; and the next operations go on another stream.
func TestBrokenStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		streams := 0
		n.script(t, func(stream exchangeServer) error {
			if streams++; streams > 1 {
				return answerAll(stream)
			}
			receive(stream, 2)
			return status.Error(codes.Internal, "a fault")
		})
		peer := n.peer(t, Options{})
		errs := each(t.Context(), peer, putOp, getOp)
		kind(t, errs[0], node.Unknown, addr, "a fault")
		kind(t, errs[1], node.Unavailable, addr)
		for _, err := range each(t.Context(), peer, putOp, getOp) {
			if err != nil {
				t.Error(err)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.script(t, nil).exchange = func(exchangeServer) error { return status.Error(codes.Unavailable, "not now") }
		for _, err := range each(t.Context(), n.peer(t, Options{}), putOp, getOp) {
			kind(t, err, node.Unavailable, addr, "not now")
		}
	})
}

// A stream that closes answers what it took; the rest goes on the next one, but
// not for ever.
func TestClosingStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var streams, second int
		n.script(t, func(stream exchangeServer) error {
			if streams++; streams > 1 {
				ops, _ := receive(stream, 2)
				second = len(ops)
				stream.Send(answers(ops))
				return answerAll(stream)
			}
			ops, _ := receive(stream, 3)
			stream.Send(&chordpb.ResultBatch{Closing: true, Taken: 1})
			time.Sleep(time.Second)
			return stream.Send(answers(ops[:1]))
		})
		for _, err := range each(t.Context(), n.peer(t, Options{}), putOp, putOp, putOp) {
			if err != nil {
				t.Error(err)
			}
		}
		if streams != 2 || second != 2 {
			t.Errorf("%d streams, %d operations on the second", streams, second)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.script(t, func(stream exchangeServer) error {
			receive(stream, 1)
			return stream.Send(&chordpb.ResultBatch{Closing: true})
		})
		kind(t, each(t.Context(), n.peer(t, Options{}), putOp)[0], node.Unavailable, "stopping")
	})
}

// Who waits no longer leaves at once; the late answer harms nobody.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.script(t, func(stream exchangeServer) error {
			ops, _ := receive(stream, 2)
			time.Sleep(3 * time.Second)
			stream.Send(answers(ops))
			return answerAll(stream)
		})
		peer := n.peer(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		errs := each(ctx, peer, putOp, getOp)
		kind(t, errs[0], node.Unknown, addr)
		kind(t, errs[1], node.Unavailable, addr)
		kind(t, each(ctx, peer, putOp)[0], node.Unavailable, addr) // its time is over: not sent
		if err := each(t.Context(), peer, putOp)[0]; err != nil {
			t.Error(err)
		}
	})
}

// Who leaves before anything was sent leaves nothing behind.
func TestLeavingTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var got []string
		n.script(t, nil).exchange = func(stream exchangeServer) error {
			time.Sleep(3 * time.Second)
			stream.SendHeader(greeting("test", Version))
			for {
				ops, err := receive(stream, 1)
				if err != nil {
					return nil
				}
				for _, op := range ops {
					got = append(got, string(op.Key))
				}
				stream.Send(answers(ops))
			}
		}
		peer := n.peer(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stays := make(chan error, 1)
		go func() {
			stays <- each(t.Context(), peer, node.Op{Kind: node.Insert, Key: []byte("stays"), Value: []byte("v")})[0]
		}()
		kind(t, each(ctx, peer, putOp)[0], node.Unavailable, addr)
		if err := <-stays; err != nil || !slices.Equal(got, []string{"stays"}) {
			t.Errorf("the server got %q: %v", got, err)
		}
	})
}

// Callers beyond the bound wait for their turn, and nothing of theirs was sent.
func TestOutstandingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var got atomic.Int64
		n.script(t, func(stream exchangeServer) error {
			for {
				m, err := stream.Recv()
				if err != nil {
					return nil
				}
				got.Add(int64(len(m.Ops)))
			}
		})
		peer := n.peer(t, Options{})
		done := make(chan []error)
		go func() {
			ops := make([]node.Op, maxStreams)
			for i := range ops {
				ops[i] = putOp
			}
			done <- each(t.Context(), peer, ops...)
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		kind(t, each(ctx, peer, putOp)[0], node.Unavailable)
		if got.Load() != maxStreams {
			t.Errorf("%d operations were sent", got.Load())
		}
		for _, err := range <-done {
			kind(t, err, node.Unknown)
		}
	})
}

// Whatever a peer answers, others get theirs.
func TestGarbageAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.script(t, func(stream exchangeServer) error {
			ops, _ := receive(stream, 3)
			last := ops[2].Number
			stream.Send(&chordpb.ResultBatch{Results: []*chordpb.NumberedResult{
				{}, {Number: 1 << 60}, {Number: 1}, {Number: 1, Error: &chordpb.Error{}},
				{Number: 2, Values: [][]byte{make([]byte, store.MaxValue+1)}},
				{Number: last, Error: &chordpb.Error{Kind: 99, Text: "\xff"[:0], Better: &chordpb.Peer{Id: []byte("short")}}},
			}, Taken: 1 << 50})
			return answerAll(stream)
		})
		peer := n.peer(t, Options{})
		got := map[string]int{}
		for _, err := range each(t.Context(), peer, getOp, getOp, getOp) {
			if err == nil {
				got["ok"]++
			} else {
				got[node.KindOf(err).String()]++
			}
		}
		if got["ok"] != 1 || got["internal"] != 2 {
			t.Errorf("%v", got)
		}
		if err := each(t.Context(), peer, getOp)[0]; err != nil {
			t.Error(err)
		}
	})
}

// Nobody's ring but ours: nothing is sent before the greeting came back.
func TestExchangeGreeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.script(t, nil).exchange = func(stream exchangeServer) error {
			stream.SendHeader(greeting("other", Version))
			if ops, err := receive(stream, 1); err == nil {
				t.Errorf("got %v", ops)
			}
			return nil
		}
		kind(t, each(t.Context(), n.peer(t, Options{}), putOp)[0], node.WrongRing, "other")
	})
}

// A stream without operations ends, so that the connection can idle.
func TestExchangeIdles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		streams, open := 0, 0
		n.script(t, func(stream exchangeServer) error {
			streams++
			open++
			defer func() { open-- }()
			return answerAll(stream)
		})
		peer := n.peer(t, Options{})
		for i := range 3 {
			if err := each(t.Context(), peer, putOp)[0]; err != nil {
				t.Error(err)
			}
			time.Sleep(exchangeIdle + time.Second)
			synctest.Wait()
			if open != 0 || streams != i+1 {
				t.Errorf("%d streams open, %d in all", open, streams)
			}
		}
	})
}

// mute is a connection whose other end vanished when it is told so.
type mute struct {
	net.Conn
	gone *atomic.Bool
}

func (m mute) Write(b []byte) (int, error) {
	if m.gone.Load() {
		return len(b), nil
	}
	return m.Conn.Write(b)
}

// A peer whose machine vanished is noticed by the pings, in the middle of an
// operation that has all the time of the world.
func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var gone atomic.Bool
		n.script(t, func(stream exchangeServer) error {
			receive(stream, 1)
			gone.Store(true)
			<-stream.Context().Done()
			return nil
		})
		d := NewDialer("test", Options{Dial: func(ctx context.Context, addr string) (net.Conn, error) {
			c, err := n.dial(ctx, addr)
			return mute{c, &gone}, err
		}})
		defer d.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := d.Dial(addr).Do(ctx, putOp)
		kind(t, err, node.Unknown, addr)
		if took := time.Since(start); took > pingEvery+pingTimeout+time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Writes begin at the other node in the order of the calls, however many are on
// their way; who waits for the first of them has no say.
func TestWritesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = maxStreams * (1 + maxCrowd)
		var order []uint64
		peer, _ := pair(t, &fake{begun: func(w node.Write) { order = append(order, w.Epoch) }}, Options{})
		waits := make([]func() error, n)
		for i := range waits {
			w := someWrite
			w.Epoch = uint64(i)
			waits[i] = peer.Write(t.Context(), w)
		}
		for _, wait := range slices.Backward(waits) {
			if err := wait(); err != nil {
				t.Fatal(err)
			}
		}
		if len(order) != n || !slices.IsSorted(order) {
			t.Fatalf("%d of %d began, in the order %d", len(order), n, order)
		}
	})
}
