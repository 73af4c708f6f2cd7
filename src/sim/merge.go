package sim

import (
	"context"
	"fmt"

	"chord/ring/ringtest"
)

// Merge is how many periods two rings take to become one.
type Merge struct {
	Points []*MergePoint `json:"points"`
}

// MergePoint is two rings, interleaved on the circle, of so many nodes each.
type MergePoint struct {
	Nodes int    `json:"nodes"` // of each ring
	Knows string `json:"knows"` // what nodes remember of the others
	// Rounds is how many periods it took until every node had its true neighbours,
	// Lists until all successor lists were exact; negative where it did not come
	// to that in Limit.
	Rounds int `json:"rounds"`
	Lists  int `json:"rounds_to_exact_lists"`
	Limit  int `json:"limit"`
	// Questions are those of the ring, a node, until the lists were exact.
	Questions float64 `json:"questions"`
}

// What nodes may know of the other ring.
const (
	knowsAll    = "all members"
	knowsTables = "tables, after a partition"
	knowsNobody = "nothing"
)

func (m *Merge) jobs(o Options) (all []job) {
	type point struct {
		nodes int
		knows string
	}
	var points []point
	for n := 16; n <= o.some(2048, 64); n *= 4 {
		points = append(points, point{n, knowsAll})
	}
	for n := 8; n <= o.some(32, 8); n *= 2 {
		points = append(points, point{n, knowsTables})
	}
	points = append(points, point{o.some(256, 16), knowsNobody})
	m.Points = make([]*MergePoint, len(points))
	for i, x := range points {
		all = append(all, job{cost: x.nodes, work: func(ctx context.Context) func() {
			p := &MergePoint{Nodes: x.nodes, Knows: x.knows}
			p.run(ctx, o.seed(NameMerge, i))
			if ctx.Err() != nil {
				return nil
			}
			return func() { m.Points[i] = p }
		}})
	}
	return all
}

func (m *Merge) finish() { m.Points = compact(m.Points) }

func (p *MergePoint) run(ctx context.Context, seed uint64) {
	p.Limit = 200
	opts := ringtest.Options{Seed: seed, Nodes: 2 * p.Nodes, Rings: 2, Memory: ringtest.Everybody}
	opts.NoCandidates = p.Knows == knowsNobody
	if p.Knows == knowsTables {
		opts.Memory, opts.Rings = ringtest.Tables, 1
	}
	s := ringtest.Ideal(opts)
	if p.Knows == knowsTables {
		apart(ctx, s)
	}
	before := s.Questions()
	p.Rounds = p.until(ctx, s, func() bool { return exact(s, 0) })
	p.Lists = -1
	if p.Rounds >= 0 {
		if p.Lists = p.until(ctx, s, func() bool { return s.AtRest() == nil }); p.Lists >= 0 {
			p.Lists += p.Rounds
		}
	}
	p.Questions = float64(s.Questions()-before) / float64(s.Len())
}

// until returns after how many periods something holds; -1 where it does not
// come to that.
func (p *MergePoint) until(ctx context.Context, s *ringtest.Sim, holds func() bool) int {
	for n := range p.Limit {
		if ctx.Err() != nil {
			break
		}
		if holds() {
			return n
		}
		rounds(ctx, s, 1)
	}
	return -1
}

// apart splits the ring in two that interleave, waits until each side has
// closed to a ring of its own, and ends the partition.
func apart(ctx context.Context, s *ringtest.Sim) {
	side := make([]int, s.Len())
	for at, i := range s.Alive() {
		side[i] = at % 2
	}
	s.Partition(func(i int) int { return side[i] })
	for n := 0; n < 300 && !exact(s, 1) && ctx.Err() == nil; n++ {
		rounds(ctx, s, 1)
	}
	s.Heal()
}

// exact reports whether every node has its true neighbours, or those that come
// after skipping some.
func exact(s *ringtest.Sim, skip int) bool {
	alive := s.Alive()
	for at, i := range alive {
		v, next := s.View(i), alive[(at+1+skip)%len(alive)]
		if len(v.Successors) == 0 || v.Successors[0] != s.Peer(next) || s.View(next).Predecessor != s.Peer(i) {
			return false
		}
	}
	return true
}

func (m *Merge) tables() []Table {
	t := Table{
		Title:   "merge: periods until two rings, interleaved on the circle, are one",
		Columns: []string{"nodes of each", "a node knows", "true neighbours", "exact lists", "questions a node"},
		Notes: []string{"The papers have no figure: their rings never merge, as the last line shows. A node asks the closest member",
			"that it knows between itself and its successor. Tables are gossiped, and each node's own."},
	}
	for _, p := range m.Points {
		t.Rows = append(t.Rows, []string{num(float64(p.Nodes), 0), p.Knows, p.inTime(p.Rounds), p.inTime(p.Lists), num(p.Questions, 1)})
	}
	return []Table{t}
}

func (p *MergePoint) inTime(rounds int) string {
	if rounds < 0 {
		return fmt.Sprintf("not in %d", p.Limit)
	}
	return num(float64(rounds), 0)
}
