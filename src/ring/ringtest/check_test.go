package ringtest

import (
	"testing"
	"time"

	"chord/ring"
)

// puppet is a node that shows what it is told to show.
type puppet struct{ view ring.View }

func (p *puppet) Step(ring.Event)                   {}
func (p *puppet) Handle(ring.Request) ring.Response { return ring.Noted{} }
func (p *puppet) Ready() ring.Ready                 { return ring.Ready{Changed: true} }
func (p *puppet) View() ring.View                   { return p.view }

// stage is six nodes, named by their place on the circle, of which none is up.
type stage struct {
	s     *Sim
	order []int
}

func newStage() *stage {
	s := New(Options{Seed: 1, Nodes: 6, Length: 3, Check: true})
	s.checker.grow()
	return &stage{s, s.circle()}
}

// show has a node show a predecessor (negative: none) and a list. The cause is
// what it acted on.
func (g *stage) show(node, pred int, why cause, succ ...int) {
	i := g.order[node]
	n := g.s.nodes[i]
	n.up, n.life = true, 1
	v := ring.View{Self: n.self, Phase: ring.Member}
	if pred >= 0 {
		v.Predecessor = g.s.Peer(g.order[pred])
	}
	for _, x := range succ {
		v.Successors = append(v.Successors, g.s.Peer(g.order[x]))
	}
	n.machine = &puppet{v}
	g.s.drain(i, why)
}

// set puts the lists in place without a look, and looks then.
func (g *stage) set(lists map[int][]int) map[string]*Broken {
	g.s.checker.local = true
	for node := range 6 {
		if list := lists[node]; list != nil {
			for _, x := range list {
				g.s.checker.heard[g.order[node]][g.order[x]] = true
			}
			g.show(node, -1, cause{}, list...)
		}
	}
	g.s.checker.local = false
	g.s.checker.ring()
	return g.s.checker.broken
}

// The checker finds each fault that it looks for, and none in a right ring.
func TestCheckerFindsEachFault(t *testing.T) {
	for name, c := range map[string]struct {
		lists map[int][]int
		want  string
	}{
		"right":                  {map[int][]int{0: {1, 2, 3}, 1: {2, 3, 0}, 2: {3, 0, 1}, 3: {0, 1, 2}}, ""},
		"ring of one":            {map[int][]int{2: {2}}, ""},
		"appendage":              {map[int][]int{0: {2, 3}, 1: {2, 3, 0}, 2: {3, 0}, 3: {0, 2}}, ""},
		"dead successors":        {map[int][]int{0: {1, 2}, 1: {4, 5}, 2: {0, 1}}, "I1"},
		"no ring":                {map[int][]int{0: {1}, 1: {4}}, "I3"},
		"two rings":              {map[int][]int{0: {2}, 2: {0}, 1: {3}, 3: {1}}, "I4"},
		"ring in disorder":       {map[int][]int{0: {2}, 2: {1}, 1: {3}, 3: {0}}, "I5"},
		"lost appendage":         {map[int][]int{0: {1}, 1: {0}, 2: {5}}, "I6"},
		"list out of order":      {map[int][]int{0: {2, 1}, 1: {2, 0}, 2: {0, 1}}, "I7"},
		"repetition":             {map[int][]int{0: {1, 1}, 1: {0}}, "I7"},
		"itself in its list":     {map[int][]int{0: {1, 0}, 1: {0}}, "I7"},
		"too long":               {map[int][]int{0: {1, 2, 3, 4}, 1: {0}}, "I7"},
		"longer than the circle": {map[int][]int{0: {1, 2}, 1: {2, 0, 2}, 2: {0, 1}}, "I7"},
	} {
		broken := newStage().set(c.lists)
		if c.want == "" && len(broken) > 0 || c.want != "" && broken[c.want] == nil {
			t.Errorf("%s: found %v, want %q", name, broken, c.want)
		}
	}
}

func TestCheckerFindsALostPrincipal(t *testing.T) {
	g := newStage()
	g.set(map[int][]int{0: {1, 2, 3}, 1: {2, 3, 0}, 2: {3, 0, 1}, 3: {0, 1, 2}})
	g.show(0, -1, cause{}, 2, 3) // skips 1
	if g.s.checker.broken["I2"] == nil {
		t.Errorf("found %v, want I2", g.s.checker.broken)
	}
}

func TestCheckerFindsWhatNoNodeKnows(t *testing.T) {
	right := map[int][]int{0: {1, 2, 3}, 1: {2, 3, 0}, 2: {3, 0, 1}, 3: {0, 1, 2}}
	for name, c := range map[string]struct {
		act  func(*stage)
		want string
	}{
		"predecessor by hearsay": {func(g *stage) { g.show(0, 4, cause{}, 1, 2, 3) }, "I9"},
		"head by hearsay":        {func(g *stage) { g.show(3, -1, cause{}, 4, 0, 1) }, "I9"},
		"notified":               {func(g *stage) { g.show(0, 3, cause{notified: 1 + g.order[3]}, 1, 2, 3) }, ""},
		"next in the list":       {func(g *stage) { g.s.stop(g.order[1], 0); g.show(0, -1, cause{}, 2, 3) }, ""},
		"dead predecessor": {func(g *stage) {
			g.s.checker.heard[g.order[0]][g.order[3]] = true
			g.s.stop(g.order[3], 0)
			g.s.now = time.Second
			g.show(0, 3, cause{}, 1, 2)
		}, "I8"},
		"died after it notified": {func(g *stage) {
			g.s.now = time.Second
			g.s.stop(g.order[3], 0)
			g.show(0, 3, cause{notified: 1 + g.order[3], sent: time.Second / 2}, 1, 2, 3)
		}, ""},
	} {
		g := newStage()
		g.set(right)
		c.act(g)
		broken := g.s.checker.broken
		if c.want == "" && (broken["I8"] != nil || broken["I9"] != nil) || c.want != "" && broken[c.want] == nil {
			t.Errorf("%s: found %v, want %q", name, broken, c.want)
		}
	}
}
