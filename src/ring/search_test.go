package ring

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func TestSearchAsksTheNearestFirst(t *testing.T) {
	s := NewSearch(key(100), peers(110, 20, 90, 20, 100, 200))
	for _, want := range []int{100, 90, 20, 200, 110} {
		p, ok := s.Next()
		if !ok || p != at(want) {
			t.Fatalf("asks %s, want %d", name(p), want)
		}
		s.Fail(p)
	}
	if p, ok := s.Next(); ok {
		t.Fatalf("asks %s, and nobody is left", name(p))
	}
	if _, _, done := s.Result(); done {
		t.Fatal("done")
	}
}

func TestSearchFindsAndTellsItsPath(t *testing.T) {
	s := NewSearch(key(100), peers(10, 5, 3))
	ask := func(want int) Peer {
		t.Helper()
		p, _ := s.Next()
		if p != at(want) {
			t.Fatalf("asks %s, want %d", name(p), want)
		}
		return p
	}
	s.Fail(ask(10))
	s.Answer(ask(5), Route{Pending: true})
	s.Answer(ask(3), Route{Hops: peers(60, 50, 10)}) // 10 failed: not asked twice
	s.Answer(ask(60), Route{Hops: peers(60, 40, 110)})
	last := ask(50)
	s.Answer(at(60), found(110)) // not waited for any more
	s.Answer(last, found(105, 110))
	if _, ok := s.Next(); ok {
		t.Fatal("done, and asks on")
	}
	owner, rest, done := s.Result()
	if !done || owner != at(105) || names(rest) != "[110]" {
		t.Fatalf("%v %v %v", owner, rest, done)
	}
	want := []Step{
		{at(10), OutcomeFailed}, {at(5), OutcomePending}, {at(3), OutcomeAnswered},
		{at(60), OutcomeFailed}, {at(50), OutcomeAnswered},
	}
	if got := s.Path(); !slices.Equal(got, want) {
		t.Fatalf("path %v, want %v", got, want)
	}
}

// An owner that is not behind who names it is no owner.
func TestSearchRefusesNonsense(t *testing.T) {
	s := NewSearch(key(100), peers(50))
	p, _ := s.Next()
	s.Answer(p, found(70))
	if _, _, done := s.Result(); done {
		t.Fatal("took 70 for the successor of 100, from 50")
	}
	s = NewSearch(key(100), peers(50))
	p, _ = s.Next()
	s.Answer(p, Route{Found: true})
	if got := s.Path()[0].Outcome; got != OutcomeFailed {
		t.Fatalf("nobody found: %v", got)
	}
}

// The last question's answer leads nowhere any more.
func TestSearchIsBounded(t *testing.T) {
	s := NewSearch(key(255), peers(1))
	for n := 1; n <= MaxQuestions; n++ {
		p, ok := s.Next()
		if !ok || p != at(n) {
			t.Fatalf("question %d goes to %s", n, name(p))
		}
		s.Answer(p, Route{Hops: peers(n + 1)})
	}
	if p, ok := s.Next(); ok {
		t.Fatalf("question 65 goes to %s", name(p))
	}
}

// Hedging: a second question before the first is answered.
func TestSearchHedges(t *testing.T) {
	s := NewSearch(key(100), peers(50, 60))
	a, _ := s.Next()
	b, _ := s.Next()
	s.Answer(b, found(110))
	s.Answer(a, found(120))
	if owner, _, _ := s.Result(); owner != at(110) {
		t.Fatalf("owner %v", owner)
	}
}

// Whatever is answered, a search asks nobody twice, asks at most 64, and ends.
func TestSearchEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		peer := rapid.IntRange(0, 255)
		target := keyspace.ID{byte(peer.Draw(t, "target")), 1}
		s := NewSearch(target, peers(rapid.SliceOf(peer).Draw(t, "first")...))
		asked := map[keyspace.ID]bool{}
		for {
			p, ok := s.Next()
			if !ok {
				break
			}
			if asked[p.ID] {
				t.Fatalf("%s is asked twice", name(p))
			}
			asked[p.ID] = true
			if rapid.Bool().Draw(t, "answers") {
				s.Answer(p, Route{Hops: peers(rapid.SliceOfN(peer, 0, 20).Draw(t, "hops")...)})
			} else {
				s.Fail(p)
			}
		}
		if len(asked) > MaxQuestions || len(s.Path()) != len(asked) {
			t.Fatalf("%d questions", len(asked))
		}
	})
}

// The order of the first candidates is of no account, nor is how many there are.
func TestSearchWithThousandsOfCandidates(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var list []Peer
	for range 5000 {
		list = append(list, random(rng))
	}
	target := random(rng).ID
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b Peer) int { return a.ID.Distance(target).Compare(b.ID.Distance(target)) })
	s := NewSearch(target, list)
	for i := range MaxQuestions {
		if p, ok := s.Next(); !ok || p != sorted[i] {
			t.Fatalf("question %d goes to %v, want %v", i, p, sorted[i])
		}
		s.Fail(sorted[i])
	}
	if p, ok := s.Next(); ok {
		t.Fatalf("question 65 goes to %v", p)
	}
}

// On a ring at rest every search finds the owner, within the bound of the paper
// (SIGCOMM 2001, theorem 2: O(log N), and half of log2 N on average).
func TestSearchOnARingAtRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	n := ideal(t, rng, 256, 4)
	for range 40 {
		n.round()
	}
	asked := 0
	const lookups = 2000
	for range lookups {
		target, from := random(rng).ID, n.rings[n.ids[rng.IntN(len(n.ids))]]
		owner, steps := n.lookup(from, target)
		if owner.ID != n.owner(target) {
			t.Fatalf("%v: %v", target, owner)
		}
		asked += steps
	}
	if mean := float64(asked) / lookups; mean > 4.2 {
		t.Errorf("%.2f hops on average, want at most 1.05 x 4", mean)
	} else {
		t.Logf("%.2f hops on average", mean)
	}
}

// Whoever precedes the target directly does not answer: its predecessor, whose
// list goes beyond the target, knows who follows.
func TestSearchPassesOverTheDead(t *testing.T) {
	s := NewSearch(key(100), peers(40, 20))
	s.Answer(first(t, s, 40), Route{Hops: peers(90, 80, 110, 120)})
	s.Fail(first(t, s, 90))
	if _, _, done := s.Result(); done {
		t.Fatal("done before 80 was asked")
	}
	s.Answer(first(t, s, 80), Route{Pending: true})
	owner, rest, done := s.Result()
	if !done || owner != at(110) || names(rest) != "[120]" {
		t.Fatalf("%v %v %v, want 110 by the list of 40", owner, rest, done)
	}
}

// The word of a farther node does not count while a nearer one may answer, nor
// after it did.
func TestSearchPrefersTheNearerWord(t *testing.T) {
	s := NewSearch(key(100), peers(40, 20))
	s.Answer(first(t, s, 40), Route{Hops: peers(90, 80, 120)})
	s.Answer(first(t, s, 90), Route{Hops: peers(95, 110)})
	first(t, s, 95) // its answer is waited for
	s.Fail(first(t, s, 80))
	if _, _, done := s.Result(); done {
		t.Fatal("done while 95 may answer")
	}
	s.Fail(at(95))
	if owner, _, done := s.Result(); !done || owner != at(110) {
		t.Fatalf("%v %v, want 110 by the list of 90", owner, done)
	}
}

// first returns whom the search asks next, which must be want.
func first(t *testing.T, s *Search, want int) Peer {
	t.Helper()
	p, ok := s.Next()
	if !ok || p != at(want) {
		t.Fatalf("asks %s, want %d", name(p), want)
	}
	return p
}
