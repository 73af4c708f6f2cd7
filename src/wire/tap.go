package wire

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	oldreflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"chord/wire/chordpb"
)

// receipt is a call of which the message may be on its way still. gRPC reads it
// before it asks anybody: without a bound, who sends all of many messages but
// their last bytes fills the memory, and for as long as he likes.
type receipt struct {
	once sync.Once
	end  func()
}

type receiptKey struct{}

// received says that the message of a call is there.
func received(ctx context.Context) {
	if r, ok := ctx.Value(receiptKey{}).(*receipt); ok {
		r.once.Do(r.end)
	}
}

// tap looks at each call before there is anything of it but its header. It is
// called by the goroutine that reads a connection, and waits for nothing.
func (s *Server) tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	r := rulesOf(info.FullMethodName)
	if r.exchange { // counts its operations
		return ctx, nil
	}
	lot, who := s.receipts[r.lot()], visitorOf(ctx).name
	if !lot.Enter(who) {
		s.counts.shut.Add(1)
		return ctx, status.Error(codes.ResourceExhausted, "too many messages are on their way")
	}
	one := &receipt{end: func() { lot.Exit(who) }}
	ctx = context.WithValue(ctx, receiptKey{}, one)
	if !isStream[info.FullMethodName] {
		// Ends with its parent, when the call is over: this is for whoever neither
		// sends all of his message nor reads the answer.
		most := longest(info.FullMethodName) + longestStall
		ctx = withTimeout(ctx, most)
	}
	context.AfterFunc(ctx, func() { one.once.Do(one.end) })
	return ctx, nil
}

// withTimeout is for a context whose parent is always ended.
func withTimeout(parent context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(parent, d)
	context.AfterFunc(parent, cancel)
	return ctx
}

// lot is where the messages of a call are counted on their way: those that tell of
// life never wait for others.
func (r rules) lot() rank {
	switch {
	case r.liveness:
		return replicated
	case r.ours:
		return r.rank
	}
	return asked
}

// isStream holds the methods that are streams.
var isStream = streamsOf(
	&chordpb.Maintenance_ServiceDesc, &chordpb.Storage_ServiceDesc, &chordpb.Chord_ServiceDesc, &chordpb.Admin_ServiceDesc,
	&healthpb.Health_ServiceDesc, &reflectionpb.ServerReflection_ServiceDesc, &oldreflectionpb.ServerReflection_ServiceDesc,
)

func streamsOf(services ...*grpc.ServiceDesc) map[string]bool {
	all := make(map[string]bool)
	for _, d := range services {
		for _, s := range d.Streams {
			all["/"+d.ServiceName+"/"+s.StreamName] = true
		}
	}
	return all
}
