package sim

import (
	"math"
	"testing"

	"chord/ring/ringtest"
)

// lookups is how many each law is tried with.
const lookups = 1500

var small = Options{Seed: 1, Nodes: 1024, Lookups: lookups}.withDefaults()

// The paper's figure (SIGCOMM 2001, section 6.2): a lookup asks ½ log2 N nodes.
func TestPathIsHalfOfLog2(t *testing.T) {
	for _, bits := range []int{8, 10} {
		p := pathPoint(t.Context(), small, bits)
		t.Logf("%d nodes: %.3f × ½ log2 N, list %.2f, table %.2f, 2 %% unknown %.2f, %d failed",
			p.Nodes, p.Ratio, p.List.Mean, p.Table, p.Stale, p.Failed)
		if p.Ratio > 1.05 || bits == 10 && p.Ratio < 0.95 {
			t.Errorf("%d nodes: %.2f asked, %.3f × ½ log2 N", p.Nodes, p.Fingers.Mean, p.Ratio)
		}
		if d := p.Contact - *p.Check; math.Abs(d) > 0.15 {
			t.Errorf("%d nodes: %.2f with the owner, the earlier simulation has %.2f", p.Nodes, p.Contact, *p.Check)
		}
		if p.List.Mean > p.Fingers.Mean-0.5 || p.Table > 1.0001 || p.Stale > 1.05 || p.Stale < p.Table {
			t.Errorf("%d nodes: a list of 16, a table, a stale one: %.2f, %.2f, %.2f", p.Nodes, p.List.Mean, p.Table, p.Stale)
		}
		if p.Failed > 0 {
			t.Errorf("%d nodes: %d lookups failed in a ring at rest", p.Nodes, p.Failed)
		}
	}
}

func TestSharesOfPathsAddUp(t *testing.T) {
	p := pathPoint(t.Context(), small, 6)
	sum, mean := 0.0, 0.0
	for hops, share := range p.shares {
		sum, mean = sum+share, mean+float64(hops)*share
	}
	if math.Abs(sum-1) > 1e-9 || math.Abs(mean-p.Fingers.Mean) > 1e-9 {
		t.Errorf("shares add up to %v with mean %v, want 1 and %v", sum, mean, p.Fingers.Mean)
	}
}

// Half of the nodes fail at once (ToN 2003, section VI-E): a period later no
// lookup fails; when the ring is at rest none meets a timeout.
func TestHalfFailAndNoLookupDoes(t *testing.T) {
	o := small
	o.Nodes, o.Lookups = 400, 500
	p := failuresPoint(t.Context(), o, 50)
	t.Logf("at once: %+v; at rest after %d", p.Before, p.Rounds)
	if p.OneRound.Failed > 0 || p.Repaired.Failed > 0 {
		t.Errorf("failed lookups: %d after a period, %d at rest", p.OneRound.Failed, p.Repaired.Failed)
	}
	if p.Before.Timeouts.Mean < 1 || p.Repaired.Timeouts.Max > 0 {
		t.Errorf("timeouts: %v at once, %v when repaired", p.Before.Timeouts, p.Repaired.Timeouts)
	}
	if p.Rounds >= 10*paperList {
		t.Errorf("no rest after %d periods", p.Rounds)
	}
}

// With single copies as many keys are lost as nodes (SIGCOMM 2001, section 6.4),
// with three the cube of that.
func TestKeysLost(t *testing.T) {
	o := Options{Seed: 3, Nodes: 3000, Keys: 20_000}
	p := lostPoint(t.Context(), o, 50)
	if math.Abs(p.One-0.5) > 0.05 || math.Abs(p.Three-0.125) > 0.03 {
		t.Errorf("lost: %.3f with one copy, want 0.5; %.3f with three, want 0.125", p.One, p.Three)
	}
}

// Nodes that choose one of 16 identifiers hold keys about as evenly as those
// with many identifiers; with one, unevenly (SIGCOMM 2001, section 6.1).
func TestKeysSpread(t *testing.T) {
	o := Options{Seed: 2, Nodes: 1000, Keys: 100_000}
	k := Keys{Nodes: o.Nodes, done: [][]*KeysPoint{keysRepeat(t.Context(), o, 0)}}
	k.finish()
	at := map[string]*KeysPoint{}
	for _, p := range k.Points {
		at[p.Scheme] = p // the last is with all keys
		if got := p.Mean * 1000; math.Abs(got-float64(p.Keys)) > 0.5 {
			t.Errorf("%s: the nodes hold %.0f of %d keys", p.Scheme, got, p.Keys)
		}
	}
	one, best, many := at["virtual 1"], at[schemeBest], at["virtual 20"]
	if one.P99 < 3.5 || one.Max < 5 || one.P1 > 0.1 {
		t.Errorf("one identifier is too even: %+v", *one)
	}
	if best.P99 > 2.5 || best.Max > 3 || best.P1 < 0.2 || many.P99 > 2 {
		t.Errorf("too uneven: best of 16 %+v, 20 identifiers %+v", *best, *many)
	}
	if b := at[schemeBuckets]; b.Max > 3.2 {
		t.Errorf("buckets: %+v", *b)
	}
}

// The owner that the counting finds by its index is the one that the circle says.
func TestOwner(t *testing.T) {
	c := virtual("r", 50, 3)
	s := ringtest.New(ringtest.Options{Seed: 4})
	for range 2000 {
		id := s.RandomID()
		want := 0
		for at, held := range c.ids {
			if held.Compare(id) >= 0 {
				want = at
				break
			}
		}
		if got := c.owner(id); got != c.nodes[want] {
			t.Fatalf("%v is node %d's, want %d's", id.Short(), got, c.nodes[want])
		}
	}
}

// Under the paper's churn nearly all lookups succeed (ToN 2003, Table III).
func TestChurn(t *testing.T) {
	o := small
	o.Nodes, o.Lookups = 200, 400
	p := churnPoint(t.Context(), o, 40, 20)
	t.Logf("%+v", p.Lookups)
	if l := p.Lookups; l.Count != o.Lookups || l.Failed > o.Lookups/50 || l.Path.Mean > 4 || l.Timeouts.Mean == 0 {
		t.Errorf("%+v", l)
	}
}

// Two rings are one in a handful of periods where nodes know of each other, and
// never where they do not.
func TestMerge(t *testing.T) {
	for _, c := range []struct {
		nodes, least, most int
		knows              string
	}{{64, 1, 8, knowsAll}, {8, 1, 60, knowsTables}, {16, -1, -1, knowsNobody}} {
		p := &MergePoint{Nodes: c.nodes, Knows: c.knows}
		p.run(t.Context(), 1)
		if p.Rounds < c.least || p.Rounds > c.most || p.Lists < p.Rounds {
			t.Errorf("%d nodes that know %s: one after %d periods, exact after %d; want %d to %d",
				c.nodes, c.knows, p.Rounds, p.Lists, c.least, c.most)
		}
	}
}
