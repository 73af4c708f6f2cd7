package wire

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"chord/node"
	"chord/wire/chordpb"
)

// What a client asks is what the node is asked, over the stream and in calls of
// their own.
func TestClientOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		f := &fake{operate: func(_ context.Context, op node.Op) (node.Result, error) {
			got = append(got, fmt.Sprintf("%d %s=%s one %v named %v again %v", op.Kind, op.Key, op.Value, op.One, op.Request[0], op.Again))
			if op.Kind == node.Get && string(op.Key) == "none" {
				return node.Result{}, nil
			}
			return node.Result{Values: [][]byte{[]byte("v")}}, nil
		}}
		var n network
		n.serve(t, f, Options{})
		c := n.client(t, Options{})
		ctx := t.Context()
		k, v := []byte("k"), []byte("v")
		ops := []node.Op{
			{Kind: node.Insert, Key: k, Value: v, Request: node.RequestID{1}}, {Kind: node.Remove, Key: k, Value: v, Request: node.RequestID{1}},
			{Kind: node.Put, Key: k, Value: v, Request: node.RequestID{1}}, {Kind: node.Delete, Key: k, Request: node.RequestID{1}},
			{Kind: node.Retrieve, Key: k}, {Kind: node.Retrieve, Key: k, One: true},
			{Kind: node.Get, Key: []byte("none")}, {Kind: node.Get, Key: k, One: true},
		}
		for _, op := range append(ops, node.Op{Kind: node.Put, Key: k, Request: node.RequestID{2}, Again: true}) {
			r, met, err := c.Operate(ctx, op)
			if !met || err != nil || (len(r.Values) == 1) == (string(op.Key) == "none") {
				t.Errorf("%v: met %v, %d values, %v", op, met, len(r.Values), err)
			}
		}
		want := []string{
			"0 k=v one false named 1 again false", "1 k=v one false named 1 again false",
			"3 k=v one false named 1 again false", "5 k= one false named 1 again false",
			"2 k= one false named 0 again false", "2 k= one true named 0 again false",
			"4 none= one false named 0 again false", "4 k= one true named 0 again false",
		}
		equal(t, nil, got, append(want, "3 k= one false named 2 again true"))

		got = nil
		raw, id := chordpb.NewChordClient(n.conn(t)), make([]byte, 16)
		id[0] = 1
		raw.Insert(ctx, &chordpb.InsertRequest{Key: k, Value: v, Request: id})
		raw.Remove(ctx, &chordpb.RemoveRequest{Key: k, Value: v, Request: id})
		raw.Put(ctx, &chordpb.PutRequest{Key: k, Value: v, Request: id})
		raw.Delete(ctx, &chordpb.DeleteRequest{Key: k, Request: id})
		raw.Retrieve(ctx, &chordpb.RetrieveRequest{Key: k})
		raw.Retrieve(ctx, &chordpb.RetrieveRequest{Key: k, One: true})
		if none, err := raw.Get(ctx, &chordpb.GetRequest{Key: []byte("none")}); err != nil || none.Found {
			t.Errorf("%v, %v", none, err)
		}
		if one, err := raw.Get(ctx, &chordpb.GetRequest{Key: k, One: true}); err != nil || !one.Found || string(one.Value) != "v" {
			t.Errorf("%v, %v", one, err)
		}
		equal(t, nil, got, want)
		_, err := raw.Put(ctx, &chordpb.PutRequest{Key: k, Request: id[1:]})
		kind(t, call{}.fromStatus(err), node.Invalid, "request")
	})
}

func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := pair(t, &fake{forget: func(_ context.Context, name string) error {
			if name == "lost" {
				return nil
			}
			return &node.Error{Kind: node.Invalid, Text: name + " is not down"}
		}}, Options{})
		if err := client.Forget(t.Context(), "lost"); err != nil {
			t.Error(err)
		}
		kind(t, client.Forget(t.Context(), "lively"), node.Invalid, "lively is not down")
	})
}
