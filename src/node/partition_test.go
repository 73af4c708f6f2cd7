package node_test

import (
	"fmt"
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
		time.Sleep(time.Minute)
		joiner := r.Add() // on the bootstrap node's side and the other at once
		time.Sleep(30 * time.Second)
		split(r, 2, false)
		r.AwaitReady(joiner)
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 40)
		checkEntriesOfKeys(t, r)
	})
}

// checkEntriesOfKeys checks that no key is listed twice.
func checkEntriesOfKeys(t *testing.T, r *nodetest.Ring) {
	t.Helper()
	seen := map[string]bool{}
	for _, n := range r.Nodes {
		for e, err := range n.Entries(t.Context()) {
			if err != nil || seen[string(e.Key)] {
				t.Fatalf("%s lists %q: %v", n.Options.Name, e.Key, err)
			}
			seen[string(e.Key)] = true
		}
	}
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

// Hand-overs that break: the request or the answer of a push is lost, and the
// sender or the receiver, or neither, is killed at that moment.
func TestBrokenHandOvers(t *testing.T) {
	type broken struct {
		before bool
		victim string
	}
	for _, c := range some(broken{false, "n0"}, broken{true, "n1"}, broken{false, "n1"}, broken{true, "n0"}, broken{true, "none"}, broken{false, "none"}) {
		t.Run(fmt.Sprintf("request lost %v, %s crashes", c.before, c.victim), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { breakHandOver(t, c.before, c.victim) })
		})
	}
}

func breakHandOver(t *testing.T, before bool, victim string) {
	r := nodetest.Start(t, 1)
	insertAll(t, r, 200)
	broken := make(chan struct{})
	pushes := 0 // only n0 pushes, one at a time
	r.Net.Watch(func(_, _ string, isBefore bool) error {
		if isBefore != before {
			return nil
		}
		if pushes++; pushes == 2 {
			close(broken)
		}
		if pushes < 2 || pushes > 4 {
			return nil
		}
		return &node.Error{Kind: node.Unknown, Text: "lost"}
	})
	joiner := r.Add()
	<-broken
	for _, n := range []*nodetest.Node{r.Nodes[0], joiner} {
		if n.Options.Name == victim {
			r.Restart(n)
		}
	}
	t.Log("whole after", r.AwaitWhole())
	retrieveAll(t, r, 200)
	checkEntries(t, r, 200)
}

// The receiver takes buckets, its confirmation is lost, and it leaves: the
// sender must find out who has them now.
func TestReceiverLeavesUnconfirmed(t *testing.T) {
	cases := []bool{true}
	if *all {
		cases = append(cases, false)
	}
	for _, arrived := range cases {
		t.Run(fmt.Sprint("arrived ", arrived), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 2)
				insertAll(t, r, 60)
				receiver := nodetest.Addr("n2")
				r.Net.Watch(func(_, to string, before bool) error {
					if to == receiver && before != arrived {
						return &node.Error{Kind: node.Unknown, Text: "lost"}
					}
					return nil
				})
				leaver := r.Add()
				time.Sleep(10 * time.Second)
				if r.Nodes[0].Status().Buckets.Moving+r.Nodes[1].Status().Buckets.Moving == 0 {
					t.Fatal("nothing is on its way")
				}
				l := startLoad(t, r)
				r.Leave(leaver)
				l.use(r.Nodes)
				t.Log("whole after", r.AwaitWhole())
				l.finish(t, r)
				retrieveAll(t, r, 60)
				checkEntriesOfKeys(t, r)
			})
		})
	}
}
