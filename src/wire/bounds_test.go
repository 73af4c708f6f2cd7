package wire

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"chord/node"
	"chord/wire/chordpb"
)

// More operations than the rate wait on a stream, and are refused elsewhere.
func TestClientRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, nil }}, Options{ClientRate: 10})
		c := n.client(t, Options{})
		start := time.Now()
		for range 30 {
			if _, _, err := c.Operate(t.Context(), getOp); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start).Round(time.Second / 10); took != 2*time.Second {
			t.Errorf("30 operations took %v", took)
		}
		_, err := chordpb.NewChordClient(n.conn(t)).Get(t.Context(), &chordpb.GetRequest{Key: []byte("k")})
		kind(t, call{}.fromStatus(err), node.Overloaded, "10 operations", "client-rate")
		time.Sleep(time.Second)
		_, err = chordpb.NewChordClient(n.conn(t)).Get(t.Context(), &chordpb.GetRequest{Key: []byte("k")})
		equal(t, err, true, true)
	})
}

// Messages of which the end does not come are bounded in number and in time, and
// nodes are heard beside them.
func TestHalfSentMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, &fake{}, Options{})
		cc := n.conn(t)
		half := func() (grpc.ClientStream, error) {
			return cc.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, chordpb.Chord_Status_FullMethodName)
		}
		var open []grpc.ClientStream
		for range maxReceipts {
			x, err := half()
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, x)
		}
		synctest.Wait()
		if n := s.receipts[asked].Held(); n != maxReceipts-maxReceipts/8 {
			t.Errorf("%d messages are waited for", n)
		}
		if _, err := n.peer(t, Options{}).Hello(t.Context()); err != nil {
			t.Errorf("a node: %v", err)
		}
		start := time.Now()
		if err := open[0].RecvMsg(&chordpb.StatusResponse{}); err == nil {
			t.Error("an answer to nothing")
		}
		if took := time.Since(start); took > longestCall+longestStall {
			t.Errorf("it was waited for for %v", took)
		}
		synctest.Wait()
		if n := s.receipts[asked].Held(); n != 0 {
			t.Errorf("%d messages are waited for in the end", n)
		}
	})
}

// A connection has a few streams of operations, no more.
func TestManyExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cc := raw(t, &fake{}, Options{})
		for range maxSittings {
			opened(t, cc)
		}
		stream, err := chordpb.NewStorageClient(cc).Exchange(metadata.NewOutgoingContext(t.Context(), greeting("test", Version)))
		if err == nil {
			_, err = stream.Recv()
		}
		kind(t, call{}.fromStatus(err), node.Overloaded, "streams of operations")
	})
}

// Who asks for large sets and reads nothing does not make the server keep them
// all.
func TestUnreadAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := make([]byte, 1<<20)
		var n network
		s := n.serve(t, &fake{operate: func(context.Context, node.Op) (node.Result, error) {
			return node.Result{Values: [][]byte{large, large, large, large, large, large, large, large}}, nil
		}}, Options{})
		for range 4 {
			cc := n.conn(t)
			for range 4 {
				stream, err := chordpb.NewChordClient(cc).Exchange(metadata.NewOutgoingContext(t.Context(), greeting("test", Version)))
				if err != nil {
					t.Fatal(err)
				}
				for i := range 64 {
					stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{get(uint64(i + 1))}})
				}
			}
		}
		synctest.Wait()
		if got := s.unsent.Load(); got > 2*maxUnsentAll+maxAnswer {
			t.Errorf("%d MiB wait to be sent", got>>20)
		}
		time.Sleep(2 * longestStall)
		synctest.Wait()
		if got := s.unsent.Load(); got != 0 || s.inFlight[asked].Load() != 0 || s.taken[asked].Load() != 0 {
			t.Errorf("in the end %d bytes wait, %d requests of %d bytes are in flight", got, s.inFlight[asked].Load(), s.taken[asked].Load())
		}
	})
}
