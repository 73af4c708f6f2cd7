package sim

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/ring/ringtest"
)

// listLength is L, the length of successor lists in a server.
const listLength = 16

// stale is the share of members that a table of [PathPoint] has not heard of.
const stale = 0.02

// Path is how many nodes a lookup asks, by the size of the ring.
type Path struct {
	Points []*PathPoint `json:"points"`
	// Shares says, for the ring of DistributionNodes, what share of the lookups
	// with fingers alone asked 0, 1, 2 … nodes.
	DistributionNodes int       `json:"distribution_nodes"`
	Shares            []float64 `json:"distribution"`
}

// PathPoint is a ring of 2^Bits nodes. Paths are the nodes that answered, up to
// the one before the target, which names the owner.
type PathPoint struct {
	Bits  int     `json:"bits"`
	Nodes int     `json:"nodes"`
	Paper float64 `json:"paper"` // half of log2 N
	// Fingers: each node has its successor and its fingers, nothing else.
	Fingers Summary `json:"fingers"`
	Ratio   float64 `json:"over_paper"`
	// Contact counts the owner as well; Check is what an earlier simulation found.
	Contact float64  `json:"final_contact"`
	Check   *float64 `json:"final_contact_check,omitempty"`
	// List: successor lists of 16 as well.
	List Summary `json:"with_list"`
	// Table: the lists, and every node knows all members; Stale: but for 2 %.
	Table float64 `json:"with_table"`
	Stale float64 `json:"with_stale_table"`
	// Failed lookups, in all four ways together.
	Failed int `json:"failed"`

	shares []float64
}

const leastBits, mostDistributed = 4, 12

func (p *Path) jobs(o Options) (all []job) {
	top := int(math.Ceil(math.Log2(float64(o.Nodes))))
	p.Points = make([]*PathPoint, top-leastBits+1)
	for i := range p.Points {
		bits := leastBits + i
		all = append(all, job{cost: 1 << bits, work: func(ctx context.Context) func() {
			point := pathPoint(ctx, o, bits)
			if ctx.Err() != nil {
				return nil
			}
			return func() { p.Points[i] = point }
		}})
	}
	return all
}

func (p *Path) finish() {
	p.Points = compact(p.Points)
	for _, point := range p.Points {
		if point.Bits <= mostDistributed {
			p.DistributionNodes, p.Shares = point.Nodes, point.shares
		}
	}
}

func pathPoint(ctx context.Context, o Options, bits int) *PathPoint {
	p := &PathPoint{Bits: bits, Nodes: 1 << bits, Paper: float64(bits) / 2}
	if check, ok := finalContact[bits]; ok {
		p.Check = &check
	}
	opts := ringtest.Options{Seed: o.seed(NamePath, bits), Nodes: p.Nodes, Length: 1, Fingers: true}
	p.fingersAlone(ctx, ringtest.Ideal(opts), o.Lookups)
	opts.Length = listLength
	s := ringtest.Ideal(opts)
	l := lookUp(ctx, s, o.Lookups)
	p.List, p.Failed = l.Path, p.Failed+l.Failed
	rng := o.rand(NamePath, bits)
	p.Table = p.tables(ctx, s, o.Lookups, 0, rng)
	p.Stale = p.tables(ctx, s, o.Lookups, stale, rng)
	return p
}

func (p *PathPoint) fingersAlone(ctx context.Context, s *ringtest.Sim, n int) {
	paths := make([]float64, 0, n)
	for i := 0; i < n && ctx.Err() == nil; i++ {
		from := s.Random()
		l := s.Lookup(from, s.RandomID())
		paths = append(paths, float64(l.Hops))
		p.Contact += float64(l.Hops) / float64(n)
		if l.Owner != from {
			p.Contact += 1 / float64(n)
		}
		if !l.OK {
			p.Failed++
		}
	}
	p.Fingers = summarise(paths)
	p.Ratio = p.Fingers.Mean / p.Paper
	p.shares = make([]float64, int(p.Fingers.Max)+1)
	for _, hops := range paths {
		p.shares[int(hops)] += 1 / float64(len(paths))
	}
}

// tables returns the mean path of lookups that ask first whom a table of all
// members, but for a share, names before the target, as a server does.
func (p *PathPoint) tables(ctx context.Context, s *ringtest.Sim, n int, unknown float64, rng *rand.Rand) (mean float64) {
	rings := map[keyspace.ID]*ring.Ring{}
	var all, met []member.Member
	for i := range s.Len() {
		v := s.View(i)
		rings[v.Self.ID] = ring.FromView(ring.Config{Self: v.Self, Length: listLength}, v)
		m := member.Member{ID: v.Self.ID, Addr: v.Self.Addr, Serving: true}
		if all = append(all, m); rng.Float64() >= unknown {
			met = append(met, m)
		}
	}
	truth, table := replica.NewPlacement(all, replica.Default), replica.NewPlacement(met, replica.Default)
	for i := 0; i < n && ctx.Err() == nil; i++ {
		self, target := s.View(rng.IntN(s.Len())).Self, s.RandomID()
		owner, asked := byTable(rings, self, table, target)
		mean += float64(asked) / float64(n)
		if right, _ := truth.Successor(target); right != owner {
			p.Failed++
		}
	}
	return mean
}

func byTable(rings map[keyspace.ID]*ring.Ring, self ring.Peer, table replica.Placement, target keyspace.ID) (owner keyspace.ID, asked int) {
	local := rings[self.ID].Route(target)
	if local.Found {
		return local.Hops[0].ID, 0
	}
	first := local.Hops
	if before, ok := table.Predecessor(target); ok && before != self.ID {
		first = append([]ring.Peer{{ID: before}}, first...)
	}
	search := ring.NewSearch(target, first)
	for p, ok := search.Next(); ok; p, ok = search.Next() {
		asked++
		search.Answer(p, rings[p.ID].Route(target))
	}
	found, _, _ := search.Result()
	return found.ID, asked
}

func (p *Path) tables() []Table {
	t := Table{
		Title: "path: nodes that a lookup asks, mean (1st, 99th percentile)",
		Columns: []string{"nodes", "½ log2 N", "fingers alone", "over ½ log2 N", "with the owner", "earlier check",
			"list of 16", "table", "2 % unknown", "failed"},
		Notes: []string{
			"The paper (SIGCOMM 2001, Fig. 10) finds ½ log2 N. Asked are the nodes up to the one before the",
			"key, which names the owner; \"with the owner\" counts it too, as does the earlier check (a simulation",
			"of its own code). Table: the asker knows all members; 2 % unknown: but for one in fifty.",
		},
	}
	for _, x := range p.Points {
		t.Rows = append(t.Rows, []string{num(float64(x.Nodes), 0), num(x.Paper, 1), spread(x.Fingers, 2), num(x.Ratio, 3),
			num(x.Contact, 2), known(x.Check, 2), spread(x.List, 2), num(x.Table, 2), num(x.Stale, 2), num(float64(x.Failed), 0)})
	}
	d := Table{
		Title:   fmt.Sprintf("path: share of lookups by nodes asked, fingers alone, %d nodes (Fig. 10b has 4,096)", p.DistributionNodes),
		Columns: []string{"asked", "share"},
	}
	for hops, share := range p.Shares {
		d.Rows = append(d.Rows, []string{num(float64(hops), 0), num(100*share, 1) + " %"})
	}
	return []Table{t, d}
}
