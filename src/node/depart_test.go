package node_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/store"
)

// keyOf returns a key whose group one member belongs to and another does not.
func keyOf(t *testing.T, p replica.Placement, in, out *nodetest.Node) []byte {
	t.Helper()
	for i := range 10000 {
		key := fmt.Appendf(nil, "key %d", i)
		g := p.Group(keyspace.BucketOf(keyspace.HashKey(key)))
		if g.Contains(in.Status().Self.ID) && !g.Contains(out.Status().Self.ID) {
			return key
		}
	}
	t.Fatal("no group has the one and not the other")
	return nil
}

// noteOf returns what a node's database says of its copy of a key's bucket.
func noteOf(t *testing.T, n *nodetest.Node, key []byte) (c replica.Copy) {
	t.Helper()
	if err := n.Store.View(func(v *store.View) error {
		note, err := v.Note(keyspace.BucketOf(keyspace.HashKey(key)))
		if err == nil && note == nil {
			return nil
		}
		if err == nil {
			c, err = replica.DecodeCopy(note)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 12000 {
		if condition() {
			return
		}
		time.Sleep(50 * time.Millisecond) // in virtual time: a look at the condition
	}
	t.Fatalf("ten minutes and not yet: %s", what)
}

func placementOf(n *nodetest.Node) replica.Placement {
	s := n.Status()
	return replica.NewPlacement(s.Members, s.Quorums)
}

// listed reports how a node lists its copy of a key's bucket for who fills one.
func listed(t *testing.T, asked, asks *nodetest.Node, key []byte) replica.CopyState {
	t.Helper()
	b := keyspace.BucketOf(keyspace.HashKey(key))
	one := []node.Range{{First: b, Last: b}}
	r, err := asked.Compare(t.Context(), node.Compare{From: asks.Status().Self, Ranges: one})
	switch {
	case err != nil:
		t.Fatal(err)
	case slices.Equal(r.Synced, one):
		return replica.Synced
	case slices.Equal(r.Partial, one):
		return replica.Partial
	}
	return replica.Missing
}

// A copy whose node was outside of the group misses writes. It counts for others
// only under the first placement without its node; and when the node is in the
// group again, it answers no read until it is filled.
func TestFormerCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		lost := map[string]bool{"take": true} // so nothing is dropped
		r.Net.Watch(func(c nodetest.Call) error {
			if lost[c.Name] {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		joined := r.Add()
		r.AwaitReady(joined)
		out := r.Nodes[1]
		await(t, "all serve", func() bool { return placementOf(out).Len() == 4 && placementOf(r.Nodes[0]).Len() == 4 })
		key := keyOf(t, placementOf(out), joined, out)
		since := placementOf(out).Stamp()
		await(t, "the copy is noted as a former one", func() bool { return noteOf(t, out, key).State == replica.Former })
		if c := noteOf(t, out, key); c.Since != since || listed(t, out, joined, key) != replica.Synced {
			t.Fatalf("the note is %+v, since %x; listed as %s", c, since, listed(t, out, joined, key))
		}
		out = r.Restart(out)
		r.AwaitReady(out)
		await(t, "it knows all", func() bool { return placementOf(out).Stamp() == since })
		if got := listed(t, out, joined, key); got != replica.Synced {
			t.Errorf("after a restart it is listed as %s", got)
		}
		if err := joined.Insert(t.Context(), key, v); err != nil {
			t.Fatal(err)
		}

		lost["compare"] = true // so nothing is filled
		r.Crash(joined)
		await(t, "it is down", func() bool {
			return slices.ContainsFunc(r.Nodes[0].Members(), func(m member.Member) bool { return m.State == member.Down })
		})
		if err := r.Nodes[0].Forget(t.Context(), joined.Options.Name); err != nil {
			t.Fatal(err)
		}
		await(t, "it is in the group again", func() bool { return placementOf(out).Len() == 3 && placementOf(r.Nodes[0]).Len() == 3 })
		if got, err := out.Do(t.Context(), node.Op{Kind: node.Retrieve, Key: key, One: true}); node.KindOf(err) != node.NotResponsible || err == nil {
			t.Errorf("a copy that missed a write answers %q, %v", got.Values, err)
		}
		await(t, "it is no former copy any more", func() bool { return noteOf(t, out, key).State == replica.Partial })
		if got := listed(t, out, r.Nodes[0], key); got != replica.Partial {
			t.Errorf("it is listed as %s", got)
		}

		clear(lost)
		await(t, "it is filled", func() bool { return noteOf(t, out, key).State == replica.Synced })
		if got, err := out.Do(t.Context(), node.Op{Kind: node.Retrieve, Key: key, One: true}); err != nil || len(got.Values) != 1 {
			t.Errorf("filled, it answers %q, %v", got.Values, err)
		}
	})
}

// What was former before the last change may miss what the group of the one
// before took.
func TestFormerCopiesOfAnEarlierPlacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		r.Net.Watch(func(c nodetest.Call) error {
			if c.Name == "take" {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		first := r.Add()
		r.AwaitReady(first)
		out := r.Nodes[1]
		await(t, "all serve", func() bool { return placementOf(out).Len() == 4 })
		key := keyOf(t, placementOf(out), first, out)
		await(t, "the copy is noted as a former one", func() bool { return noteOf(t, out, key).State == replica.Former })
		r.AwaitReady(r.Add())
		await(t, "all serve", func() bool { return placementOf(out).Len() == 5 })
		if got := listed(t, out, first, key); got != replica.Partial {
			t.Errorf("under a later placement it is listed as %s", got)
		}
	})
}

// A node that was down while another came and went was perhaps outside of groups
// in which it was before and is now. What they took meanwhile it does not have.
func TestAPlacementThatCameAndWent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		var refusing atomic.Bool
		r.Net.Watch(func(c nodetest.Call) error {
			if refusing.Load() && (c.Name == "compare" || c.Name == "fetch") {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		asleep := r.Nodes[1]
		slept := asleep.Status().Self.ID
		r.Crash(asleep)
		joined := r.Add()
		r.AwaitReady(joined)
		awake := r.Nodes[0]
		await(t, "the new one serves", func() bool { return placementOf(awake).Len() == 4 })
		key, inside := keyWithout(t, placementOf(awake), slept)
		if err := joined.Insert(t.Context(), key, v); err != nil {
			t.Fatal(err)
		}
		r.Crash(joined)
		await(t, "it is down", func() bool {
			return slices.ContainsFunc(awake.Members(), func(m member.Member) bool { return m.ID == joined.Status().Self.ID && m.State == member.Down })
		})
		if err := awake.Forget(t.Context(), joined.Options.Name); err != nil {
			t.Fatal(err)
		}
		refusing.Store(true) // so nothing is filled
		asleep = r.RunWith(asleep.Options)
		await(t, "it knows who came and went", func() bool { return len(asleep.Members()) == 4 && noteOf(t, asleep, key).State == replica.Partial })
		if got, err := asleep.Do(t.Context(), node.Op{Kind: node.Retrieve, Key: key, One: true}); err == nil {
			t.Errorf("a copy that missed a write answers %q, %v", got.Values, err)
		}
		if c := noteOf(t, asleep, inside); c.State == replica.Partial {
			t.Error("a copy whose group it never was outside of is filled again")
		}
		refusing.Store(false)
		await(t, "it is filled", func() bool { return noteOf(t, asleep, key).State == replica.Synced })
		mustHave(t, asleep, key, string(v))
	})
}

// keyWithout returns a key whose group lacks a member, and one whose has it.
func keyWithout(t *testing.T, p replica.Placement, id keyspace.ID) (without, with []byte) {
	t.Helper()
	for i := range 10000 {
		key := fmt.Appendf(nil, "key %d", i)
		if p.Group(keyspace.BucketOf(keyspace.HashKey(key))).Contains(id) {
			with = key
		} else {
			without = key
		}
		if with != nil && without != nil {
			return without, with
		}
	}
	t.Fatal("all groups have it, or none")
	return nil, nil
}
