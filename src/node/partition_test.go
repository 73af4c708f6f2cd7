package node_test

import (
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

func TestPartitionHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 40)
		l := startLoad(t, r)
		split(r, 2, true)
		time.Sleep(25 * time.Second) // the others are down by then
		joiner := r.Add() // on the bootstrap node's side and the other at once
		time.Sleep(10 * time.Second)
		split(r, 2, false)
		r.AwaitReady(joiner)
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 40)
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
		broken{"compare", false, "n0"}, broken{"keys", true, "none"}, broken{"take", false, "none"},
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
