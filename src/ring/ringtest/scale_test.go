package ringtest

import (
	"testing"
	"time"
)

// lookups makes random lookups and returns the means and how many came out wrong.
func lookups(s *Sim, n int) (hops, timeouts float64, wrong int) {
	for range n {
		l := s.Lookup(s.Random(), s.RandomID())
		hops, timeouts = hops+float64(l.Hops), timeouts+float64(l.Timeouts)
		if !l.OK {
			wrong++
		}
	}
	return hops / float64(n), timeouts / float64(n), wrong
}

// The papers' figure: half of log2 N questions with fingers alone, and one less
// with a list of 16.
func TestPathLength(t *testing.T) {
	for _, c := range []struct {
		nodes, length int
		least, most   float64
	}{{256, 1, 3.5, 4.2}, {1024, 1, 4.5, 5.2}, {1024, 16, 3.2, 4.4}} {
		s := Ideal(Options{Seed: 1, Nodes: c.nodes, Length: c.length, Fingers: true})
		hops, timeouts, wrong := lookups(s, 4000/slowdown)
		t.Logf("%d nodes, lists of %d: %.2f hops", c.nodes, c.length, hops)
		if hops < c.least || hops > c.most || timeouts > 0 || wrong > 0 {
			t.Errorf("%d nodes, lists of %d: %.2f hops, want %.1f to %.1f; %v timeouts, %d wrong",
				c.nodes, c.length, hops, c.least, c.most, timeouts, wrong)
		}
	}
}

// Half of 1,000 nodes fail at once (ToN 2003, section VI-E): lookups find their
// way at the price of timeouts, and all are right after a few rounds.
func TestHalfFailAtOnce(t *testing.T) {
	s := Ideal(Options{Seed: 2, Nodes: 1000, Fingers: true})
	s.Fail(0.5)
	hops, timeouts, wrong := lookups(s, 2000/slowdown)
	t.Logf("at once: %.2f hops, %.2f timeouts, %d wrong", hops, timeouts, wrong)
	if timeouts > 12 {
		t.Errorf("%.2f timeouts a lookup", timeouts)
	}
	if err := s.Rounds(30); err != nil {
		t.Fatal(err)
	}
	hops, timeouts, wrong = lookups(s, 2000/slowdown)
	t.Logf("after 30 rounds: %.2f hops, %.2f timeouts, %d wrong", hops, timeouts, wrong)
	if wrong > 0 {
		t.Errorf("%d lookups wrong after 30 rounds", wrong)
	}
}

// Nodes join and fail all the time (ToN 2003, Table III).
func TestChurn(t *testing.T) {
	s := Ideal(Options{Seed: 3, Nodes: 1000, Fingers: true, Period: 30 * time.Second})
	s.Churn(0.2)
	wrong, n := 0, 0
	for range 40 / slowdown {
		if err := s.Rounds(1); err != nil {
			t.Fatal(err)
		}
		_, _, w := lookups(s, 50)
		wrong, n = wrong+w, n+50
	}
	t.Logf("%d of %d lookups wrong at 0.2 joins and failures a second; %d nodes, %d events", wrong, n, len(s.Alive()), s.Events())
	if wrong > n/20 {
		t.Errorf("%d of %d lookups wrong", wrong, n)
	}
	s.Churn(0)
	if rounds, err := s.Settle(100); err != nil {
		t.Errorf("not at rest %d rounds after the churn: %v", rounds, err)
	}
}
