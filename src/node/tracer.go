package node

import "context"

// Tracer follows requests over nodes. All methods are safe for concurrent use.
type Tracer interface {
	// Begin begins a span in the trace that ctx carries, and returns a context
	// that carries the span. Where ctx carries no trace, or one that is not
	// recorded, the span is nil; only a root may begin a trace then.
	Begin(ctx context.Context, name string, root bool) (context.Context, Span)
	// Follow returns ctx with the trace that of carries.
	Follow(ctx, of context.Context) context.Context
}

// Span is a step of a trace, from Begin to End.
type Span interface {
	Note(key, value string)
	End(err error)
}

// step begins a span, about another node where one is named; what it returns
// ends it.
func (n *Node) step(ctx context.Context, root bool, name, with string) (context.Context, func(error)) {
	if n.cfg.Tracer == nil {
		return ctx, untraced
	}
	ctx, span := n.cfg.Tracer.Begin(ctx, name, root)
	if span == nil {
		return ctx, untraced
	}
	if with != "" {
		span.Note("peer", with)
	}
	return ctx, span.End
}

func untraced(error) {}

// inTrace gives ctx the trace of another context.
func (n *Node) inTrace(ctx, of context.Context) context.Context {
	if n.cfg.Tracer == nil {
		return ctx
	}
	return n.cfg.Tracer.Follow(ctx, of)
}

// spanName says what a node does in a trace.
func spanName(role Role, op OpKind) string {
	switch role {
	case Asked:
		return op.String()
	case Forwarded:
		return "forward " + op.String()
	case Coordinated:
		return "coordinate " + op.String()
	case Written:
		return "write of a copy"
	}
	return "read of a copy"
}
