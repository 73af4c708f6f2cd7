package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (p *Path) charts() []drawing {
	d := drawing{name: "path", title: "Path length, fingers alone and with more (SIGCOMM 2001, Fig. 10a)",
		across: "nodes", up: "nodes asked, mean of the lookups"}
	for _, x := range p.Points {
		d.places = append(d.places, strconv.Itoa(x.Nodes))
	}
	plot(&d, "fingers", p.Points, func(x *PathPoint) *float64 { return &x.Fingers.Mean })
	plot(&d, "paper: ½ log2 N", p.Points, func(x *PathPoint) *float64 { return &x.Paper })
	plot(&d, "list of 16", p.Points, func(x *PathPoint) *float64 { return &x.List.Mean })
	plot(&d, "table", p.Points, func(x *PathPoint) *float64 { return &x.Table })
	plot(&d, "1st % (fingers)", p.Points, func(x *PathPoint) *float64 { return &x.Fingers.P1 })
	plot(&d, "99th % (fingers)", p.Points, func(x *PathPoint) *float64 { return &x.Fingers.P99 })
	shares := drawing{name: "path-distribution", bars: true, across: "nodes asked", up: "share of the lookups, %",
		title: fmt.Sprintf("Path lengths in a ring of %d nodes (SIGCOMM 2001, Fig. 10b)", p.DistributionNodes)}
	for hops := range p.Shares {
		shares.places = append(shares.places, strconv.Itoa(hops))
	}
	plot(&shares, "fingers alone", p.Shares, func(share float64) *float64 { return hundred(share) })
	return []drawing{d, shares}
}

func hundred(share float64) *float64 {
	share *= 100
	return &share
}

func (k *Keys) charts() []drawing {
	d := drawing{name: "keys", title: fmt.Sprintf("Keys of a node, %d nodes (SIGCOMM 2001, Fig. 8a)", k.Nodes),
		across: "keys in the ring", up: "keys of a node"}
	one, best := k.of(schemeVirtual+"1"), k.of(schemeBest)
	for _, p := range one {
		d.places = append(d.places, strconv.Itoa(p.Keys))
	}
	mean := func(p *KeysPoint) *float64 { return &p.Mean }
	high := func(p *KeysPoint) *float64 { return new(p.P99 * p.Mean) }
	low := func(p *KeysPoint) *float64 { return new(p.P1 * p.Mean) }
	plot(&d, "99th %, one each", one, high)
	plot(&d, "mean", one, mean)
	plot(&d, "1st %, one each", one, low)
	plot(&d, "99th %, best of 16", best, high)
	plot(&d, "1st %, best of 16", best, low)
	return []drawing{d, k.identifiers()}
}

// of returns the points of a scheme.
func (k *Keys) of(scheme string) []*KeysPoint {
	return slices.DeleteFunc(slices.Clone(k.Points), func(p *KeysPoint) bool { return p.Scheme != scheme })
}

// identifiers draws the lines of the last number of keys.
func (k *Keys) identifiers() drawing {
	d := drawing{name: "keys-identifiers", bars: true, title: fmt.Sprintf("Keys of a node by its identifiers, %d nodes (SIGCOMM 2001, Fig. 9)", k.Nodes),
		across: "identifiers of a node", up: "keys over the mean"}
	last := slices.DeleteFunc(slices.Clone(k.Points), func(p *KeysPoint) bool { return p.Keys != k.Points[len(k.Points)-1].Keys })
	if len(last) == 0 {
		return d
	}
	one := []*KeysPoint{last[0]} // and then the other virtual ones, and what is ours
	last = append(append(one, last[3:]...), last[1:3]...)
	for _, p := range last {
		d.places = append(d.places, strings.TrimPrefix(p.Scheme, schemeVirtual))
	}
	plot(&d, "1st %", last, func(p *KeysPoint) *float64 { return &p.P1 })
	plot(&d, "99th %", last, func(p *KeysPoint) *float64 { return &p.P99 })
	plot(&d, "max", last, func(p *KeysPoint) *float64 { return &p.Max })
	plot(&d, "paper: 99th %", last, func(p *KeysPoint) *float64 {
		if l, ok := loads[p.Scheme]; ok {
			return &l.p99
		}
		return nil
	})
	return d
}

func (f *Failures) charts() []drawing {
	d := drawing{name: "failures", title: fmt.Sprintf("Lookups after nodes failed, %d nodes (paper: ToN 2003, Table II, from memory)", f.Nodes),
		across: "nodes that failed, %", up: "per lookup, mean"}
	lost := drawing{name: "failures-keys", title: fmt.Sprintf("Keys lost, %d nodes (SIGCOMM 2001, Fig. 11)", f.LostNodes),
		across: "nodes that failed, %", up: "keys lost, %"}
	// The places are even: without the point of 5 %, which the paper lacks as well.
	points := slices.DeleteFunc(slices.Clone(f.Points), func(p *FailuresPoint) bool { return p.Paper == nil })
	gone := slices.DeleteFunc(slices.Clone(f.Lost), func(p *LostPoint) bool { return printed(tableII, int(100*p.Share+0.5)) == nil })
	for _, p := range points {
		d.places = append(d.places, num(100*p.Share, 0))
	}
	for _, p := range gone {
		lost.places = append(lost.places, num(100*p.Share, 0))
	}
	plot(&d, "path", points, func(p *FailuresPoint) *float64 { return &p.Before.Path.Mean })
	plot(&d, "paper: path", points, func(p *FailuresPoint) *float64 { return &p.Paper.Path })
	plot(&d, "timeouts", points, func(p *FailuresPoint) *float64 { return &p.Before.Timeouts.Mean })
	plot(&d, "paper: timeouts", points, func(p *FailuresPoint) *float64 { return &p.Paper.Timeouts })
	plot(&d, "path, repaired", points, func(p *FailuresPoint) *float64 { return &p.Repaired.Path.Mean })
	plot(&lost, "one copy", gone, func(p *LostPoint) *float64 { return hundred(p.One) })
	plot(&lost, "paper: the share that failed", gone, func(p *LostPoint) *float64 { return hundred(p.Share) })
	plot(&lost, "three copies", gone, func(p *LostPoint) *float64 { return hundred(p.Three) })
	return []drawing{d, lost}
}

func (c *Churn) charts() []drawing {
	failed := drawing{name: "churn-failed", title: fmt.Sprintf("Failed lookups under churn, %d nodes (paper: ToN 2003, Table III, from memory)", c.Nodes),
		across: "joins, and failures, a second", up: "failed lookups in 10,000"}
	d := drawing{name: "churn", title: fmt.Sprintf("Lookups under churn, %d nodes (paper: ToN 2003, Table III, from memory)", c.Nodes),
		across: failed.across, up: "per lookup, mean"}
	for _, p := range c.Points {
		d.places = append(d.places, num(p.Rate, 2))
	}
	failed.places = d.places
	in := func(n int, l Lookups) *float64 { return new(10_000 * float64(n) / float64(max(l.Count, 1))) }
	plot(&failed, "all", c.Points, func(p *ChurnPoint) *float64 { return in(p.Lookups.Failed, p.Lookups) })
	plot(&failed, "paper", c.Points, func(p *ChurnPoint) *float64 { return &p.Paper.Failed })
	plot(&failed, "without joiners unnoticed", c.Points, func(p *ChurnPoint) *float64 {
		return in(p.Lookups.Failed-p.Lookups.Unnoticed, p.Lookups)
	})
	plot(&d, "path", c.Points, func(p *ChurnPoint) *float64 { return &p.Lookups.Path.Mean })
	plot(&d, "paper: path", c.Points, func(p *ChurnPoint) *float64 { return &p.Paper.Path })
	plot(&d, "timeouts", c.Points, func(p *ChurnPoint) *float64 { return &p.Lookups.Timeouts.Mean })
	plot(&d, "paper: timeouts", c.Points, func(p *ChurnPoint) *float64 { return &p.Paper.Timeouts })
	return []drawing{d, failed}
}

func (m *Merge) charts() []drawing {
	d := drawing{name: "merge", bars: true, title: "Periods until two rings are one", across: "nodes of each ring", up: "periods"}
	var points []*MergePoint
	for _, p := range m.Points {
		if p.Rounds < 0 || p.Lists < 0 {
			continue
		}
		place := strconv.Itoa(p.Nodes)
		if p.Knows == knowsTables {
			place += ", own tables"
		}
		points, d.places = append(points, p), append(d.places, place)
	}
	plot(&d, "true neighbours", points, func(p *MergePoint) *float64 { return new(float64(p.Rounds)) })
	plot(&d, "exact lists", points, func(p *MergePoint) *float64 { return new(float64(p.Lists)) })
	return []drawing{d}
}
