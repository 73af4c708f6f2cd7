package sim

import (
	"context"
	"fmt"

	"chord/ring/ringtest"
)

// paperList is the length of the successor lists in the papers' experiments.
const paperList = 20

// Failures is lookups and keys after a share of the nodes failed at the same
// moment.
type Failures struct {
	Nodes  int              `json:"nodes"`
	Points []*FailuresPoint `json:"points"`
	// Lost are the keys that are gone, in a ring of LostNodes.
	LostNodes int          `json:"lost_nodes"`
	Lost      []*LostPoint `json:"lost"`
}

// FailuresPoint is a ring of which a share failed.
type FailuresPoint struct {
	Share float64 `json:"share"`
	// Before anybody stabilised; after one period; and when the ring was at rest,
	// which took so many periods, and the fingers repaired.
	Before   Lookups `json:"before"`
	OneRound Lookups `json:"one_round"`
	Repaired Lookups `json:"repaired"`
	Rounds   int     `json:"rounds_to_rest"`
	// Paper is ToN 2003, Table II, before stabilisation, which is quoted from
	// memory.
	Paper *Printed `json:"paper,omitempty"`
}

// failedPercents are the points: those of the paper, and one before.
var failedPercents = []int{0, 5, 10, 20, 30, 40, 50}

func (f *Failures) jobs(o Options) (all []job) {
	f.Nodes = o.papersRing()
	f.Points = make([]*FailuresPoint, len(failedPercents))
	for i, percent := range failedPercents {
		all = append(all, job{cost: 10 * f.Nodes, work: func(ctx context.Context) func() {
			point := failuresPoint(ctx, o, percent)
			if ctx.Err() != nil {
				return nil
			}
			return func() { f.Points[i] = point }
		}})
	}
	return append(all, f.lostJobs(o)...)
}

func (f *Failures) finish() { f.Points, f.Lost = compact(f.Points), compact(f.Lost) }

func failuresPoint(ctx context.Context, o Options, percent int) *FailuresPoint {
	p := &FailuresPoint{Share: float64(percent) / 100, Paper: printed(tableII, percent)}
	s := ringtest.Ideal(ringtest.Options{
		Seed: o.seed(NameFailures, percent), Nodes: o.papersRing(), Length: paperList, Fingers: true,
	})
	s.Fail(p.Share)
	p.Before = lookUp(ctx, s, o.Lookups)
	rounds(ctx, s, 1)
	p.OneRound = lookUp(ctx, s, o.Lookups)
	for p.Rounds = 1; s.AtRest() != nil && p.Rounds < 10*paperList && ctx.Err() == nil; p.Rounds++ {
		rounds(ctx, s, 1)
	}
	rounds(ctx, s, paperList) // a finger a period
	p.Repaired = lookUp(ctx, s, o.Lookups)
	return p
}

func (f *Failures) tables() []Table {
	return []Table{f.lookupTable(), f.laterTable(), f.lostTable()}
}

func (f *Failures) lookupTable() Table {
	t := Table{
		Title:   fmt.Sprintf("failures: lookups at once after a share of %d nodes failed, lists of %d, mean (1st, 99th percentile)", f.Nodes, paperList),
		Columns: []string{"failed", "path", "paper", "timeouts", "paper", "failed lookups"},
		Notes: []string{"The paper: ToN 2003, Table II, 1,000 nodes, " + fromMemory + "; no lookup failed there. It predicts,",
			"where none failed, ½ log2 N − ½ log2 r + 1 = 3.82."},
	}
	for _, p := range f.Points {
		path, timeouts := "–", "–"
		if x := p.Paper; x != nil {
			path = spread(Summary{Mean: x.Path, P1: x.PathP1, P99: x.PathP99}, 2)
			timeouts = spread(Summary{Mean: x.Timeouts, P99: x.TimeoutsP99}, 2)
		}
		t.Rows = append(t.Rows, []string{percent(p.Share), spread(p.Before.Path, 2), path, spread(p.Before.Timeouts, 2), timeouts, outOf(p.Before)})
	}
	return t
}

func (f *Failures) laterTable() Table {
	t := Table{
		Title:   "failures: the same lookups one period later, and when the ring is at rest and the fingers are repaired",
		Columns: []string{"failed", "path", "timeouts", "failed lookups", "periods to rest", "path", "timeouts", "failed lookups"},
	}
	for _, p := range f.Points {
		t.Rows = append(t.Rows, []string{percent(p.Share), spread(p.OneRound.Path, 2), spread(p.OneRound.Timeouts, 2), outOf(p.OneRound),
			num(float64(p.Rounds), 0), spread(p.Repaired.Path, 2), spread(p.Repaired.Timeouts, 2), outOf(p.Repaired)})
	}
	return t
}

func outOf(l Lookups) string { return fmt.Sprintf("%d of %d", l.Failed, l.Count) }
