package wire

import (
	"context"

	"google.golang.org/grpc/metadata"
)

// Tracer carries traces from caller to server. It is safe for concurrent use.
type Tracer interface {
	// Outgoing returns the traceparent (W3C Trace Context) of the span that ctx
	// carries; empty where it carries none, or one that is not recorded.
	Outgoing(ctx context.Context) string
	// Incoming returns ctx with the span of a traceparent, or as it is where that is
	// malformed.
	Incoming(ctx context.Context, traceparent string) context.Context
}

// traceHeader is its place in the metadata of calls that are no operations of an
// exchange: what gRPC clients that trace send by themselves.
const traceHeader = "traceparent"

// traceTo adds the trace to what a call carries.
func (o *Options) traceTo(ctx context.Context, md metadata.MD) metadata.MD {
	if o.Tracer == nil {
		return md
	}
	if parent := o.Tracer.Outgoing(ctx); parent != "" {
		md = md.Copy()
		md.Set(traceHeader, parent)
	}
	return md
}

// traced returns the context of a call with the trace that it carries.
func (o *Options) traced(ctx context.Context) context.Context {
	if o.Tracer == nil {
		return ctx
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if parent, ok := first(md, traceHeader); ok {
		ctx = o.Tracer.Incoming(ctx, parent)
	}
	return ctx
}
