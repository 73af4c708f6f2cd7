package trace

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"chord/node"
)

// step is a span as nodes know it.
type step struct{ span trace.Span }

// Note notes something about the step.
func (s step) Note(key, value string) { s.span.SetAttributes(attribute.String("chord."+key, value)) }

// End ends it.
func (s step) End(err error) {
	if err != nil {
		s.span.SetAttributes(attribute.String("error.type", node.KindOf(err).String()))
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End()
}
