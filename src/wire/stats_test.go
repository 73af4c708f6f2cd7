package wire

import (
	"context"
	"testing"
	"testing/synctest"

	"chord/node"
	"chord/ring"
)

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		begun, end := make(chan struct{}), make(chan struct{})
		s := n.serve(t, &fake{do: func(context.Context, node.Op) (node.Result, error) {
			close(begun)
			<-end
			return node.Result{}, nil
		}}, Options{})
		if got := s.Stats(); got.Connections != 0 || got.Accepted != 0 || len(got.Refused) != 0 {
			t.Errorf("at first: %+v", got)
		}
		_, err := n.peer(t, Options{Ring: "another"}).Ring(t.Context(), ring.AskState{})
		kind(t, err, node.WrongRing)
		done := make(chan error, 1)
		peer := n.peer(t, Options{})
		go func() {
			_, err := peer.Do(t.Context(), getOp)
			done <- err
		}()
		<-begun
		got, out := s.Stats(), peer.(remote).dialer.Stats()
		if got.Connections != 2 || got.Accepted != 2 || got.Refused[node.WrongRing] != 1 || got.Nodes != 1 || got.Clients != 0 {
			t.Errorf("under way: %+v", got)
		}
		if out != (Outgoing{Connections: 1, Pending: 1}) {
			t.Errorf("the caller: %+v", out)
		}
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got, out := s.Stats(), peer.(remote).dialer.Stats(); got.Nodes != 0 || out.Pending != 0 {
			t.Errorf("afterwards: %+v, %+v", got, out)
		}
	})
}

// mark is a trace that is a word.
type mark struct{}

type tracer struct{}

func (tracer) Outgoing(ctx context.Context) string {
	s, _ := ctx.Value(mark{}).(string)
	return s
}

func (tracer) Incoming(ctx context.Context, parent string) context.Context {
	return context.WithValue(ctx, mark{}, parent)
}

// Traces travel with calls and, each its own, with operations of one stream; where
// one side does not trace nothing else changes.
func TestTracesTravel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		came := make(chan string, 1)
		hear := func(ctx context.Context) { came <- tracer{}.Outgoing(ctx) }
		f := &fake{
			do:   func(ctx context.Context, _ node.Op) (node.Result, error) { hear(ctx); return node.Result{}, nil },
			ring: func(ctx context.Context, _ ring.Request) (ring.Response, error) { hear(ctx); return ring.Noted{}, nil },
		}
		n.serve(t, f, Options{Tracer: tracer{}})
		tracing, silent := n.peer(t, Options{Tracer: tracer{}}), n.peer(t, Options{})
		for _, want := range []string{"one", "", "two"} {
			ctx := t.Context()
			if want != "" {
				ctx = context.WithValue(ctx, mark{}, want)
			}
			tracing.Do(ctx, getOp)
			if got := <-came; got != want {
				t.Errorf("an operation came with %q, not %q", got, want)
			}
			tracing.Ring(ctx, ring.AskState{})
			if got := <-came; got != want {
				t.Errorf("a call came with %q, not %q", got, want)
			}
			silent.Do(ctx, getOp)
			if got := <-came; got != "" {
				t.Errorf("somebody who does not trace sent %q", got)
			}
		}
	})
}
