package trace

import (
	"context"
	"log/slog"
	"sync/atomic"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// quiet is an exporter that tells the node's own log what it cannot send, once
// until it can again: OpenTelemetry would tell standard error, each time.
type quiet struct {
	sdk.SpanExporter
	log    *slog.Logger
	to     string
	failed atomic.Bool
}

// ExportSpans sends spans, and is never an error.
func (q *quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := q.SpanExporter.ExportSpans(ctx, spans)
	if was := q.failed.Swap(err != nil); err != nil && !was && q.log != nil {
		q.log.Warn("the collector takes no traces", "endpoint", q.to, "err", err)
	}
	return nil
}
