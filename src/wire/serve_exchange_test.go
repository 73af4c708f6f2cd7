package wire

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"chord/node"
	"chord/wire/chordpb"
)

// opened returns a stream of operations to the server behind cc, and greets.
func opened(t *testing.T, cc *grpc.ClientConn) exchangeStream {
	t.Helper()
	stream, err := chordpb.NewStorageClient(cc).Exchange(metadata.NewOutgoingContext(t.Context(), greeting("test", Version)))
	if err != nil {
		t.Fatal(err)
	}
	header, _ := stream.Header()
	if err := checkGreeting(header, "the server", "test", Version, false); err != nil {
		t.Fatal(err)
	}
	return stream
}

func get(number uint64) *chordpb.NumberedOp {
	return &chordpb.NumberedOp{Number: number, Kind: chordpb.OpKind_OP_KIND_RETRIEVE, Key: []byte("k")}
}

// results reads answers until it has n.
func results(t *testing.T, stream exchangeStream, n int) map[uint64]*chordpb.NumberedResult {
	t.Helper()
	got := make(map[uint64]*chordpb.NumberedResult)
	for len(got) < n {
		m, err := stream.Recv()
		if err != nil {
			t.Fatalf("after %d answers: %v", len(got), err)
		}
		for _, r := range m.Results {
			got[r.Number] = r
		}
	}
	return got
}

// An operation that cannot be served is answered for itself alone.
func TestExchangeInvalidOps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := opened(t, raw(t, &fake{}, Options{}))
		stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{
			{Number: 1, Kind: 77, Key: []byte("k")}, {Number: 2, Kind: chordpb.OpKind_OP_KIND_INSERT},
			{Number: 5, Kind: chordpb.OpKind_OP_KIND_INSERT, Key: make([]byte, 1<<17)}, get(9),
		}})
		got := results(t, stream, 4)
		for n, want := range map[uint64]node.Kind{1: node.Invalid, 2: node.Invalid, 5: node.TooLarge} {
			kind(t, decodeError(got[n].Error), want)
		}
		if got[9].Error != nil || len(got[9].Values) != 2 {
			t.Errorf("answer %v", got[9])
		}
		stream.CloseSend()
		if _, err := stream.Recv(); err != io.EOF {
			t.Errorf("the stream ends with %v", err)
		}
	})
}

// Who uses a number again, or sends more than a message may hold, is no caller
// to go on with.
func TestExchangeMalformed(t *testing.T) {
	for _, ops := range map[string][]*chordpb.NumberedOp{
		"again": {get(1), get(2), get(2)}, "backward": {get(5), get(4)}, "zero": {get(0)}, "many": make([]*chordpb.NumberedOp, maxOps+1),
	} {
		synctest.Test(t, func(t *testing.T) {
			for i := range ops {
				if ops[i] == nil {
					ops[i] = &chordpb.NumberedOp{}
				}
			}
			stream := opened(t, raw(t, &fake{}, Options{}))
			stream.Send(&chordpb.OpBatch{Ops: ops})
			var err error
			for err == nil {
				_, err = stream.Recv()
			}
			kind(t, call{}.fromStatus(err), node.Invalid, "malformed")
		})
	}
}

// Each operation ends at its own time, or at the server's limit.
func TestExchangeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := opened(t, raw(t, &fake{do: func(ctx context.Context, _ node.Op) (node.Result, error) {
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}}, Options{}))
		start := time.Now()
		short, long, put := get(1), get(2), get(3)
		short.Remaining, put.Remaining, put.Kind = uint64(time.Second), 1<<63, chordpb.OpKind_OP_KIND_INSERT
		stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{short, long, put}})
		kind(t, decodeError(results(t, stream, 1)[1].Error), node.Unavailable, "in time")
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
		rest := results(t, stream, 2)
		kind(t, decodeError(rest[2].Error), node.Unavailable)
		kind(t, decodeError(rest[3].Error), node.Unknown)
		if took := time.Since(start); took != longestCall {
			t.Errorf("took %v", took)
		}
	})
}

// Who does not read the answers is read no more, holds up nobody else, and
// loses the stream in the end.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		var n network
		n.serve(t, &fake{do: func(_ context.Context, op node.Op) (node.Result, error) {
			if string(op.Key) == "big" {
				begun.Add(1)
				return node.Result{Values: [][]byte{make([]byte, 512<<10)}}, nil
			}
			return node.Result{}, nil
		}}, Options{InFlight: 4})
		stream := opened(t, n.conn(t))
		go func() {
			for i := range uint64(1000) {
				op := get(i + 1)
				op.Key = []byte("big")
				if stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{op}}) != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		time.Sleep(time.Second)
		if most := int64(maxUnsent/(512<<10)) + 8; begun.Load() > most {
			t.Errorf("%d operations for who reads nothing, want %d at most", begun.Load(), most)
		}
		if _, err := n.peer(t, Options{}).Do(t.Context(), getOp); err != nil {
			t.Errorf("beside a slow reader: %v", err)
		}
		time.Sleep(longestStall)
		var err error
		for err == nil {
			_, err = stream.Recv()
		}
		kind(t, call{}.fromStatus(err), node.Unavailable, "stood still")
	})
}

// When the server stops, what it took is answered, what comes after is not
// taken and told so, and a write that was not taken is not unknown.
func TestExchangeStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, &fake{do: func(_ context.Context, op node.Op) (node.Result, error) {
			time.Sleep(2 * time.Second)
			return node.Result{}, nil
		}}, Options{})
		peer := n.peer(t, Options{})
		done := make(chan error, 1)
		go func() { done <- each(t.Context(), peer, putOp)[0] }()
		stream := opened(t, n.conn(t))
		stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{get(1), get(2)}})
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- s.Stop(t.Context()) }()
		synctest.Wait()
		start := time.Now()
		kind(t, each(t.Context(), peer, putOp)[0], node.Unavailable)
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusal took %v", took)
		}
		stream.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{get(3)}})
		if m, err := stream.Recv(); err != nil || !m.Closing || m.Taken != 2 {
			t.Errorf("got %v, %v", m, err)
		}
		if got := results(t, stream, 2); got[3] != nil {
			t.Error("an operation was taken after the end")
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			t.Errorf("the stream ends with %v", err)
		}
		if err := errors.Join(<-done, <-stopped); err != nil {
			t.Error(err)
		}
	})
}

// A small answer waits for one large one at most.
func TestSmallBesideLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := opened(t, raw(t, &fake{do: func(_ context.Context, op node.Op) (node.Result, error) {
			if string(op.Key) == "k" {
				time.Sleep(time.Second) // the large ones are there first
				return node.Result{}, nil
			}
			return node.Result{Values: [][]byte{make([]byte, 1<<20)}}, nil
		}}, Options{}))
		ops := []*chordpb.NumberedOp{}
		for i := range uint64(6) {
			op := get(i + 1)
			op.Key = []byte("large")
			ops = append(ops, op)
		}
		stream.Send(&chordpb.OpBatch{Ops: append(ops, get(7), get(8))})
		time.Sleep(2 * time.Second)
		for at := 1; ; at++ {
			m, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if m.Results[0].Number >= 7 {
				// One had been given to the transport, one was waiting for it.
				if at > 3 {
					t.Errorf("the small answers come in message %d", at)
				}
				return
			}
		}
	})
}

// Goroutines that carry out operations are kept for the next ones, and not more
// of them than a bound.
func TestWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		release := make(chan bool)
		s := n.serve(t, &fake{do: func(context.Context, node.Op) (node.Result, error) {
			<-release
			return node.Result{}, nil
		}}, Options{})
		stream := opened(t, n.conn(t))
		var ops []*chordpb.NumberedOp
		for i := range uint64(maxIdle + 100) {
			ops = append(ops, get(i+1))
		}
		stream.Send(&chordpb.OpBatch{Ops: ops})
		synctest.Wait()
		close(release)
		results(t, stream, len(ops))
		synctest.Wait()
		if idle := s.workers.idle.Load(); idle != maxIdle {
			t.Errorf("%d idle workers, want %d", idle, maxIdle)
		}
		stream.CloseSend()
	})
}
