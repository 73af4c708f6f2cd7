package sim

import (
	"context"
	"slices"

	"chord/ring/ringtest"
)

// Summary says how some figures are spread.
type Summary struct {
	Mean float64 `json:"mean"`
	P1   float64 `json:"p1"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
}

// summarise sorts the figures in place.
func summarise(figures []float64) (s Summary) {
	if len(figures) == 0 {
		return s
	}
	slices.Sort(figures)
	for _, f := range figures {
		s.Mean += f
	}
	n := len(figures)
	s.Mean /= float64(n)
	s.P1, s.P99, s.Max = figures[(n-1)/100], figures[(n-1)*99/100], figures[n-1]
	return s
}

// Lookups is what came of some lookups. A node that answered counts in the path
// once; one that did not counts as a timeout.
type Lookups struct {
	Count    int     `json:"count"`
	Path     Summary `json:"path"`
	Timeouts Summary `json:"timeouts"`
	// Failed named another than the true owner; of these, Nobody named none, and
	// Unnoticed the owner before a node joined that the named one had not heard of.
	Failed    int `json:"failed"`
	Nobody    int `json:"nobody"`
	Unnoticed int `json:"unnoticed"`
}

// tally collects lookups in a ring.
type tally struct {
	Lookups
	paths, timeouts []float64
}

// lookup has a random node look up a random identifier.
func (t *tally) lookup(s *ringtest.Sim) {
	from, target := s.Random(), s.RandomID()
	if from < 0 {
		return
	}
	l := s.Lookup(from, target)
	t.Count++
	t.paths, t.timeouts = append(t.paths, float64(l.Hops)), append(t.timeouts, float64(l.Timeouts))
	if l.OK {
		return
	}
	t.Failed++
	if l.Owner < 0 {
		t.Nobody++
	} else if s.View(l.Owner).Predecessor != s.Peer(s.Owner(target)) {
		t.Unnoticed++
	}
}

func (t *tally) result() Lookups {
	l := t.Lookups
	l.Path, l.Timeouts = summarise(t.paths), summarise(t.timeouts)
	return l
}

// lookUp makes n lookups, fewer where the context ends.
func lookUp(ctx context.Context, s *ringtest.Sim, n int) Lookups {
	var t tally
	for range n {
		if ctx.Err() != nil {
			break
		}
		t.lookup(s)
	}
	return t.result()
}

// rounds lets n periods go by, fewer where the context ends.
func rounds(ctx context.Context, s *ringtest.Sim, n int) {
	for range n {
		if ctx.Err() != nil {
			return
		}
		s.Rounds(1)
	}
}
