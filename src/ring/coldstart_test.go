package ring

import (
	"fmt"
	"slices"
	"testing"

	"chord/keyspace"
	"pgregory.net/rapid"
)

func coldPeer(n int) Peer {
	return Peer{ID: keyspace.ID{byte(n)}, Addr: fmt.Sprintf("n%d:1", n)}
}

// coldNode is one node of a cold start: it is in a ring or asks.
type coldNode struct {
	cold   *ColdStart
	self   Peer
	inRing bool
}

// coldRound gives every node outside one tick; reach says who hears whom. It
// returns who resumed a ring.
func coldRound(nodes []*coldNode, reach func(a, b int) bool) (created []int) {
	index := map[Peer]int{}
	for i, n := range nodes {
		index[n.self] = i
	}
	for i, n := range nodes {
		if n.inRing {
			continue
		}
		ask, do := n.cold.Tick()
		switch do := do.(type) {
		case Create:
			n.inRing = true
			created = append(created, i)
		case Join:
			for _, p := range do.Contacts {
				n.inRing = n.inRing || nodes[index[p]].inRing && reach(i, index[p])
			}
		}
		for _, p := range ask {
			if j, ok := index[p]; ok && reach(i, j) {
				n.cold.Answered(p, Route{Pending: !nodes[j].inRing})
			}
		}
	}
	return created
}

func coldNodes(n int) []*coldNode {
	var all []Peer
	for i := range n {
		all = append(all, coldPeer(i+1))
	}
	var nodes []*coldNode
	for _, p := range all {
		nodes = append(nodes, &coldNode{cold: NewColdStart(p, all, 0), self: p})
	}
	return nodes
}

func everybody(int, int) bool { return true }

// Everybody is there and heard from everybody: there is nobody to wait for.
func TestColdStartOfAllResumesOnce(t *testing.T) {
	nodes := coldNodes(9)
	for round := range coldSweep + 12 {
		for _, i := range coldRound(nodes, everybody) {
			if i != 0 || round > coldSweep {
				t.Fatalf("node %d resumed in round %d, want the smallest as soon as all were asked", i, round)
			}
		}
	}
	for i, n := range nodes {
		if !n.inRing {
			t.Errorf("node %d is still outside", i)
		}
	}
}

// The others wait for who is smaller, and everybody waits while one that they
// remember is out of reach: it may be in a ring.
func TestColdStartWaitsForTheSilent(t *testing.T) {
	nodes := coldNodes(4)
	silent := func(a, b int) bool { return a != 3 && b != 3 }
	for round := range ColdPatience + 12 {
		for _, i := range coldRound(nodes[:3], silent) {
			if i != 0 || round != ColdPatience-1 {
				t.Fatalf("node %d resumed in round %d, want the smallest in round %d", i, round, ColdPatience-1)
			}
		}
	}
	for i, n := range nodes[:3] {
		if !n.inRing {
			t.Errorf("node %d is still outside", i)
		}
	}
}

func TestColdStartJoinsARingThatLives(t *testing.T) {
	nodes := coldNodes(5)
	nodes[3].inRing = true
	for round := range 8 {
		if created := coldRound(nodes, everybody); created != nil {
			t.Fatalf("round %d: %v made a second ring", round, created)
		}
	}
	for i, n := range nodes {
		if !n.inRing {
			t.Errorf("node %d is still outside", i)
		}
	}
}

// The smallest is reachable but never resumes, as one whose database is new.
func TestColdStartGoesOnWithoutTheSmallest(t *testing.T) {
	nodes := coldNodes(4)
	nodes[0].cold = NewColdStart(coldPeer(200), nil, 1<<30)
	for range 2*ColdPatience + 12 {
		coldRound(nodes, everybody)
	}
	for i, n := range nodes[1:] {
		if !n.inRing {
			t.Errorf("node %d waits for ever", i+1)
		}
	}
}

func TestColdStartAloneResumes(t *testing.T) {
	c := NewColdStart(coldPeer(1), nil, 3)
	for tick := range 3 {
		ask, do := c.Tick()
		if len(ask) != 0 || (do == Create{}) != (tick == 2) {
			t.Fatalf("tick %d: asks %v, does %v", tick, ask, do)
		}
	}
}

// Whatever the order of boots, and whoever hears whom: everybody ends up in a
// ring. It is one for each side of a partition, unless nodes boot after another
// has lost its patience: such a ring may be met only later.
func TestColdStartInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		nodes := coldNodes(n)
		latest := rapid.SampledFrom([]int{ColdPatience - 2*coldSweep, 3 * ColdPatience}).Draw(t, "latest boot")
		side := rapid.SliceOfN(rapid.IntRange(0, 1), n, n).Draw(t, "side")
		boot := rapid.SliceOfN(rapid.IntRange(0, latest), n, n).Draw(t, "boot")
		var resumed [2]int
		for round := range (n + 4) * ColdPatience {
			var up []*coldNode
			var of []int
			for i := range nodes {
				if boot[i] <= round {
					up, of = append(up, nodes[i]), append(of, i)
				}
			}
			for _, i := range coldRound(up, func(a, b int) bool { return side[of[a]] == side[of[b]] }) {
				resumed[side[of[i]]]++
			}
		}
		for i, node := range nodes {
			if !node.inRing {
				t.Fatalf("node %d is outside for ever", i)
			}
		}
		together := slices.Max(boot)-slices.Min(boot) <= ColdPatience-2*coldSweep
		if together && (resumed[0] > 1 || resumed[1] > 1) {
			t.Fatalf("rings resumed on the two sides: %v, want at most one each", resumed)
		}
	})
}
