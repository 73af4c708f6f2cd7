package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// torment is clients of a stable group over a network that delays and loses.
type torment struct {
	nodetest.History
	mu  sync.Mutex
	rng *rand.Rand
}

func (m *torment) draw(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rng.IntN(n)
}

// spy delays each write and read by up to 20 ms a way, and loses some.
func (m *torment) spy(c nodetest.Call) error {
	time.Sleep(time.Duration(m.draw(20)) * time.Millisecond)
	if (c.Name == "write" || c.Name == "read") && m.draw(20) == 0 {
		if c.Before {
			return &node.Error{Kind: node.Unavailable, Text: "lost"}
		}
		return &node.Error{Kind: node.Unknown, Text: "lost"}
	}
	return nil
}

func (m *torment) step(ctx context.Context, n *nodetest.Node, value string) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(100+m.draw(400))*time.Millisecond)
	defer cancel()
	set, register := fmt.Sprint("set ", m.draw(3)), fmt.Sprint("register ", m.draw(4))
	switch m.draw(10) {
	case 0, 1:
		m.Put(ctx, n, register, value)
	case 2, 3, 4:
		m.Get(ctx, n, register)
	case 5:
		m.Delete(ctx, n, register)
	case 6:
		m.Insert(ctx, n, set, fmt.Sprint(m.draw(3)))
	case 7:
		m.Remove(ctx, n, set, fmt.Sprint(m.draw(3)))
	default:
		m.Retrieve(ctx, n, set)
	}
}

// nemesis cuts a link, one way or both, or restarts a node, now and then.
func (m *torment) nemesis(r *nodetest.Ring, until time.Time) {
	for time.Now().Before(until) {
		a, b := r.Nodes[m.draw(len(r.Nodes))], r.Nodes[m.draw(len(r.Nodes))]
		for _, cut := range []bool{true, false} {
			r.Net.Cut(a.Options.Addr, b.Options.Addr, cut)
			if m.draw(2) == 0 || !cut {
				r.Net.Cut(b.Options.Addr, a.Options.Addr, cut)
			}
			time.Sleep(time.Duration(m.draw(3000)) * time.Millisecond)
		}
	}
}

// In a group that stays as it is, sets and registers are linearizable, whatever
// is late or lost and whoever is cut off or crashes: as if there were one copy.
func TestLinearizable(t *testing.T) {
	seeds := torments
	if *all {
		seeds = 40
	}
	for _, size := range []int{3, large} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%d nodes, seed %d", size, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { runTorment(t, size, uint64(seed)) })
			})
		}
	}
}

func runTorment(t *testing.T, size int, seed uint64) {
	r := nodetest.Whole(t, size)
	m := &torment{rng: rand.New(rand.NewPCG(seed, uint64(size)))}
	r.Net.Watch(m.spy)
	until := time.Now().Add(15 * time.Second)
	var clients sync.WaitGroup
	victim := int(seed) % size
	nodes := append([]*nodetest.Node(nil), r.Nodes...)
	var mu sync.Mutex // of nodes
	pick := func() *nodetest.Node {
		mu.Lock()
		defer mu.Unlock()
		return nodes[m.draw(size)]
	}
	for c := range 5 {
		clients.Go(func() {
			for i := 0; time.Now().Before(until); i++ {
				m.step(t.Context(), pick(), fmt.Sprintf("%d of %d", i, c))
				time.Sleep(time.Duration(m.draw(60)) * time.Millisecond)
			}
		})
	}
	if seed%2 == 0 {
		m.nemesis(r, until)
	} else {
		time.Sleep(3 * time.Second)
		n := r.Restart(nodes[victim])
		mu.Lock()
		nodes[victim] = n
		mu.Unlock()
	}
	clients.Wait()
	t.Logf("%d operations, errors %v", m.Len(), m.Errors())
	if m.Len() < 100 {
		t.Errorf("only %d operations had an outcome", m.Len())
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
}
