package trace

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"chord/node"
)

// Config is what a tracer is made of.
type Config struct {
	// Endpoint is where the collector listens, such as http://127.0.0.1:4318; the
	// path is /v1/traces unless it has one.
	Endpoint string
	// OneIn is of how many operations one is traced; all where zero.
	OneIn int
	// Ring, Name and Version say who traces.
	Ring, Name, Version string
	// Log hears once when the collector does not take what it is sent.
	Log *slog.Logger
}

// Tracer follows operations. Its methods are safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	oneIn    int
}

// Check says what is wrong with an endpoint.
func Check(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return errors.New("it cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("it does not begin with http:// or https://")
	case u.Hostname() == "":
		return errors.New("it names no host")
	}
	return nil
}

// New returns a tracer that sends to a collector. Close ends it.
func New(ctx context.Context, c Config) (*Tracer, error) {
	if err := Check(c.Endpoint); err != nil {
		return nil, err
	}
	u, _ := url.Parse(c.Endpoint)
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, err
	}
	return newTracer(c, sdk.NewBatchSpanProcessor(&quiet{SpanExporter: exporter, log: c.Log, to: c.Endpoint})), nil
}

func newTracer(c Config, to sdk.SpanProcessor) *Tracer {
	provider := sdk.NewTracerProvider(
		sdk.WithSampler(sdk.AlwaysSample()), // lots were drawn before
		sdk.WithSpanProcessor(to),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "chord"),
			attribute.String("service.namespace", c.Ring),
			attribute.String("service.instance.id", c.Name),
			attribute.String("service.version", c.Version),
		)),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("chord"), oneIn: max(1, c.OneIn)}
}

// Close sends what waits until ctx is done.
func (t *Tracer) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Begin begins a span; see [node.Tracer].
func (t *Tracer) Begin(ctx context.Context, name string, root bool) (context.Context, node.Span) {
	parent := trace.SpanContextFromContext(ctx)
	if !parent.IsSampled() && (!root || parent.IsValid() || rand.IntN(t.oneIn) != 0) {
		return ctx, nil
	}
	kind := trace.SpanKindInternal
	if root || parent.IsRemote() {
		kind = trace.SpanKindServer
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, step{span}
}

// Follow returns ctx with the trace of another context; see [node.Tracer].
func (t *Tracer) Follow(ctx, of context.Context) context.Context {
	parent := trace.SpanContextFromContext(of)
	if !parent.IsSampled() {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, parent)
}

// carrier is a traceparent on its way.
type carrier string

const traceparent = "traceparent"

func (c *carrier) Get(key string) string {
	if key == traceparent {
		return string(*c)
	}
	return ""
}

func (c *carrier) Set(key, value string) {
	if key == traceparent {
		*c = carrier(value)
	}
}

func (c *carrier) Keys() []string { return []string{traceparent} }

// Outgoing returns the traceparent of the span that ctx carries, or nothing.
func (t *Tracer) Outgoing(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ""
	}
	var c carrier
	propagation.TraceContext{}.Inject(ctx, &c)
	return string(c)
}

// Incoming returns ctx with the span of a traceparent.
func (t *Tracer) Incoming(ctx context.Context, parent string) context.Context {
	c := carrier(parent)
	return propagation.TraceContext{}.Extract(ctx, &c)
}
