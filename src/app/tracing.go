package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"chord/node"
	"chord/trace"
	"chord/wire"
)

func setTraceEndpoint(o *Options, s string) error {
	if o.TraceEndpoint = s; s == "" {
		return nil
	}
	if err := trace.Check(s); err != nil {
		return problem(fmt.Sprintf("%q is no URL of a collector: %v", s, err), "write it as http://127.0.0.1:4318")
	}
	return nil
}

// tracer returns what follows operations, or nil where nobody asked for it.
func (o Options) tracer(name string, log *slog.Logger) (*trace.Tracer, error) {
	if o.TraceEndpoint == "" {
		return nil, nil
	}
	t, err := trace.New(context.Background(), trace.Config{
		Endpoint: o.TraceEndpoint, OneIn: cmp.Or(o.TraceOneIn, 1), Ring: o.Ring, Name: name, Version: o.Version, Log: log,
	})
	if err != nil {
		return nil, named("trace-endpoint", problem(err.Error(), "write it as http://127.0.0.1:4318"))
	}
	return t, nil
}

// traced returns a tracer as the packages know it: really nothing where it is nil.
func traced(t *trace.Tracer) (wire.Tracer, node.Tracer) {
	if t == nil {
		return nil, nil
	}
	return t, t
}

// endTraces sends the last spans; that they arrive is worth no error.
func (s *stack) endTraces(ctx context.Context) {
	if s.tracer == nil {
		return
	}
	if err := s.tracer.Close(ctx); err != nil {
		s.log.Debug("the last traces were not sent", "err", err)
	}
}
