package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"google.golang.org/grpc"

	"chord/node"
	"chord/trust"
	"chord/wire/chordpb"
)

type exchangeServer = grpc.BidiStreamingServer[chordpb.OpBatch, chordpb.ResultBatch]

// operator begins one operation, and returns what ends it and fills in its answer.
// It does not wait: what begins in order stays in order.
type operator func(context.Context, *chordpb.NumberedOp) (end func(*chordpb.NumberedResult) error)

// sitting is one stream of operations at the server: one goroutine takes them,
// workers carry them out, one goroutine sends the answers.
type sitting struct {
	*outbox
	server *Server
	stream exchangeServer
	ctx    context.Context
	method string
	rank   rank
	who    string // its caller
	do     operator
	caller *party
}

var errStopping = &node.Error{Kind: node.Unavailable, Text: "the node is stopping"}

// exchange serves one stream of operations until the caller ends it or, when
// the server stops or no operation came for long, all that were taken are
// answered.
func (s *Server) exchange(stream exchangeServer, method string, do operator) error {
	if s.stopping.Err() != nil {
		return errStopping
	}
	who := visitorOf(stream.Context())
	if who.conn != nil {
		if !s.doors.sit(who.conn) {
			return s.counts.refuse(&node.Error{Kind: node.Overloaded, Text: fmt.Sprintf("more than %d streams of operations on a connection", maxSittings)})
		}
		defer s.doors.rise(who.conn)
	}
	if err := stream.SendHeader(nil); err != nil { // the greeting; the caller waits for it
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	x := &sitting{
		outbox: newOutbox(&s.unsent), who: who.name, server: s, stream: stream, ctx: ctx, method: method,
		rank: rulesOf(method).rank, do: do, caller: callerOf(ctx),
	}
	defer x.abandon()
	defer context.AfterFunc(s.stopping, func() { x.close(true) })()
	ended := make(chan error, 3)
	stall := time.AfterFunc(longestStall, func() { ended <- errStalled })
	stall.Stop()
	defer stall.Stop()
	go func() {
		// The end of the operations is not the end of the answers.
		if err := s.guard(method, x.receive); err != nil {
			ended <- err
		}
	}()
	go func() { ended <- s.guard(method, func() error { return x.send(stall) }) }()
	return <-ended
}

// receive takes operations and gives them to workers until the caller ends the
// stream.
func (x *sitting) receive() error {
	idle := time.AfterFunc(idleTimeout, func() { x.close(true) })
	defer idle.Stop()
	for {
		m, err := x.stream.Recv()
		if errors.Is(err, io.EOF) {
			x.close(false)
			return nil
		}
		if err == nil && len(m.Ops) > maxOps {
			err = call{}.failf(node.Invalid, "malformed message: %d operations, the limit is %d", len(m.Ops), maxOps)
		}
		if err != nil {
			return err
		}
		idle.Reset(idleTimeout)
		for _, m := range m.Ops {
			if x.rank == asked {
				if err := x.server.rates.Wait(x.ctx, x.who); err != nil {
					return err
				}
			}
			if taken, err := x.take(x.ctx, m.Number); err != nil {
				return err
			} else if taken {
				x.begin(m)
			}
		}
	}
}

// begin begins an operation and gives it to a worker, or refuses it.
func (x *sitting) begin(m *chordpb.NumberedOp) {
	err := x.server.permitParty(x.ctx, x.caller, x.needs(m))
	if err == nil {
		err = x.server.enter(x.rank, x.who, opSize(m))
	}
	if err != nil {
		x.put(&chordpb.NumberedResult{Number: m.Number, Error: encodeError(err)})
		return
	}
	most := longestCall
	if m.Remaining > 0 {
		most = time.Duration(min(m.Remaining, uint64(most)))
	}
	j := job{sitting: x, op: m, ctx: limit(x.ctx, most)}
	j.err = x.server.guard(x.method, func() error {
		ctx := context.Context(j.ctx)
		if t := x.server.options.Tracer; t != nil && m.Traceparent != "" {
			ctx = t.Incoming(ctx, m.Traceparent)
		}
		j.end = x.do(ctx, m)
		return nil
	})
	x.server.workers.run(j)
}

// needs returns the role that an operation takes: a certificate may have been
// replaced or have expired since the stream began.
func (x *sitting) needs(m *chordpb.NumberedOp) trust.Role {
	if need := needs(x.method); need != trust.Read || !changes(m) {
		return need
	}
	return trust.Write
}

// work carries an operation out that has begun, and queues the answer.
func (j job) work() {
	defer j.ctx.end()
	r, err := &chordpb.NumberedResult{Number: j.op.Number}, j.err
	if err == nil {
		err = j.server.guard(j.method, func() error { return j.end(r) })
	}
	if err != nil {
		r.Values, r.Read, r.Count, r.Next, r.Error = nil, nil, 0, nil, encodeError(inTime(err, changes(j.op)))
	}
	j.server.exit(j.rank, j.who, opSize(j.op))
	j.put(r)
}

// inTime makes the error of a context one that can travel.
func inTime(err error, change bool) error {
	if _, ok := errors.AsType[*node.Error](err); ok {
		return err
	}
	switch {
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return err
	case !change:
		return call{}.failf(node.Unavailable, "the node did not finish in time")
	}
	return call{}.failf(node.Unknown, "the node did not finish in time, the change may be in effect or not")
}

// send sends the answers: all that queued up while one message was sent go in
// the next. It returns nil when all are sent and none will come.
func (x *sitting) send(stall *time.Timer) error {
	var m chordpb.ResultBatch
	for {
		some, done := x.next(&m)
		if some {
			stall.Reset(longestStall)
			err := x.stream.Send(&m)
			stall.Stop()
			if err != nil {
				return err
			}
			continue
		}
		if done {
			return nil
		}
		select {
		case <-x.wake:
			runtime.Gosched() // whoever is about to answer may do so
		case <-x.ctx.Done():
			return x.ctx.Err()
		}
	}
}
