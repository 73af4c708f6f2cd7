package wire

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"chord/node"
	"chord/wire/chordpb"
)

// rules is what holds for the calls of a service.
type rules struct {
	ours      bool // not the health or the reflection service
	liveness  bool // is never refused for want of room
	anonymous bool // may leave out the ring's name
	exchange  bool // counts its operations, and sees to its own end
	rank      rank // of all others
}

// rank says who waits for whom: a request of one rank waits for requests of
// later ranks alone, at other nodes. Each has its own room, so that nodes that
// have too much to do never wait for each other in a circle.
type rank int

const (
	asked      rank = iota // by a client
	forwarded              // by a node, to be coordinated, or to fill a copy
	replicated             // a write or a read of a copy
	ranks
)

// rulesOf goes by the service, so that a new request of it cannot be forgotten.
func rulesOf(method string) rules {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	switch service {
	case chordpb.Maintenance_ServiceDesc.ServiceName:
		return rules{ours: true, liveness: true}
	case chordpb.Storage_ServiceDesc.ServiceName:
		switch method {
		case chordpb.Storage_Exchange_FullMethodName:
			return rules{ours: true, exchange: true, rank: forwarded}
		case chordpb.Storage_Replicate_FullMethodName:
			return rules{ours: true, exchange: true, rank: replicated}
		}
		return rules{ours: true, rank: forwarded}
	case chordpb.Chord_ServiceDesc.ServiceName, chordpb.Admin_ServiceDesc.ServiceName:
		return rules{ours: true, anonymous: true, exchange: method == chordpb.Chord_Exchange_FullMethodName}
	}
	return rules{}
}

// admit lets a call in or says why not. Who was let in calls done at the end.
func (s *Server) admit(ctx context.Context, method string, size int) (done func(), err error) {
	if err := s.permit(ctx, needs(method)); err != nil { // first: a stranger hears nothing of the ring
		return nil, s.counts.refuse(err)
	}
	r, c := rulesOf(method), visitorOf(ctx)
	if !r.ours {
		return func() {}, s.prove(c, byClient)
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if err := checkGreeting(md, "the caller", s.options.Ring, s.options.version, r.anonymous); err != nil {
		return nil, s.counts.refuse(err)
	}
	if err := s.prove(c, r.proof()); err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, s.greeting); err != nil {
		return nil, err
	}
	if r.liveness || r.exchange {
		return func() {}, nil
	}
	if r.rank == asked && !s.rates.Allow(c.name) {
		return nil, s.counts.refuse(&node.Error{
			Kind:   node.Overloaded,
			Text:   fmt.Sprintf("more than %d operations in a second", s.options.ClientRate),
			Remedy: "ask for less, or raise client-rate",
		})
	}
	return func() { s.exit(r.rank, c.name, size) }, s.enter(r.rank, c.name, size)
}

// unary is around every call that is no stream.
func (s *Server) unary(ctx context.Context, q any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (a any, err error) {
	received(ctx)
	if ctx.Err() != nil { // broken off at once, as in floods of such calls
		return nil, toStatus(ctx.Err())
	}
	done, err := s.admit(ctx, info.FullMethod, sizeOf(q))
	if err != nil {
		return nil, toStatus(err)
	}
	call := ctx
	ctx, cancel := context.WithTimeout(s.options.traced(ctx), longest(info.FullMethod))
	defer cancel()
	err = s.guard(info.FullMethod, func() (err error) {
		a, err = next(ctx, q)
		return err
	})
	if err == nil {
		err = s.hold(call, sizeOf(a), done)
	} else {
		done()
	}
	return a, toStatus(err)
}

// longest is how long a call may take, whatever the caller says.
func longest(method string) time.Duration {
	switch method {
	case chordpb.Admin_Leave_FullMethodName:
		return longestLeave
	case chordpb.Storage_Take_FullMethodName:
		return longestTake
	}
	return longestCall
}

// stream is around every stream. The handler runs beside it, since gRPC ends a
// stream, and a send or receive that hangs in it, when this function returns.
func (s *Server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	done, err := s.admit(ss.Context(), info.FullMethod, 0)
	if err != nil {
		return toStatus(err)
	}
	if !rulesOf(info.FullMethod).ours {
		return toStatus(s.foreign(srv, ss, info.FullMethod, next))
	}
	if rulesOf(info.FullMethod).exchange {
		return toStatus(s.guard(info.FullMethod, func() error { return next(srv, ss) }))
	}
	unwatch, err := s.watch(visitorOf(ss.Context()), rulesOf(info.FullMethod))
	if err != nil {
		done()
		return toStatus(err)
	}
	defer unwatch()
	p := newPulse(ss.Context())
	ended := make(chan error, 1)
	go func() {
		defer done()
		defer p.stop()
		ended <- s.guard(info.FullMethod, func() error { return next(srv, beating{ss, p}) })
	}()
	select {
	case err = <-ended:
	case <-p.Done():
		select { // the end of the handler is an end of the pulse, too
		case err = <-ended:
		default:
			err = p.stalled(context.Cause(p.Context))
		}
	}
	return toStatus(err)
}

// guard turns a panic into an error: one bad request must not end a process
// that serves others.
func (s *Server) guard(method string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.counts.faults.Add(1)
			s.options.Log.Error("panic in a request", "method", method, "panic", r, "stack", string(debug.Stack()))
			err = &node.Error{Kind: node.Internal, Text: "the node met a fault in itself; its log says more"}
		}
	}()
	return f()
}

// beating is a stream whose every message is a beat of its pulse.
type beating struct {
	grpc.ServerStream
	*pulse
}

func (b beating) Context() context.Context { return b.pulse }

func (b beating) SendMsg(m any) error {
	b.beat()
	return b.ServerStream.SendMsg(m)
}

func (b beating) RecvMsg(m any) error {
	err := b.ServerStream.RecvMsg(m)
	b.beat()
	received(b.ServerStream.Context())
	return err
}

// foreign runs a stream of the health or the reflection service, and ends it
// with the server: who watches health never goes by itself.
func (s *Server) foreign(srv any, ss grpc.ServerStream, method string, next grpc.StreamHandler) error {
	received(ss.Context())
	c := visitorOf(ss.Context())
	if !s.strange.Enter(c.name) {
		return s.counts.refuse(&node.Error{Kind: node.Overloaded, Text: "too many streams"})
	}
	defer s.strange.Exit(c.name)
	ctx, cancel := context.WithCancel(ss.Context())
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)()
	return s.guard(method, func() error { return next(srv, ending{ss, ctx}) })
}

// ending is a stream with a context of its own.
type ending struct {
	grpc.ServerStream
	ctx context.Context
}

func (e ending) Context() context.Context { return e.ctx }
