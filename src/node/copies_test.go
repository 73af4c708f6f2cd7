package node_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
)

// From one node to four and back to one, with data: at each size each bucket has
// as many copies as there can be.
func TestGrowAndShrink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 20)
		for size := 2; size <= 4; size++ {
			r.AwaitReady(r.Add())
			t.Log(size, "whole after", r.AwaitWhole())
			insertMore(t, r, 20*size-20, 20*size)
			checkEntries(t, r, 20*size)
		}
		for size := 3; size >= 1; size-- {
			r.Leave(r.Nodes[0])
			t.Log(size, "whole after", r.AwaitWhole())
			retrieveAll(t, r, 80)
			checkEntries(t, r, 80)
		}
	})
}

func TestTwoJoinAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 60)
		l := startLoad(t, r)
		a, b := r.Add(), r.Add()
		r.AwaitReady(a)
		r.AwaitReady(b)
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 60)
		if errs := l.Errors(); len(errs) > 0 {
			t.Errorf("joins made operations fail: %v", errs)
		}
	})
}

// Who joins counts among those who hold copies only once it was filled.
func TestAJoinerServesWhenItIsFilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 20)
		r.Net.Watch(func(c nodetest.Call) error {
			if c.Name == "fetch" && c.From == nodetest.Addr("n3") {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		joiner := r.Add()
		time.Sleep(time.Minute)
		if s := joiner.Status(); s.Self.Serving || !s.Ready.IsZero() || !strings.Contains(s.Doing, "filling") {
			t.Errorf("without a single fetch: serving %v, %q", s.Self.Serving, s.Doing)
		}
		retrieveAll(t, &nodetest.Ring{Nodes: r.Nodes[:3]}, 20)
		r.Net.Watch(nil)
		r.AwaitReady(joiner)
		r.AwaitWhole()
	})
}

// A member comes and one goes while another is down: what that one holds still
// has to become whole when it is back.
func TestGroupsChangeWhileOneIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 5)
		insertAll(t, r, 40)
		down := r.Nodes[4]
		r.Crash(down)
		time.Sleep(time.Minute)
		r.AwaitReady(r.Add())
		insertMore(t, r, 40, 60)
		for i := range 5 {
			if err := r.Nodes[0].Remove(t.Context(), key(i), []byte("v")); err != nil {
				t.Fatal(err)
			}
		}
		r.RunWith(down.Options)
		t.Log("whole after", r.AwaitWhole())
		checkEntries(t, r, 55)
	})
}

func TestPartitionOfThreeAndTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 5)
		insertAll(t, r, 40)
		split(r, 3, true)
		time.Sleep(time.Minute)
		written := 0
		for i := 40; i < 100; i++ {
			if r.Nodes[i%5].Insert(t.Context(), key(i), []byte("v")) == nil {
				written++
			}
		}
		if written == 0 || written == 60 {
			t.Errorf("%d of 60 writes in a split ring were taken", written)
		}
		split(r, 3, false)
		t.Log("whole after", r.AwaitWhole())
		retrieveAll(t, r, 40)
		there := 0
		for i := 40; i < 100; i++ {
			if got, err := r.Nodes[0].Retrieve(t.Context(), key(i)); err == nil && len(got) == 1 {
				there++
			}
		}
		if there < written {
			t.Errorf("%d writes were taken, %d are there", written, there)
		}
	})
}

// Who was restored from a time when it held more gives that to those who hold
// it now, without bringing back what was removed.
func TestSurplusOfARestoredNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 40)
		old := r.Nodes[1]
		from := backup(t, old)
		for range 3 {
			r.AwaitReady(r.Add())
		}
		r.AwaitWhole()
		for i := range 10 {
			if err := r.Nodes[0].Remove(t.Context(), key(i), []byte("v")); err != nil {
				t.Fatal(err)
			}
		}
		r.Crash(old)
		restore(t, from, old, node.RestoreOptions{})
		r.AwaitReady(r.RunWith(old.Options))
		t.Log("whole after", r.AwaitWhole())
		checkEntries(t, r, 30)
	})
}

func TestOtherQuorumsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		r.Adjust = func(c *node.Config) { c.Quorums = replica.Quorums{Copies: 2, Write: 2, Read: 1} }
		n := r.Add()
		select {
		case <-n.Failed():
		case <-time.After(time.Minute):
			t.Fatal("a node with other quorums runs")
		}
		e, ok := n.Err().(*node.Error)
		if !ok || !strings.Contains(e.Text, "2/2/1") || !strings.Contains(e.Text, "3/2/2") || e.Hint() == "" {
			t.Errorf("%#v", n.Err())
		}
		for _, other := range r.Nodes[:2] {
			if err := other.Err(); err != nil {
				t.Error("another one ends for it:", err)
			}
		}
	})
}

// Status says what can still be lost.
func TestMargin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		if m := r.Nodes[0].Status().Margin; m != (node.Margin{Losses: 1}) {
			t.Errorf("%+v", m)
		}
		r.Crash(r.Nodes[2])
		time.Sleep(time.Minute)
		if m := r.Nodes[0].Status().Margin; m != (node.Margin{Thin: 1 << 16}) {
			t.Errorf("with one down: %+v", m)
		}
		r.Crash(r.Nodes[1])
		time.Sleep(time.Minute)
		if m := r.Nodes[0].Status().Margin; m != (node.Margin{Thin: 1 << 16, Refused: 1 << 16}) {
			t.Errorf("with two down: %+v", m)
		}
	})
}

// An export has all from each single node of a small ring, also what its own
// copy lacks.
func TestExportAsksAQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		lagging := r.Nodes[1]
		r.Net.Watch(func(c nodetest.Call) error {
			if c.Name == "write" && c.To == lagging.Options.Addr {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		var keys []string
		for i := range 30 {
			if err := r.Nodes[0].Insert(t.Context(), key(i), []byte("v")); err == nil {
				keys = append(keys, string(key(i)))
			}
		}
		done, got := 0, []string{}
		for e, err := range lagging.Export(t.Context(), []node.Range{{First: 0, Last: 65535}}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range e.Done {
				done += int(d.Last) - int(d.First) + 1
			}
			if e.Key != nil {
				got = append(got, string(e.Key))
			}
		}
		slices.Sort(keys)
		slices.Sort(got)
		if done != 1<<16 || !slices.Equal(got, keys) || len(keys) == 0 {
			t.Errorf("%d buckets done, %d keys, want %d", done, len(got), len(keys))
		}
	})
}
