package node_test

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// A read brings what one of the quorum lacks, in both directions, also where a
// set is too large for one message.
func TestReadsRepair(t *testing.T) {
	for _, size := range []int{1, 900 << 10} {
		synctest.Test(t, func(t *testing.T) {
			r := newTrio(t)
			r.block(true, r.a)
			for i := range 3 {
				do(t, r.b, node.Insert, bytes.Repeat([]byte{byte('a' + i)}, size))
			}
			r.unblock()
			if len(stored(t, r.a)) != 0 {
				t.Fatal("the first copy did not miss the inserts")
			}
			if got := do(t, r.a, node.Retrieve, nil); len(got) != 3 {
				t.Fatalf("the read found %d of 3 values", len(got))
			}
			if got := len(stored(t, r.a)); got != 3 {
				t.Fatalf("the coordinator has %d of 3 values after the read", got)
			}
			if got, found, err := r.c.Get(t.Context(), k); err != nil || !found || got[0] != 'c' || len(got) != size {
				t.Errorf("get returns %.5q, want the latest: %v", got, err)
			}
		})
	}
}

// Puts at two coordinators in the same moment leave two values; all nodes agree
// on which one a get returns, and the next put leaves one.
func TestSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		done := make(chan error)
		for n, value := range map[*nodetest.Node][]byte{r.a: v, r.b: w} {
			go func() {
				_, err := n.Do(t.Context(), node.Op{Kind: node.Put, Key: k, Value: value})
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if got := do(t, r.c, node.Retrieve, nil); len(got) != 2 {
			t.Fatalf("puts in the same moment leave %q", got)
		}
		var first []byte
		for _, n := range r.Nodes {
			got := do(t, n, node.Get, nil)
			if first == nil {
				first = got[0]
			}
			if len(got) != 1 || !bytes.Equal(got[0], first) {
				t.Errorf("%s gets %q, another %q", n.Options.Name, got, first)
			}
		}
		do(t, r.c, node.Put, v)
		if got := do(t, r.a, node.Retrieve, nil); len(got) != 1 || !bytes.Equal(got[0], v) {
			t.Errorf("a put over two leaves %q", got)
		}
	})
}

// Who holds no copy, or cannot know what was acknowledged, says so.
func TestReadsOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, node.Insert, v)
		time.Sleep(time.Second)
		for _, other := range []*nodetest.Node{r.b, r.c} {
			r.Net.Cut(r.a.Options.Addr, other.Options.Addr, true)
		}
		began := time.Now()
		got, err := r.a.Do(t.Context(), node.Op{Kind: node.Get, Key: k, One: true})
		if err != nil || len(got.Values) != 1 || time.Since(began) > 0 {
			t.Errorf("a read of one, cut off: %q, %v, after %v", got.Values, err, time.Since(began))
		}
		if got, err := r.a.Do(t.Context(), node.Op{Kind: node.Get, Key: k}); node.KindOf(err) != node.Unavailable || err == nil {
			t.Errorf("a read of a quorum, cut off: %q, %v", got.Values, err)
		}
	})
}

// Who is asked reads its own copy and that of who comes next: no request is
// passed on, and the reads of a key go to all of its group.
func TestReadsBeginHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		do(t, r.a, node.Insert, v)
		time.Sleep(time.Second)
		var calls []nodetest.Call
		r.Net.Watch(func(c nodetest.Call) error {
			if c.Name == "read" && c.Before {
				calls = append(calls, c)
			}
			return noRepair(c)
		})
		for i, n := range []*nodetest.Node{r.a, r.b, r.c} {
			calls = nil
			got, err := n.Retrieve(t.Context(), k)
			if err != nil || len(got) != 1 {
				t.Fatalf("%s: %q, %v", n.Options.Name, got, err)
			}
			next := []*nodetest.Node{r.b, r.c, r.a}[i]
			if len(calls) != 1 || calls[0].From != n.Options.Addr || calls[0].To != next.Options.Addr {
				t.Errorf("a read at %s asks %v, want %s once", n.Options.Addr, calls, next.Options.Addr)
			}
		}
		// Where its own copy is none to answer from, another coordinates.
		if err := r.b.Store.Update(t.Context(), store.Change{Do: func(tx *store.Tx) error {
			return tx.SetNote(keyspace.BucketOf(keyspace.HashKey(k)), replica.Copy{State: replica.Partial}.Encode())
		}}); err != nil {
			t.Fatal(err)
		}
		if got, err := r.b.Retrieve(t.Context(), k); err != nil || len(got) != 1 {
			t.Errorf("a member with a partial copy answers %q, %v", got, err)
		}
	})
}

// What a read answers is what it wrote back: a write that came to its
// coordinator's disk in the middle of it, and is nowhere else, is no part of it.
func TestReadsAnswerWhatTheyWroteBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		r.block(true, r.a, r.c)
		if _, err := r.b.Do(t.Context(), node.Op{Kind: node.Insert, Key: k, Value: v}); node.KindOf(err) != node.Unknown {
			t.Fatalf("an insert on one disk: %v", err)
		}
		r.unblock()
		got, err := r.a.RetrieveWith(t.Context(), k, func() {
			if err := r.a.Store.Update(t.Context(), store.Change{Do: func(tx *store.Tx) error {
				_, err := tx.Insert(k, w)
				return err
			}}); err != nil {
				t.Fatal(err)
			}
		})
		if err != nil || len(got) != 1 || !bytes.Equal(got[0], v) {
			t.Errorf("the read found %q (%v), and of that only the first value lasts", got, err)
		}
	})
}

// Where fewer are asked than a write quorum, what they agree on may be on too few
// disks: then it is written back first.
func TestReadsOfFewAreWrittenBack(t *testing.T) {
	for _, q := range []replica.Quorums{{Copies: 3, Write: 3, Read: 1}, {Copies: 4, Write: 3, Read: 2}} {
		t.Run(q.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.WholeWith(t, q.Copies, func(o *nodetest.Options) {
					o.Adjust = func(c *node.Config) { c.Quorums = q }
				})
				r.AwaitWhole()
				in := inGroup(r, q)
				r.Net.Watch(func(c nodetest.Call) error { // as many get it as are asked
					if c.Name == "write" && (q.Read == 1 || c.To != in[1].Options.Addr) {
						return &node.Error{Kind: node.Unknown, Text: "lost"}
					}
					return noRepair(c)
				})
				if _, err := in[0].Do(t.Context(), node.Op{Kind: node.Insert, Key: k, Value: v}); node.KindOf(err) != node.Unknown {
					t.Fatalf("an insert on too few disks: %v", err)
				}
				r.Net.Watch(noRepair)
				do(t, in[0], node.Retrieve, nil)
				found := 0
				for _, n := range r.Nodes {
					found += len(stored(t, n))
				}
				if found < q.Write {
					t.Errorf("what a read found is on %d disks", found)
				}
			})
		})
	}
}

// Count, Has and Page say what a retrieve would find, whoever is asked and whatever one
// copy lacks.
func TestPartsOfASet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTrio(t)
		want := func(values ...[]byte) {
			t.Helper()
			slices.SortFunc(values, func(a, b []byte) int { return value.Hash(a).Compare(value.Hash(b)) })
			for _, n := range []*nodetest.Node{r.c, r.a, r.b} {
				ask := func(op node.Op) node.Result {
					op.Key = k
					got, err := n.Operate(t.Context(), op)
					if err != nil {
						t.Fatalf("%s at %s: %v", op.Kind, n.Options.Name, err)
					}
					return got
				}
				if got := ask(node.Op{Kind: node.Count}).Count; got != uint64(len(values)) {
					t.Errorf("count at %s: %d, want %d", n.Options.Name, got, len(values))
				}
				if got, there := ask(node.Op{Kind: node.Has, Value: w}).Count, slices.ContainsFunc(values, func(v []byte) bool { return bytes.Equal(v, w) }); (got == 1) != there || got > 1 {
					t.Errorf("has at %s: %d, want %v", n.Options.Name, got, there)
				}
				var all [][]byte
				for op := (node.Op{Kind: node.Page, Limit: 2}); ; {
					got := ask(op)
					if len(got.Values) > op.Limit {
						t.Errorf("a page of %d values at %s", len(got.Values), n.Options.Name)
					}
					all = append(all, got.Values...)
					if op.From = got.Next; op.From.IsZero() {
						break
					}
				}
				if !slices.EqualFunc(all, values, bytes.Equal) {
					t.Errorf("pages at %s: %q, want %q", n.Options.Name, all, values)
				}
			}
		}
		one, two, three := []byte("1"), []byte("2"), []byte("3")
		want()
		for _, v := range [][]byte{one, two, three} {
			do(t, r.a, node.Insert, v)
		}
		want(one, two, three)
		r.block(true, r.c)
		do(t, r.a, node.Insert, w)
		r.unblock()
		want(one, two, three, w)
		r.block(true, r.c)
		do(t, r.a, node.Remove, w)
		r.unblock()
		want(one, two, three)
		if _, err := r.a.Operate(t.Context(), node.Op{Kind: node.Page, Key: k}); node.KindOf(err) != node.Invalid {
			t.Errorf("a page of no values: %v", err)
		}
	})
}
