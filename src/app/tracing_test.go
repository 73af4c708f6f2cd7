package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"chord/client"
	"chord/keyspace"
	"chord/store"
	"chord/trace"
	"chord/wire"
)

// seen is a span that the collector was sent, and by whom.
type seen struct {
	*otlp.Span
	by string
}

// collector takes traces as a real one does.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []seen
	raw   []byte
	paths []string
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var data otlp.TracesData // the same as the request
	if err := proto.Unmarshal(body, &data); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw, c.paths = append(c.raw, body...), append(c.paths, r.URL.Path)
	for _, from := range data.ResourceSpans {
		for _, scope := range from.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans = append(c.spans, seen{s, attribute(from.Resource.Attributes, "service.instance.id")})
			}
		}
	}
}

func attribute(all []*v1.KeyValue, key string) string {
	for _, a := range all {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// tree tells of the spans below one, each with who did it.
func (c *collector) tree(parent []byte, indent string) string {
	var below []string
	for _, s := range c.spans {
		if string(s.ParentSpanId) == string(parent) {
			below = append(below, indent+s.by+": "+s.Name+"\n"+c.tree(s.SpanId, indent+"  "))
		}
	}
	slices.Sort(below)
	return strings.Join(below, "")
}

// tracedRing returns three apps that send traces, one in a million of their own
// making.
func tracedRing(t *testing.T, to string) (apps []*App) {
	for _, name := range []string{"n1", "n2", "n3"} {
		o := realOptions(t)
		o.Name, o.TraceEndpoint, o.TraceOneIn, o.Period = name, to, 1_000_000, 100*time.Millisecond
		if len(apps) > 0 {
			o.Bootstrap = []string{apps[0].Addr()}
		}
		apps = append(apps, startReal(t, o))
		await(t, "ready", apps[len(apps)-1].Ready())
	}
	return apps
}

// tracedBy has a client that traces do something with a key.
func tracedBy(t *testing.T, c *collector, apps []*App, do func(*trace.Tracer, *client.Client)) {
	t.Helper()
	tracer, err := trace.New(t.Context(), trace.Config{Endpoint: c.URL, Name: "client"})
	if err != nil {
		t.Fatal(err)
	}
	// It asks the first node alone, so that most keys are another's.
	o := direct
	o.Wire = wire.Options{Ring: "chord", Tracer: tracer}
	asks, err := client.Open(t.Context(), []string{apps[0].Addr()}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer asks.Close()
	do(tracer, asks)
	for _, a := range apps {
		if err := a.Stop(); err != nil { // which sends the spans
			t.Error(err)
		}
	}
	if err := tracer.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// One insert is one trace: from the client over who was asked and who coordinated
// it to all copies, over the batched streams. So is a lookup.
func TestOneRequestIsOneTrace(t *testing.T) {
	if underRace {
		t.Skip("three nodes; those of one run with the race detector")
	}
	c := newCollector(t)
	apps := tracedRing(t, c.URL)
	key, target := keyOf(t, apps[1]), apps[1].Status().Self.ID
	tracedBy(t, c, apps, func(tracer *trace.Tracer, asks *client.Client) {
		for range 50 { // which nobody traces: lots are drawn, and the client says nothing
			if err := asks.Insert(t.Context(), []byte("other"), []byte("value")); err != nil {
				t.Error(err)
			}
		}
		ctx, span := tracer.Begin(t.Context(), "inserts", true)
		if err := asks.Insert(ctx, key, []byte("secret")); err != nil {
			t.Error(err)
		}
		span.End(nil)
		for _, a := range apps { // two have it: the third may still be on its way
			awaitKey(t, a, key)
		}
		ctx, span = tracer.Begin(t.Context(), "looks up", true)
		if _, err := asks.Lookup(ctx, target); err != nil {
			t.Error(err)
		}
		span.End(nil)
	})
	got := c.tree(nil, "")
	if want := `client: inserts
  n1: insert
    n1: forward insert
      n2: coordinate insert
        n2: commit
        n2: deliver
          n1: write of a copy
        n2: deliver
          n3: write of a copy
client: looks up
  n1: lookup
`; !strings.HasPrefix(got, want) {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	traces := map[string]bool{}
	for _, s := range c.spans {
		traces[string(s.TraceId)] = true
		if s.Status.GetCode() == otlp.Status_STATUS_CODE_ERROR {
			t.Errorf("an error: %v", s)
		}
	}
	if len(traces) != 2 {
		t.Errorf("%d traces", len(traces))
	}
	if raw := string(c.raw); strings.Contains(raw, "secret") || strings.Contains(raw, string(key)) || c.paths[0] != "/v1/traces" {
		t.Error("a trace holds keys or values, or came to the wrong place")
	}
}

// awaitKey waits until the node's own database has a value of the key.
func awaitKey(t *testing.T, a *App, key []byte) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var values [][]byte
		err := a.service.(*stack).store.View(func(v *store.View) (err error) {
			values, _, err = v.Retrieve(key)
			return err
		})
		if err != nil || time.Now().After(end) {
			t.Fatalf("no copy after %v: %v", patience, err)
		}
		if len(values) > 0 {
			return
		}
	}
}

// keyOf returns a key that the node coordinates.
func keyOf(t *testing.T, a *App) []byte {
	t.Helper()
	for i := range 1000 {
		key := fmt.Appendf(nil, "a key of its own %d", i)
		found, err := lookUp(t, a, keyspace.HashKey(key))
		if err == nil && found == a.Addr() {
			return key
		}
	}
	t.Fatal("the node owns nothing")
	return nil
}

func lookUp(t *testing.T, a *App, target keyspace.ID) (string, error) {
	found, err := a.service.(*stack).Lookup(t.Context(), keyspace.BucketOf(target).First())
	return found.Owner.Addr, err
}

func TestTracesOfEveryOperation(t *testing.T) {
	c := newCollector(t)
	o := realOptions(t)
	o.Name, o.TraceEndpoint, o.TraceOneIn = "n1", c.URL, 1
	a := startReal(t, o)
	await(t, "ready", a.Ready())
	asks, err := client.Open(t.Context(), []string{a.Addr()}, direct)
	if err != nil {
		t.Fatal(err)
	}
	defer asks.Close()
	if err := asks.Insert(t.Context(), []byte("k"), []byte("v")); err != nil {
		t.Error(err)
	}
	a.Stop()
	got := c.tree(nil, "")
	if want := "n1: insert\n  n1: coordinate insert\n    n1: commit\n"; got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

// Who takes no traces holds nobody up, and is told of once.
func TestCollectorThatIsNotThere(t *testing.T) {
	c := newCollector(t)
	c.Close()
	o := realOptions(t)
	o.TraceEndpoint, o.TraceOneIn = c.URL, 1
	log := &syncBuffer{}
	a := New(o, Deps{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "ready", a.Ready())
	if err := a.service.(*stack).Insert(t.Context(), []byte("k"), []byte("v")); err != nil {
		t.Error(err)
	}
	if err := a.Stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "the collector takes no traces") {
		t.Error(log.String())
	}
}

func TestTraceOptions(t *testing.T) {
	for endpoint, want := range map[string]string{
		"127.0.0.1:4318": "cannot be read", "localhost:4318": "begin with http", "ftp://x": "begin with http", "http://": "names no host", "http://a b": "cannot be read",
	} {
		_, err := load(t, nil, nil, `{"trace-endpoint": "`+endpoint+`"}`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if o, err := load(t, nil, nil, `{"trace-endpoint": "https://collector.example.org/traces"}`); err != nil || o.TraceOneIn != 100 {
		t.Errorf("%+v, %v", o, err)
	}
}
