package wire

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"chord/keyspace"
	"chord/node"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// Beyond its bound a server refuses at once, but never what tells that it lives.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		var n network
		n.serve(t, &fake{do: func(context.Context, node.Op) (node.Result, error) {
			<-release
			return node.Result{}, nil
		}}, Options{InFlight: 2})
		peer, client := n.peer(t, Options{}), n.client(t, Options{})
		done := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := peer.Do(t.Context(), putOp)
				done <- err
			}()
		}
		synctest.Wait()
		start := time.Now()
		_, err := peer.Do(t.Context(), putOp)
		kind(t, err, node.Overloaded, "2 requests")
		kind(t, fetchError(t.Context(), peer), node.Overloaded)
		if _, err := peer.Hello(t.Context()); err != nil {
			t.Errorf("liveness beside an overload: %v", err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusals took %v", took)
		}
		release <- true
		release <- true
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if _, err := client.Status(t.Context()); err != nil {
			t.Errorf("after the overload: %v", err)
		}
	})
}

// More calls than a connection carries wait at the caller; those about
// liveness go past them.
func TestLivenessPassesData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{do: func(ctx context.Context, _ node.Op) (node.Result, error) {
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}}, Options{})
		peer := n.peer(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range maxStreams + 10 {
			go peer.Do(ctx, putOp)
		}
		synctest.Wait()
		start := time.Now()
		if _, err := peer.Hello(t.Context()); err != nil || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		<-ctx.Done()
		synctest.Wait()
	})
}

func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		peer, client := pair(t, &fake{
			do:    func(context.Context, node.Op) (node.Result, error) { panic("boom") },
			fetch: func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error] { panic("bang") },
		}, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		_, err := peer.Do(t.Context(), putOp)
		kind(t, err, node.Internal, "its log says more")
		kind(t, fetchError(t.Context(), peer), node.Internal)
		if _, err := client.Status(t.Context()); err != nil {
			t.Errorf("after a panic: %v", err)
		}
		for _, word := range []string{"boom", "bang", "server_test.go", "/chord.v1.Storage/Exchange"} {
			if !strings.Contains(log.String(), word) {
				t.Errorf("the log lacks %q", word)
			}
		}
	})
}

// A caller without a deadline, or with a very long one, does not keep the
// server busy for ever.
func TestServerDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cc := raw(t, &fake{operate: func(ctx context.Context, _ node.Op) (node.Result, error) {
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}}, Options{})
		start := time.Now()
		_, err := chordpb.NewChordClient(cc).Insert(t.Context(), &chordpb.InsertRequest{Key: []byte("k")})
		kind(t, call{write: true, sent: true}.fromStatus(err), node.Unknown)
		if took := time.Since(start); took != longestCall {
			t.Errorf("took %v", took)
		}
	})
}

func TestTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := node.Result{Values: [][]byte{make([]byte, store.MaxValue)}}
		var got int
		peer, client := pair(t, &fake{
			do: func(context.Context, node.Op) (node.Result, error) { return answer, nil },
			operate: func(_ context.Context, op node.Op) (node.Result, error) {
				got = len(op.Key) + len(op.Value)
				return node.Result{}, nil
			},
		}, Options{})
		// The largest that is allowed passes, one byte more is refused by name.
		err := insert(t.Context(), client, make([]byte, store.MaxKey), make([]byte, store.MaxValue))
		if err != nil || got != store.MaxKey+store.MaxValue {
			t.Errorf("%d bytes arrived: %v", got, err)
		}
		kind(t, insert(t.Context(), client, []byte("k"), make([]byte, store.MaxValue+1)), node.TooLarge, "value", "1048576")
		kind(t, insert(t.Context(), client, make([]byte, store.MaxKey+1), nil), node.TooLarge, "key")
		_, err = retrieve(t.Context(), client, nil)
		kind(t, err, node.Invalid, "empty")
		// What no message can carry is stopped on this side.
		kind(t, insert(t.Context(), client, []byte("k"), make([]byte, maxRequest)), node.TooLarge, addr)
		// A large set comes in one answer, a larger one does not.
		for range 9 {
			answer.Values = append(answer.Values, answer.Values[0])
		}
		r, err := peer.Do(t.Context(), getOp)
		if err != nil || len(r.Values) != 10 {
			t.Errorf("%d values: %v", len(r.Values), err)
		}
		for range 54 {
			answer.Values = append(answer.Values, answer.Values[0])
		}
		_, err = peer.Do(t.Context(), getOp)
		kind(t, err, node.TooLarge, "67108864")
	})
}

// many gives entries without an end, until nobody wants one, and counts.
func many(given *atomic.Int64, ended *atomic.Bool) func(context.Context) iter.Seq2[node.Entry, error] {
	return func(context.Context) iter.Seq2[node.Entry, error] {
		return func(yield func(node.Entry, error) bool) {
			defer ended.Store(true)
			e := node.Entry{Key: []byte("k"), Values: [][]byte{make([]byte, 64<<10)}}
			for yield(e, nil) {
				given.Add(1)
			}
		}
	}
}

// Entries are read as fast as the client takes them, and no longer than it wants.
func TestEntriesBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		var ended atomic.Bool
		_, client := pair(t, &fake{entries: many(&given, &ended)}, Options{})
		taken := 0
		for e, err := range client.Entries(t.Context()) {
			if err != nil || e.ID != keyspace.HashKey(e.Key) {
				t.Fatal(e.ID, err)
			}
			synctest.Wait()
			if ahead := given.Load() - int64(taken); ahead > 100 {
				t.Fatalf("the server is %d entries ahead", ahead)
			}
			if taken++; taken == 50 {
				break
			}
		}
		synctest.Wait()
		if !ended.Load() {
			t.Error("the server goes on for a client that left")
		}
	})
}

// A client that reads no more does not hold the server's entries open, and a
// server that sends no more does not hold a client.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		var ended atomic.Bool
		cc := raw(t, &fake{entries: many(&given, &ended)}, Options{})
		stream, err := chordpb.NewChordClient(cc).Entries(t.Context(), &chordpb.EntriesRequest{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(longestStall - time.Second)
		if ended.Load() {
			t.Error("ended too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !ended.Load() {
			t.Error("the server waits for ever")
		}
		for err == nil {
			_, err = stream.Recv()
		}
		kind(t, call{}.fromStatus(err), node.Unavailable, "stood still")
	})
	synctest.Test(t, func(t *testing.T) {
		_, client := pair(t, &fake{entries: func(ctx context.Context) iter.Seq2[node.Entry, error] {
			return func(func(node.Entry, error) bool) { <-ctx.Done() }
		}}, Options{})
		start := time.Now()
		for _, err := range client.Entries(t.Context()) {
			kind(t, err, node.Unavailable, "stood still")
		}
		if took := time.Since(start); took != longestStall {
			t.Errorf("took %v", took)
		}
	})
}

// A stream that moves may take far longer than a call.
func TestSlowStreamLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer, q := fetching(t, "k", func(yield func(value.Piece, error) bool) {
			for range 30 {
				time.Sleep(longestStall / 2)
				if !yield(journeyOf("k", 1)[0], nil) {
					return
				}
			}
		})
		if _, err := collect(peer.Fetch(t.Context(), q)); err != nil {
			t.Error(err)
		}
	})
}

// Stop lets what is in flight finish, up to its deadline.
func TestStop(t *testing.T) {
	for _, takes := range []time.Duration{2 * time.Second, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			s := n.serve(t, &fake{operate: func(ctx context.Context, _ node.Op) (node.Result, error) {
				select {
				case <-time.After(takes):
				case <-ctx.Done():
				}
				return node.Result{}, ctx.Err()
			}}, Options{})
			client := n.client(t, Options{Timeout: time.Minute})
			done := make(chan error, 1)
			go func() { done <- insert(t.Context(), client, []byte("k"), nil) }()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			err := s.Stop(ctx)
			if took := time.Since(start); took != min(takes, 5*time.Second) || (err == nil) != (takes < 5*time.Second) {
				t.Errorf("stop took %v: %v", took, err)
			}
			if err := <-done; takes < 5*time.Second && err != nil {
				t.Errorf("a call in flight was lost: %v", err)
			} else if takes > 5*time.Second {
				kind(t, err, node.Unknown, addr)
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Errorf("second stop: %v", err)
			}
		})
	}
}

func TestReflection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream, err := reflectionpb.NewServerReflectionClient(raw(t, &fake{}, Options{})).ServerReflectionInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stream.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
		a, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		listed := a.String()
		for _, name := range []string{"chord.v1.Maintenance", "chord.v1.Storage", "chord.v1.Chord", "chord.v1.Admin", "grpc.health.v1.Health"} {
			if !strings.Contains(listed, `"`+name+`"`) {
				t.Errorf("%s is not in %s", name, listed)
			}
		}
		if err := stream.CloseSend(); err != nil {
			t.Error(err)
		}
	})
}
