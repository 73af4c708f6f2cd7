package wire

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

// remote is another node, reached through a dialer's connections.
type remote struct {
	dialer *Dialer
	addr   string
}

// question is a call that is no stream.
type question struct {
	data    bool    // goes over the connection for data
	who     **party // gets who answered, where it is known
	write   bool    // changes something
	timeout time.Duration
}

// ask sends one question and checks who answered.
func ask[A any](ctx context.Context, r remote, q question,
	send func(context.Context, *grpc.ClientConn, ...grpc.CallOption) (A, error)) (A, error) {
	c := call{addr: r.addr, write: q.write}
	conn, release, err := r.dialer.acquire(connKey{r.addr, q.data})
	if err != nil {
		var none A
		return none, err
	}
	defer release()
	if _, ok := ctx.Deadline(); !ok {
		if q.timeout == 0 {
			q.timeout = r.dialer.options.Timeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.timeout)
		defer cancel()
	}
	var header metadata.MD
	var answerer peer.Peer // known once the call is on a connection
	a, err := send(r.greet(ctx), conn.ClientConn, grpc.Header(&header), grpc.Peer(&answerer))
	c.sent = answerer.Addr != nil
	if who, ok := answerer.AuthInfo.(*party); ok && q.who != nil {
		*q.who = who
	}
	if err == nil {
		return a, r.check(header)
	}
	if err = c.fromStatus(err); r.dialer.outdated(conn, err) {
		return ask(ctx, r, q, send)
	}
	return a, err
}

// greet adds who speaks to what a call carries.
func (r remote) greet(ctx context.Context) context.Context {
	mine := r.dialer.greeting
	if md, ok := metadata.FromOutgoingContext(ctx); ok {
		mine = metadata.Join(md, mine)
	}
	return metadata.NewOutgoingContext(ctx, r.dialer.options.traceTo(ctx, mine))
}

// check says whether the answer came from a node of the same ring.
func (r remote) check(header metadata.MD) error {
	return checkGreeting(header, r.addr, r.dialer.ring, r.dialer.options.version, false)
}

// convert decodes an answer. That it is malformed is the other side's fault.
func convert[A, M any](r remote, m M, err error, decode func(M) (A, error)) (A, error) {
	var a A
	if err != nil {
		return a, err
	}
	if a, err = decode(m); err != nil {
		return a, &node.Error{Kind: node.Internal, Text: "the answer of " + r.addr + ": " + err.Error()}
	}
	return a, nil
}

func (r remote) Ring(ctx context.Context, q ring.Request) (ring.Response, error) {
	var who *party
	m, err := ask(ctx, r, question{who: &who}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.RingResponse, error) {
		return chordpb.NewMaintenanceClient(cc).Ring(ctx, encodeRingRequest(q), o...)
	})
	a, err := convert(r, m, err, decodeRingResponse)
	if s, ok := a.(ring.State); ok && err == nil {
		err = who.claimed(s.Self.ID, r.addr)
	}
	return a, err
}

func (r remote) Member(ctx context.Context, q member.Request) (member.Response, error) {
	var who *party
	m, err := ask(ctx, r, question{who: &who}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.MemberResponse, error) {
		return chordpb.NewMaintenanceClient(cc).Member(ctx, encodeMemberRequest(q), o...)
	})
	a, err := convert(r, m, err, decodeMemberResponse)
	_, through := q.(member.PingThrough) // somebody else's answer
	if err == nil && !through {
		err = who.claimed(answererOf(a), r.addr)
	}
	return a, err
}

func (r remote) Hello(ctx context.Context) (node.Hello, error) {
	var who *party
	m, err := ask(ctx, r, question{who: &who}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.HelloResponse, error) {
		return chordpb.NewMaintenanceClient(cc).Hello(ctx, &chordpb.HelloRequest{}, o...)
	})
	h, err := convert(r, m, err, decodeHello)
	if err == nil {
		err = who.claimed(h.Member.ID, r.addr)
	}
	return h, err
}

// answererOf returns as whom an answer's sender sees itself.
func answererOf(a member.Response) keyspace.ID {
	switch a := a.(type) {
	case member.Ack:
		return a.From
	case member.Members:
		return a.From
	}
	return keyspace.ID{}
}

// exchange carries out an operation over one of the connection's streams.
func (r remote) exchange(ctx context.Context, m *chordpb.NumberedOp, size int, of func(*conn) *exchange) (*chordpb.NumberedResult, error) {
	return r.start(ctx, m, size, of)()
}

// start begins to carry out an operation, in the order of the calls, and does not
// wait; what it returns does, and must be called once.
func (r remote) start(ctx context.Context, m *chordpb.NumberedOp, size int, of func(*conn) *exchange) func() (*chordpb.NumberedResult, error) {
	conn, release, err := r.dialer.acquire(connKey{r.addr, true})
	if err != nil {
		return func() (*chordpb.NumberedResult, error) { return nil, err }
	}
	cancel := func() {}
	if _, ok := ctx.Deadline(); !ok {
		ctx, cancel = context.WithTimeout(ctx, r.dialer.options.Timeout)
	}
	if t := r.dialer.options.Tracer; t != nil {
		m.Traceparent = t.Outgoing(ctx)
	}
	x := of(conn)
	w := x.start(ctx, m, size)
	return func() (*chordpb.NumberedResult, error) {
		defer release()
		defer cancel()
		a, err := x.wait(ctx, w)
		if r.dialer.outdated(conn, err) {
			return r.exchange(ctx, m, size, of)
		}
		return a, err
	}
}

func nodesExchange(c *conn) *exchange  { return c.nodes }
func copiesExchange(c *conn) *exchange { return c.copies }

func (r remote) Do(ctx context.Context, op node.Op) (node.Result, error) {
	return r.operate(ctx, op, nodesExchange)
}

func (r remote) operate(ctx context.Context, op node.Op, of func(*conn) *exchange) (node.Result, error) {
	a, err := r.exchange(ctx, encodeOp(op), len(op.Key)+len(op.Value), of)
	return convert(r, a, err, func(m *chordpb.NumberedResult) (node.Result, error) { return decodeResult(op, m) })
}
