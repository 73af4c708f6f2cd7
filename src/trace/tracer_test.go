package trace

import (
	"context"
	"errors"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"chord/node"
)

func recording(t *testing.T, oneIn int) (*Tracer, *tracetest.SpanRecorder) {
	r := tracetest.NewSpanRecorder()
	tr := newTracer(Config{Ring: "test", Name: "n1", OneIn: oneIn}, r)
	t.Cleanup(func() { tr.Close(context.Background()) })
	return tr, r
}

// Only a root begins a trace; what belongs to none, or to one that is not
// recorded, is no span.
func TestWhoBeginsATrace(t *testing.T) {
	tr, _ := recording(t, 1)
	if _, span := tr.Begin(t.Context(), "step", false); span != nil {
		t.Error("a step began a trace")
	}
	ctx, span := tr.Begin(t.Context(), "operation", true)
	if span == nil {
		t.Fatal("a root began none")
	}
	if _, span := tr.Begin(ctx, "step", false); span == nil {
		t.Error("a step of a trace is no span")
	}
	if _, span := tr.Begin(tr.Follow(t.Context(), ctx), "step", false); span == nil {
		t.Error("what follows a trace is no span of it")
	}
	if tr.Follow(t.Context(), t.Context()) != t.Context() {
		t.Error("a context changed for nothing")
	}
	ctx = tr.Incoming(t.Context(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
	if _, span := tr.Begin(ctx, "operation", true); span != nil {
		t.Error("who asks does not record, and a span was")
	}
}

func TestLots(t *testing.T) {
	tr, _ := recording(t, 4)
	drawn := 0
	for range 4000 {
		if _, span := tr.Begin(t.Context(), "operation", true); span != nil {
			drawn++
		}
	}
	if drawn < 800 || drawn > 1200 {
		t.Errorf("%d of 4000, not a quarter", drawn)
	}
}

func TestTracesTravel(t *testing.T) {
	here, _ := recording(t, 1)
	there, r := recording(t, 1000000)
	ctx, span := here.Begin(t.Context(), "operation", true)
	parent := here.Outgoing(ctx)
	if len(parent) != 55 || !strings.HasPrefix(parent, "00-") {
		t.Errorf("traceparent %q", parent)
	}
	_, other := there.Begin(there.Incoming(t.Context(), parent), "step", false)
	other.Note("peer", "n2")
	other.End(&node.Error{Kind: node.ReadOnly, Text: "no room"})
	span.End(nil)
	s := r.Ended()[0]
	if !s.Parent().IsRemote() || !strings.Contains(parent, s.SpanContext().TraceID().String()) || s.Status().Description != "no room" {
		t.Errorf("%+v", s)
	}
	got := map[string]string{}
	for _, a := range append(s.Attributes(), s.Resource().Attributes()...) {
		got[string(a.Key)] = a.Value.String()
	}
	if got["chord.peer"] != "n2" || got["error.type"] != "read-only" || got["service.instance.id"] != "n1" || got["service.namespace"] != "test" {
		t.Errorf("%v", got)
	}
	if here.Outgoing(t.Context()) != "" {
		t.Error("what is not traced is told of")
	}
}

// What a stranger sends as a trace does no harm.
func FuzzIncoming(f *testing.F) {
	for _, s := range []string{"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-1", "ff-" + strings.Repeat("0", 52), "é"} {
		f.Add(s)
	}
	tr := newTracer(Config{}, tracetest.NewSpanRecorder())
	f.Fuzz(func(t *testing.T, parent string) {
		ctx := tr.Incoming(context.Background(), parent)
		if back := tr.Outgoing(ctx); back != "" && len(back) != 55 {
			t.Errorf("%q comes back as %q", parent, back)
		}
	})
}

// What is not traced costs no allocation.
func TestUntracedAllocatesNothing(t *testing.T) {
	tr, _ := recording(t, 1<<30)
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		tr.Begin(ctx, "operation", true)
		tr.Begin(tr.Follow(ctx, ctx), "step", false)
		tr.Outgoing(ctx)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCheck(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"http://127.0.0.1:4318": true, "https://collector.example.org/x": true, "": false, "http://": false, "localhost:4318": false, ":": false,
	} {
		if err := Check(endpoint); (err == nil) != good {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

type broken struct {
	sdk.SpanExporter
	err error
}

func (b *broken) ExportSpans(context.Context, []sdk.ReadOnlySpan) error { return b.err }

func TestWhatIsNotSentIsNoErrorOfOthers(t *testing.T) {
	q := &quiet{SpanExporter: &broken{err: errors.New("no")}}
	if err := q.ExportSpans(t.Context(), nil); err != nil || !q.failed.Load() {
		t.Error(err)
	}
}
