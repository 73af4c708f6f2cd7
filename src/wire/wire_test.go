package wire

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/value"
)

// The whole of node.Peer over the wire, in a bubble of virtual time.
func TestPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer, _ := pair(t, &fake{}, Options{})
		ctx := t.Context()
		me := ring.Peer{ID: self.ID, Addr: self.Addr}

		got, err := peer.Ring(ctx, ring.AskState{})
		equal(t, err, got, ring.Response(ring.State{Self: me, Successors: []ring.Peer{me}}))
		ack, err := peer.Member(ctx, member.Ping{To: self.ID})
		equal(t, err, ack, member.Response(member.Ack{From: self.ID, Gossip: []member.Member{self}}))
		hello, err := peer.Hello(ctx)
		equal(t, err, hello, node.Hello{Member: self, Process: 42, Joined: true, Quorums: replica.Default})
		result, err := peer.Do(ctx, node.Op{Kind: node.Insert, Key: []byte("k"), Value: []byte("v")})
		equal(t, err, result, node.Result{Values: [][]byte{[]byte("k"), []byte("v")}})
	})
}

// The whole of the client over the wire.
func TestClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entry := node.Entry{ID: keyspace.HashKey([]byte("k")), Key: []byte("k")}
		for range 5 {
			entry.Values = append(entry.Values, make([]byte, 200<<10))
		}
		var inserted string
		var left bool
		_, client := pair(t, &fake{
			operate: func(_ context.Context, op node.Op) (node.Result, error) {
				if op.Kind == node.Retrieve {
					return node.Result{Values: [][]byte{{1}, {}}}, nil
				}
				inserted += string(op.Key) + string(op.Value)
				return node.Result{}, nil
			},
			leave: func(ctx context.Context) error {
				select {
				case <-time.After(10 * time.Minute): // longer than any other call may take
				case <-ctx.Done():
				}
				left = ctx.Err() == nil
				return ctx.Err()
			},
			entries: func(context.Context) iter.Seq2[node.Entry, error] {
				return func(yield func(node.Entry, error) bool) {
					_ = yield(entry, nil) && yield(node.Entry{ID: keyspace.HashKey([]byte("l")), Key: []byte("l")}, nil) &&
						yield(node.Entry{}, &node.Error{Kind: node.Corrupt, Text: "a bad page"})
				}
			},
		}, Options{})
		ctx := t.Context()
		if err := errors.Join(insert(ctx, client, []byte("a"), []byte("b")), insert(ctx, client, []byte("c"), nil)); err != nil || inserted != "abc" {
			t.Errorf("inserted %q: %v", inserted, err)
		}
		values, err := retrieve(ctx, client, []byte("k"))
		equal(t, err, values, [][]byte{{1}, {}})
		trace, err := client.Lookup(ctx, self.ID)
		if err != nil || trace.Steps[0].Took != time.Millisecond || trace.Steps[0].Err != "not � text" {
			t.Errorf("trace %v: %v", trace, err)
		}
		status, err := client.Status(ctx)
		equal(t, err, status, (&fake{}).Status())
		brief, err := client.BriefStatus(ctx)
		if brief.Members != nil || len(status.Members) == 0 {
			t.Errorf("a brief status has the members %v", brief.Members)
		}
		brief.Members = status.Members
		equal(t, err, brief, status)
		members, err := client.Members(ctx)
		equal(t, err, members, []member.Member{self})
		var entries []node.Entry
		for e, err := range client.Entries(ctx) {
			if err != nil {
				if node.KindOf(err) != node.Corrupt || err.Error() != "a bad page" {
					t.Errorf("entries end with %v", err)
				}
				break
			}
			entries = append(entries, e)
		}
		equal(t, nil, entries[0], entry)
		if len(entries) != 2 || string(entries[1].Key) != "l" {
			t.Errorf("%d entries", len(entries))
		}
		if err := client.Leave(ctx); err != nil || !left {
			t.Errorf("leave: %v", err)
		}
	})
}

func equal[T any](t *testing.T, err error, got, want T) {
	t.Helper()
	if err != nil {
		t.Errorf("error %v", err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// somePieces returns n pieces with one element of size bytes each.
func somePieces(n, size int) []value.Piece {
	var pieces []value.Piece
	for i := range n {
		var s value.Set
		v := make([]byte, size)
		v[0] = byte(i)
		s.Insert(v, value.Dot{Actor: value.Actor{Node: self.ID, Incarnation: 3}, Seq: uint64(i + 1)})
		pieces = append(pieces, s.Pieces([]byte{byte(i), byte(i >> 8)}, size)...)
	}
	return pieces
}

func all(pieces []value.Piece) iter.Seq2[value.Piece, error] {
	return func(yield func(value.Piece, error) bool) {
		for _, p := range pieces {
			if !yield(p, nil) {
				return
			}
		}
	}
}
