package client

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
)

// answers is a node that answers all operations with one error, or none, and
// counts them.
func answers(err error, count *int) *fake {
	return &fake{operate: func(context.Context, node.Op) (node.Result, error) { *count++; return node.Result{}, err }}
}

// The first of the addresses that can be reached is asked, and no other.
func TestNextAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var b, c int
		n.serve(t, "b:1", "test", answers(nil, &b))
		n.serve(t, "c:1", "test", answers(nil, &c))
		client := n.open(t, Options{Direct: true}, "a:1", "b:1", "c:1")
		began := time.Now()
		for range 3 {
			if err := client.Put(t.Context(), []byte("k"), nil); err != nil {
				t.Error(err)
			}
		}
		if b != 3 || c != 0 || time.Since(began) > 0 {
			t.Errorf("%d and %d asked in %v", b, c, time.Since(began))
		}
		kind(t, n.open(t, Options{Direct: true}, "x:1", "y:1").Put(t.Context(), []byte("k"), nil), node.Unavailable)
	})
}

// What a node says counts for more than that another cannot be reached.
func TestWordsOfWhoAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var asked int
		n.serve(t, "b:1", "test", answers(fail(node.Unavailable), &asked))
		err := n.open(t, Options{Direct: true}, "a:1", "b:1", "c:1").Put(t.Context(), []byte("k"), nil)
		if !IsUnavailable(err) || IsUnknown(err) || !strings.Contains(err.Error(), "told to be") {
			t.Errorf("%v", err)
		}
	})
}

// A write that may be in effect is not taken to another node; a read is, and a
// silent node does not take all of its time.
func TestUnknownIsNotTakenElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var b int
		n.serve(t, "a:1", "test", &fake{operate: func(ctx context.Context, _ node.Op) (node.Result, error) {
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}})
		n.serve(t, "b:1", "test", answers(nil, &b))
		client := n.open(t, Options{Direct: true}, "a:1", "b:1")
		err := client.Put(t.Context(), []byte("k"), nil)
		if !IsUnknown(err) || b != 0 {
			t.Errorf("%d asked after %v", b, err)
		}
		time.Sleep(2 * shun) // in virtual time
		began := time.Now()
		if _, err := client.Retrieve(t.Context(), []byte("k")); err != nil || b != 1 {
			t.Errorf("%d asked: %v", b, err)
		}
		if took := time.Since(began); took != node.DefaultTimeout/2 {
			t.Errorf("the silent node took %v", took)
		}
		if err := client.Put(t.Context(), []byte("k"), nil); err != nil || b != 2 {
			t.Errorf("who was silent a moment ago is asked first: %v", err)
		}
	})
}

// An address of another ring is told of where it was given, and passed over where
// a member is said to be there.
func TestAnotherRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		var a, c int
		n.serve(t, "c:1", "other", answers(nil, &c))
		_, err := Open(t.Context(), []string{"c:1"}, n.options())
		kind(t, err, node.WrongRing)
		f := answers(nil, &a)
		f.status = ringOf("a:1", "c:1")
		n.serve(t, "a:1", "test", f)
		client := n.open(t, Options{}, "a:1")
		for i := range 20 {
			if err := client.Put(t.Context(), []byte{byte(i)}, nil); err != nil {
				t.Error(err)
			}
		}
		if a != 20 || c != 0 {
			t.Errorf("%d and %d asked", a, c)
		}
	})
}

// Without an address, or with what is none, nothing begins.
func TestBadAddresses(t *testing.T) {
	for _, addrs := range [][]string{nil, {"no port"}, {"a:1", ":"}} {
		_, err := Open(t.Context(), addrs, Options{})
		kind(t, err, node.Invalid)
	}
}

// In a ring of more members than connections each key is still asked for, of who is
// near.
func TestMoreMembersThanConnections(t *testing.T) {
	addrs := make([]string, 40)
	for i := range addrs {
		addrs[i] = string(rune('a'+i%26)) + string(rune('a'+i/26)) + ":1"
	}
	reached := map[string]*target{}
	table := newTable(ringOf(addrs...), 7, 10, func(addr string) *target {
		reached[addr] = &target{}
		return reached[addr]
	})
	if len(reached) != 10 || len(table.list) != 10 {
		t.Errorf("%d are near", len(reached))
	}
	direct := 0
	for b := range 1000 {
		var r route
		table.holders(&r, keyspace.Bucket(b*65), false)
		if r.n == 0 {
			t.Fatalf("nobody is asked for bucket %d", b)
		}
		for _, id := range table.placement.Group(keyspace.Bucket(b * 65)).Members {
			if table.near[id] == r.list[0] {
				direct++
			}
		}
	}
	t.Logf("%d of 1000 buckets have a copy near", direct)
	if direct < 300 || direct > 900 {
		t.Errorf("%d of 1000 buckets have a copy near", direct)
	}
}
