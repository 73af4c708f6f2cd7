package nodetest

import (
	"context"
	"fmt"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// TB is what a [Ring] needs of a test.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
	TempDir() string
}

// Ring is some nodes of one ring in a test. Its methods are for the goroutine
// of the test alone.
type Ring struct {
	Net   *Network
	Nodes []*Node // those that run
	// Adjust changes what nodes that start from now on are made with.
	Adjust func(*node.Config)

	t     TB
	dirs  map[string]string // by name
	named int
}

// Start returns a ring of n nodes that are ready, called n0, n1 and so on. They
// are stopped at the end of the test. Inside a synctest bubble it takes no time.
func Start(t TB, n int) *Ring {
	t.Helper()
	r := empty(t)
	for range n {
		r.Add()
	}
	for _, n := range r.Nodes {
		r.AwaitReady(n)
	}
	return r
}

func empty(t TB) *Ring {
	r := &Ring{Net: &Network{Delay: time.Millisecond}, t: t, dirs: map[string]string{}}
	t.Cleanup(func() {
		for _, n := range r.Nodes {
			n.Crash()
		}
	})
	return r
}

// name returns the name of the next node.
func (r *Ring) name() string {
	r.named++
	return fmt.Sprint("n", r.named-1)
}

// Add starts one more node, which joins through the first one of all.
func (r *Ring) Add() *Node {
	r.t.Helper()
	name := r.name()
	return r.Run(name, Addr(name))
}

// Addr returns the address of the node of that name.
func Addr(name string) string { return "10.0.0." + name[1:] + ":4170" }

// Run starts the node of that name, with the database that it had before, if it
// ran before.
func (r *Ring) Run(name, addr string) *Node {
	r.t.Helper()
	if r.dirs[name] == "" {
		r.dirs[name] = r.t.TempDir()
	}
	return r.RunWith(r.options(name, addr))
}

func (r *Ring) options(name, addr string) Options {
	o := Options{Dir: r.dirs[name], Ring: "test", Name: name, Addr: addr, Adjust: func(c *node.Config) {
		c.Seed = uint64(len(r.Nodes)) + 1
		if r.Adjust != nil {
			r.Adjust(c)
		}
	}}
	if name != "n0" {
		o.Bootstrap = []string{Addr("n0")}
	}
	return o
}

// RunWith starts a node with these options.
func (r *Ring) RunWith(o Options) *Node {
	r.t.Helper()
	n, err := NewNode(r.t.Context(), r.Net, o)
	if err != nil {
		r.t.Fatalf("node %s: %v", o.Name, err)
	}
	r.Nodes = append(r.Nodes, n)
	return n
}

// Wipe makes the node of that name start with an empty disk the next time.
func (r *Ring) Wipe(name string) { delete(r.dirs, name) }

// Dir returns where the node of that name has its database.
func (r *Ring) Dir(name string) string { return r.dirs[name] }

// Crash stops a node without a word to the others.
func (r *Ring) Crash(n *Node) {
	n.Crash()
	r.forget(n)
}

// Restart crashes a node and starts it again.
func (r *Ring) Restart(n *Node) *Node {
	r.t.Helper()
	r.Crash(n)
	return r.RunWith(n.Options)
}

// Leave lets a node leave the ring, and stops it.
func (r *Ring) Leave(n *Node) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	if err := n.Leave(ctx); err != nil {
		r.t.Fatalf("%s leaves: %v", n.Options.Name, err)
	}
	time.Sleep(10 * time.Millisecond) // in virtual time: what is in flight ends, as with a server's stop
	r.Crash(n)
}

func (r *Ring) forget(gone *Node) {
	var nodes []*Node
	for _, n := range r.Nodes {
		if n != gone {
			nodes = append(nodes, n)
		}
	}
	r.Nodes = nodes
}

// AwaitReady waits until a node is ready.
func (r *Ring) AwaitReady(n *Node) {
	r.t.Helper()
	select {
	case <-n.Ready():
	case <-n.Failed():
		r.t.Fatalf("%s failed: %v", n.Options.Name, n.Err())
	case <-time.After(5 * time.Minute):
		r.t.Fatalf("%s is not ready after five minutes: %s", n.Options.Name, n.Status().Doing)
	}
}

// AwaitWhole waits until the ring is whole ([Ring.Broken]), for ten minutes at
// most, and returns how long that took.
func (r *Ring) AwaitWhole() time.Duration {
	r.t.Helper()
	began := time.Now()
	for time.Since(began) < 10*time.Minute {
		if r.Broken() == nil {
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond) // in virtual time: a look at the condition
	}
	r.t.Fatalf("the ring is not whole: %v", r.Broken())
	return 0
}

// Broken returns what keeps the nodes that run from being one ring in which
// each bucket has a synced copy with every member of its group, nothing of it is
// anywhere else, and all copies are the same; nil where nothing does.
func (r *Ring) Broken() error {
	for _, n := range r.Nodes {
		s := n.Status()
		if s.Buckets.Wanted+s.Buckets.Moving > 0 || !s.Self.Serving {
			return fmt.Errorf("%s: %+v, serving %v, %s", s.Self.Name, s.Buckets, s.Self.Serving, s.Doing)
		}
		present := 0
		for _, m := range s.Members {
			if m.State == member.Alive {
				present++
			} else if m.State < member.Left {
				return fmt.Errorf("%s sees that %s is %s", s.Self.Name, m.Name, m.State)
			}
		}
		if present != len(r.Nodes) {
			return fmt.Errorf("%s sees %d members alive", s.Self.Name, present)
		}
		if err := r.misplaced(s); err != nil {
			return err
		}
	}
	return r.Unequal()
}

// Unequal returns a difference between the content of the nodes that run and
// what each should have: of each bucket the same with all members of its group,
// and nothing with others.
func (r *Ring) Unequal() error {
	digests := make([]map[keyspace.Bucket]store.Digest, len(r.Nodes))
	union := map[keyspace.Bucket]bool{}
	for i, n := range r.Nodes {
		var err error
		if digests[i], err = content(n.Store); err != nil {
			return fmt.Errorf("%s: %w", n.Options.Name, err)
		}
		for b := range digests[i] {
			union[b] = true
		}
	}
	for i, n := range r.Nodes {
		s := n.Status()
		p := replica.NewPlacement(s.Members, s.Quorums)
		held := 0
		p.Runs(func(run replica.Range, g replica.Group) {
			if g.Contains(s.Self.ID) {
				held += int(run.Last) - int(run.First) + 1
			}
		})
		if held != s.Buckets.Held {
			return fmt.Errorf("%s has %d synced copies, want %d", s.Self.Name, s.Buckets.Held, held)
		}
		for b := range union {
			var want store.Digest
			for j, other := range r.Nodes {
				if g := p.Group(b); g.Contains(s.Self.ID) && g.Members[0] == other.Status().Self.ID {
					want = digests[j][b]
				}
			}
			if digests[i][b] != want {
				return fmt.Errorf("bucket %d differs at %s: %x, want %x", b, n.Options.Name, digests[i][b], want)
			}
		}
	}
	return nil
}

// content returns the digests of the buckets that are not empty.
func content(s *store.Store) (digests map[keyspace.Bucket]store.Digest, err error) {
	digests = map[keyspace.Bucket]store.Digest{}
	err = s.View(func(v *store.View) error {
		last := keyspace.Bucket(keyspace.Buckets - 1).Last()
		for from := (keyspace.ID{}); ; {
			page, err := v.Keys(from, last, 256)
			if err != nil {
				return err
			}
			for _, e := range page {
				b := keyspace.BucketOf(e.ID)
				stats, err := v.Bucket(b)
				if err != nil {
					return err
				}
				digests[b] = stats.Digest
			}
			if len(page) < 256 {
				return nil
			}
			from = page[255].ID.AddPower(0)
		}
	})
	return digests, err
}

// misplaced compares a node's pointers with the nodes that run.
func (r *Ring) misplaced(s node.Status) error {
	before, after := s.Self, s.Self
	for _, n := range r.Nodes {
		p := n.Status().Self
		if keyspace.Between(s.Self.ID, p.ID, after.ID) {
			after = p
		}
		if keyspace.Between(before.ID, p.ID, s.Self.ID) {
			before = p
		}
	}
	v := s.View
	if len(r.Nodes) == 1 && v.Phase == ring.Member {
		return nil // it may keep a last pointer to who was there before
	}
	if v.Phase != ring.Member || len(v.Successors) == 0 || v.Successors[0].ID != after.ID || v.Predecessor.ID != before.ID {
		return fmt.Errorf("%s is %s after %s and before %v, want %s and %s",
			s.Self.Name, v.Phase, v.Predecessor.Addr, v.Successors, before.Addr, after.Addr)
	}
	return nil
}
