package node_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// split cuts the first nodes off from the others, or joins them again.
func split(r *nodetest.Ring, first int, cut bool) {
	for _, a := range r.Nodes[:first] {
		for _, b := range r.Nodes[first:] {
			r.Net.Cut(a.Options.Addr, b.Options.Addr, cut)
			r.Net.Cut(b.Options.Addr, a.Options.Addr, cut)
		}
	}
}

// A partition changes no group: what clients see on both sides of it stays
// linearizable.
func TestPartitionHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 40)
		l := startLoad(t, r)
		split(r, 2, true)
		time.Sleep(25 * time.Second) // the others are down by then
		split(r, 2, false)
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 40)
	})
}

// Who joins while the ring is split changes groups on one side before the other
// hears of it. Nothing acknowledged on either side is lost, or undone.
func TestJoinDuringPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 80)
		split(r, 2, true)
		time.Sleep(25 * time.Second)
		joiner := r.Add() // it reaches both sides
		inserted, removed := map[int]bool{}, map[int]bool{}
		for i := range 80 {
			n := r.Nodes[i%len(r.Nodes)]
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if i%2 == 0 {
				inserted[i] = n.Insert(ctx, key(1000+i), []byte("v")) == nil
			} else {
				removed[i] = n.Remove(ctx, key(i), []byte("v")) == nil
			}
			cancel()
		}
		split(r, 2, false)
		r.AwaitReady(joiner)
		t.Log("whole after", r.AwaitWhole())
		acknowledged := 0
		for i := range 80 {
			k, was, want := key(i), removed[i], 0
			if i%2 == 0 {
				k, was, want = key(1000+i), inserted[i], 1
			}
			if !was {
				continue
			}
			acknowledged++
			for _, n := range r.Nodes {
				if got, err := n.Retrieve(t.Context(), k); err != nil || len(got) != want {
					t.Errorf("%s at %s: %q, %v, want %d values", k, n.Options.Name, got, err, want)
				}
			}
		}
		if acknowledged == 0 {
			t.Error("nothing was acknowledged on either side")
		}
		t.Log("acknowledged", acknowledged, "of 80")
	})
}

// One direction is enough to confuse a failure detector.
func TestOneWayCutHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		l := startLoad(t, r)
		r.Net.Cut(r.Nodes[1].Options.Addr, r.Nodes[2].Options.Addr, true)
		time.Sleep(2 * time.Minute)
		r.Net.Cut(r.Nodes[1].Options.Addr, r.Nodes[2].Options.Addr, false)
		r.AwaitWhole()
		l.finish(t, r)
	})
}

// A restart of all while the ring is split makes no second ring that stays.
func TestColdStartOfTwoHalves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 40)
		split(r, 2, true)
		for range 4 {
			r.Restart(r.Nodes[0])
		}
		time.Sleep(3 * time.Minute)
		split(r, 2, false)
		t.Log("whole after", r.AwaitWhole())
		retrieveAll(t, r, 40)
	})
}

// Fetches and hand-overs that break: the request or the answer is lost, and the
// one that asks or the one that is asked, or neither, is killed at that moment.
func TestBrokenMoves(t *testing.T) {
	type broken struct {
		call   string
		before bool
		victim string
	}
	for _, c := range some(
		broken{"fetch", true, "n1"}, broken{"take", false, "n0"}, broken{"take", true, "n1"}, broken{"take", false, "n1"},
		broken{"compare", false, "n0"}, broken{"fetch", true, "none"}, broken{"take", false, "none"},
	) {
		t.Run(fmt.Sprintf("%s, request lost %v, %s crashes", c.call, c.before, c.victim), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { breakMove(t, c.call, c.before, c.victim) })
		})
	}
}

// breakMove breaks the second to fourth of some calls while four become five,
// and the old ones give up what the new one has.
func breakMove(t *testing.T, call string, before bool, victim string) {
	r := nodetest.Whole(t, 4)
	insertAll(t, r, 200)
	broken := make(chan struct{})
	var calls atomic.Int32
	r.Net.Watch(func(c nodetest.Call) error {
		if c.Before != before || c.Name != call {
			return nil
		}
		n := calls.Add(1)
		if n == 2 {
			close(broken)
		}
		if n < 2 || n > 4 {
			return nil
		}
		return &node.Error{Kind: node.Unavailable, Text: "lost"}
	})
	r.Add()
	select {
	case <-broken:
	case <-time.After(time.Minute): // in virtual time; the call was not needed so often
	}
	for _, n := range r.Nodes {
		if n.Options.Name == victim {
			r.Restart(n)
			break
		}
	}
	t.Log("whole after", r.AwaitWhole())
	retrieveAll(t, r, 200)
	checkEntries(t, r, 200)
}
