package node_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// heard is a meter that counts.
type heard struct {
	mu     sync.Mutex
	counts map[node.Role]int
	failed int
	took   time.Duration // of what clients asked
}

func (h *heard) Done(role node.Role, _ node.OpKind, took time.Duration, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[role]++
	if err != nil {
		h.failed++
	}
	if role == node.Asked {
		h.took += took
	}
}

// Inserts at one key through all nodes of four are heard of where clients asked,
// are coordinated by one node, and are written by two more.
func TestMeterHearsEachRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 0)
		var meters []*heard
		r.Adjust = func(c *node.Config) {
			meters = append(meters, &heard{counts: map[node.Role]int{}})
			c.Meter = meters[len(meters)-1]
		}
		for range 4 {
			r.AwaitReady(r.Add())
		}
		r.AwaitWhole()
		for _, n := range r.Nodes {
			if err := n.Insert(t.Context(), []byte("key"), []byte("value")); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second) // the last copy, in virtual time
		sum := map[node.Role]int{}
		for i, m := range meters {
			for role, n := range m.counts {
				sum[role] += n
			}
			if m.counts[node.Asked] != 1 || m.took <= 0 || m.failed != 0 {
				t.Errorf("node %d: %+v", i, m)
			}
		}
		for role, want := range map[node.Role]int{node.Asked: 4, node.Forwarded: 3, node.Coordinated: 4, node.Written: 8} {
			if sum[role] != want {
				t.Errorf("%s: %d, not %d", role, sum[role], want)
			}
		}
		rests(t, r.Nodes[3])
	})
}

// rests checks what a node is busy with in a ring at rest, and what it says of what
// it hands over when it leaves.
func rests(t *testing.T, n *nodetest.Node) {
	t.Helper()
	a := n.Activity()
	if since := time.Since(a.Stabilised); since > 5*time.Second || a.Owed != 0 || a.Writes != 0 || a.WriteBytes != 0 {
		t.Errorf("at rest: %+v, %v since it stabilised", a, since)
	}
	held := n.Status().Buckets.Held
	if err := n.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := n.Activity().Released - a.Released; got != uint64(held) {
		t.Errorf("%d buckets handed over, of %d", got, held)
	}
}
