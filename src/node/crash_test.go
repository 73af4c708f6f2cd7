package node_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// some returns the first cases of a table, or all where the test was asked for all.
func some[T any](table ...T) []T {
	if *all {
		return table
	}
	return table[:cases]
}

var all = flag.Bool("node.all", false, "run every case, not the first ones of each table alone")

func TestOneRestarts(t *testing.T) {
	for _, i := range some(0, 2, 1, 3) {
		t.Run(fmt.Sprint("n", i), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 4)
				insertAll(t, r, 40)
				r.AwaitReady(r.Restart(r.Nodes[i]))
				t.Log("whole after", r.AwaitWhole())
				retrieveAll(t, r, 40)
				checkEntries(t, r, 40)
			})
		})
	}
}

// While one node is down everything is there, to read and to write.
func TestOneIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 40)
		down := r.Nodes[2]
		r.Crash(down)
		for round, wait := range []time.Duration{0, time.Minute} {
			time.Sleep(wait)
			retrieveAll(t, r, 40+20*round)
			insertMore(t, r, 40+20*round, 60+20*round)
		}
		r.AwaitReady(r.RunWith(down.Options))
		r.AwaitWhole()
		checkEntries(t, r, 80)
	})
}

// All at once, as after a power cut, in every order; the bootstrap node founded
// the ring and must not found another.
func TestAllRestart(t *testing.T) {
	for _, seed := range some(uint64(0), 1, 2, 3, 4, 5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 4)
				insertAll(t, r, 40)
				all := slices.Clone(r.Nodes)
				for _, n := range all {
					r.Crash(n)
				}
				rng := rand.New(rand.NewPCG(seed, 0))
				if seed > 0 { // zero: the bootstrap node first
					rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				}
				if seed == 1 {
					slices.SortFunc(all, func(a, b *nodetest.Node) int { return strings.Compare(b.Options.Name, a.Options.Name) })
				}
				began := time.Now()
				for _, n := range all {
					r.RunWith(n.Options)
					time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
				}
				for _, n := range r.Nodes {
					r.AwaitReady(n)
				}
				r.AwaitWhole()
				t.Log("cold start took", time.Since(began))
				retrieveAll(t, r, 40)
				checkEntries(t, r, 40)
			})
		})
	}
}

func TestALoneFounderRestartsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 5)
		began := time.Now()
		r.AwaitReady(r.Restart(r.Nodes[0]))
		if took := time.Since(began); took > time.Second {
			t.Errorf("ready after %v", took)
		}
		retrieveAll(t, r, 5)
	})
}

// Without its bootstrap option, a node of a ring must not take itself for a
// founder.
func TestAMemberNeverFounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		insertAll(t, r, 20)
		a, b := r.Nodes[0], r.Nodes[1]
		r.Crash(a)
		r.Crash(b)
		o := b.Options
		o.Bootstrap = nil
		again := r.RunWith(o)
		time.Sleep(2 * time.Minute)
		if held, all := again.Status().Buckets.Held, b.Status().Buckets.Held; held != all {
			t.Fatalf("alone it holds %d buckets, before %d", held, all)
		}
		r.RunWith(a.Options)
		r.AwaitWhole()
		retrieveAll(t, r, 20)
	})
}

func TestBootstrapIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		founder := r.Nodes[0]
		r.Crash(founder)
		n := r.Add()
		time.Sleep(time.Minute)
		select {
		case <-n.Ready():
			t.Fatal("ready without a ring")
		case <-n.Failed():
			t.Fatal(n.Err())
		default:
		}
		if doing := n.Status().Doing; !strings.Contains(doing, "bootstrap") || !strings.Contains(doing, nodetest.Addr("n0")) {
			t.Errorf("it says that it is %q", doing)
		}
		if err := n.Alive(t.Context()); err != nil {
			t.Error("waiting is no fault of health:", err)
		}
		if err := n.Insert(t.Context(), key(0), nil); node.KindOf(err) != node.Unavailable {
			t.Error(err)
		}
		r.RunWith(founder.Options)
		r.AwaitReady(n)
		r.AwaitWhole()
	})
}

func TestANodeMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 30)
		n := r.Nodes[1]
		id := n.Status().Self.ID
		r.Crash(n)
		o := n.Options
		o.Addr = "10.9.9.9:4170"
		n = r.RunWith(o)
		r.AwaitReady(n)
		r.AwaitWhole()
		if got := n.Status().Self; got.ID != id || got.Addr != o.Addr {
			t.Errorf("it is %+v now", got)
		}
		retrieveAll(t, r, 30)
	})
}

func TestTwoNodesOfOneName(t *testing.T) {
	for _, copied := range []bool{false, true} {
		t.Run(fmt.Sprint("copied ", copied), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 3)
				o := r.Nodes[1].Options
				o.Dir, o.Addr = t.TempDir(), "10.9.9.9:4170"
				if copied {
					copyDatabase(t, r.Nodes[1], o.Dir)
				}
				twin := r.RunWith(o)
				select {
				case <-twin.Failed():
				case <-time.After(time.Minute):
					t.Fatal("a second node of the name runs")
				}
				e, ok := twin.Err().(*node.Error)
				if !ok || !strings.Contains(e.Text, `n1`) || e.Hint() == "" {
					t.Errorf("it fails with %#v", twin.Err())
				}
				r.Crash(twin)
				r.AwaitWhole()
				for _, n := range r.Nodes {
					if err := n.Err(); err != nil {
						t.Errorf("%s fails as well: %v", n.Options.Name, err)
					}
				}
			})
		})
	}
}

func copyDatabase(t *testing.T, n *nodetest.Node, dir string) {
	f, err := os.Create(filepath.Join(dir, "chord.db"))
	if err == nil {
		_, err = n.Store.Copy(f)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A node whose disk was lost takes its place again at once and is filled from
// the others: then one more disk may be lost.
func TestAWipedNodeComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 30)
		for i := range 3 {
			n := r.Nodes[0]
			id := n.Status().Self.ID
			r.Crash(n)
			o := n.Options
			o.Dir, o.Bootstrap = t.TempDir(), []string{r.Nodes[0].Options.Addr}
			n = r.RunWith(o)
			r.AwaitReady(n)
			t.Log("whole after", r.AwaitWhole())
			if got := n.Status().Self.ID; got != id {
				t.Errorf("disk %d: it is %v now, and was %v", i, got, id)
			}
		}
		checkEntries(t, r, 30) // no disk of the first hour is left
	})
}

func TestAStoreThatFailsEndsTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		n := r.Nodes[0]
		if err := n.Alive(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.Store.Close() // as good as a disk that is gone
		if err := n.Alive(t.Context()); err == nil {
			t.Error("alive without a store")
		}
		if err := n.Insert(t.Context(), key(0), []byte("v")); err == nil {
			t.Error("a write is acknowledged without a store")
		}
	})
}

// A node that restarts beside one that died takes it from the lists of others
// as its successor, and goes on to the next, whichever way it hears.
func TestSuccessorDiedBeforeTheRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 20)
		n := r.Nodes[0]
		var next *nodetest.Node
		for _, m := range r.Nodes {
			if m.Status().Self.ID == n.View().Successors[0].ID {
				next = m
			}
		}
		dead := next.Status().Self.ID
		r.Crash(next)
		r.Crash(n)
		n = r.RunWith(n.Options)
		for began := time.Now(); ; time.Sleep(100 * time.Millisecond) { // in virtual time
			v := n.View()
			if len(v.Successors) > 0 && v.Successors[0].ID != dead {
				break
			}
			if time.Since(began) > time.Minute {
				t.Fatalf("it still waits for who is dead: %+v", v)
			}
		}
		r.AwaitReady(n)
		retrieveAll(t, r, 20)
		insertMore(t, r, 20, 30)
		r.RunWith(next.Options)
		r.AwaitWhole()
		checkEntries(t, r, 30)
	})
}
