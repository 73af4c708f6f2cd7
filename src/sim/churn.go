package sim

import (
	"context"
	"fmt"
	"time"

	"chord/ring/ringtest"
)

// Churn is lookups while nodes join and fail all the time.
type Churn struct {
	Nodes  int           `json:"nodes"`
	Hours  float64       `json:"hours"` // virtual time of the lookups
	Points []*ChurnPoint `json:"points"`
}

// ChurnPoint is a rate of joins, and of failures, a second.
type ChurnPoint struct {
	Rate    float64 `json:"rate"`
	Lookups Lookups `json:"lookups"`
	// Paper is ToN 2003, Table III, which is quoted from memory.
	Paper *Printed `json:"paper,omitempty"`
}

// stabilise is the period of the paper, 15 to 45 s, on average.
const stabilise = 30 * time.Second

// churnRates are in hundredths of joins, and of failures, a second.
var churnRates = []int{5, 10, 15, 20, 25, 30, 35, 40}

func (c *Churn) jobs(o Options) (all []job) {
	c.Nodes = o.papersRing()
	periods := o.some(120, 10)
	c.Hours = (time.Duration(periods) * stabilise).Hours()
	c.Points = make([]*ChurnPoint, len(churnRates))
	for i, rate := range churnRates {
		all = append(all, job{cost: 100*c.Nodes + rate, work: func(ctx context.Context) func() {
			point := churnPoint(ctx, o, rate, periods)
			if ctx.Err() != nil {
				return nil
			}
			return func() { c.Points[i] = point }
		}})
	}
	return all
}

func (c *Churn) finish() { c.Points = compact(c.Points) }

// churnPoint lets the ring come to its usual disorder, and then looks up at even
// times. A smaller ring than the paper's has as much churn a node.
func churnPoint(ctx context.Context, o Options, rate, periods int) *ChurnPoint {
	p := &ChurnPoint{Rate: float64(rate) / 100, Paper: printed(tableIII, rate)}
	s := ringtest.Ideal(ringtest.Options{
		Seed: o.seed(NameChurn, rate), Nodes: o.papersRing(), Length: paperList, Fingers: true, Period: stabilise,
	})
	s.Churn(p.Rate * float64(o.papersRing()) / 1000)
	rounds(ctx, s, periods/6)
	var t tally
	gap := time.Duration(periods) * stabilise / time.Duration(o.Lookups)
	var again func()
	again = func() {
		t.lookup(s)
		if t.Count < o.Lookups {
			s.After(gap, again)
		}
	}
	s.After(gap, again)
	rounds(ctx, s, periods)
	p.Lookups = t.result()
	return p
}

func (c *Churn) tables() []Table {
	t := Table{
		Title: fmt.Sprintf("churn: lookups while nodes join and fail, %d nodes, lists of %d, stabilise every 30 s, %.0f minutes; mean (1st, 99th percentile)",
			c.Nodes, paperList, 60*c.Hours),
		Columns: []string{"rate", "path", "paper", "timeouts", "paper", "failed in 10,000", "paper", "of these: to nobody", "joiner unnoticed"},
		Notes: []string{"Rate: joins, and failures, a second in 1,000 nodes. The paper: ToN 2003, Table III, " + fromMemory + ".",
			"Joiner unnoticed: a node had started to join, but the one that held its place had not heard of it yet."},
	}
	for _, p := range c.Points {
		l, in := p.Lookups, func(n int) string { return num(10_000*float64(n)/float64(max(p.Lookups.Count, 1)), 1) }
		t.Rows = append(t.Rows, []string{num(p.Rate, 2), spread(l.Path, 2), num(p.Paper.Path, 2), spread(l.Timeouts, 2), num(p.Paper.Timeouts, 2),
			in(l.Failed), num(p.Paper.Failed, 0), in(l.Nobody), in(l.Unnoticed)})
	}
	return []Table{t}
}
