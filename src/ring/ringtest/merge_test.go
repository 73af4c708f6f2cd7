package ringtest

import (
	"testing"
	"time"
)

// together waits until every node has its true neighbours, and returns how many
// rounds that took; limit where it did not come to that.
func together(s *Sim, limit int) (rounds int) {
	alive := s.Alive()
	for ; rounds < limit; rounds++ {
		exact := true
		for at, i := range alive {
			v, next := s.View(i), alive[(at+1)%len(alive)]
			exact = exact && len(v.Successors) > 0 && v.Successors[0] == s.Peer(next) && s.View(next).Predecessor == s.Peer(i)
		}
		if exact {
			break
		}
		s.run(1)
	}
	return rounds
}

// Two rings become one in a handful of rounds where everybody knows everybody,
// and never where nobody remembers the other ring: stabilise alone never merges.
func TestRingsMerge(t *testing.T) {
	const n, bound, length = 2 * 256, 8, 16
	for _, rings := range []int{2, 5} {
		s := Ideal(Options{Seed: 1, Nodes: n, Rings: rings, Memory: Everybody})
		rounds := together(s, bound)
		if rounds == bound {
			t.Errorf("%d rings of %d nodes are not one after %d rounds", rings, n, bound)
		}
		questions := float64(s.Questions()) / n
		more, err := s.Settle(length)
		if err != nil {
			t.Errorf("the lists are not exact %d rounds later: %v", length, err)
		}
		t.Logf("%d rings of %d nodes are one in %d rounds (%.1f questions a node), with exact lists %d later", rings, n, rounds, questions, more)
	}
	s := Ideal(Options{Seed: 1, Nodes: n, Rings: 2, Memory: Everybody, NoCandidates: true})
	if rounds := together(s, 200/slowdown); rounds < 200/slowdown {
		t.Errorf("without candidates the rings merge in %d rounds: the test proves nothing", rounds)
	}
}

// sides splits the nodes in two, every other one clockwise.
func sides(s *Sim) (of map[int]int, members [2][]int) {
	of = map[int]int{}
	for at, i := range s.circle() {
		of[i] = at % 2
		members[at%2] = append(members[at%2], i)
	}
	return of, members
}

// settleBoth waits until each side is a ring of its own.
func settleBoth(t *testing.T, s *Sim, members [2][]int, limit int) {
	t.Helper()
	for range limit {
		if s.atRest(members[0]) == nil && s.atRest(members[1]) == nil {
			return
		}
		if err := s.Rounds(1); err != nil {
			t.Fatal(err, s.Trace())
		}
	}
	t.Fatalf("the sides are no rings: %v, %v\n%v", s.atRest(members[0]), s.atRest(members[1]), s)
}

// The same with the tables that decide it in a server: a partition splits a ring
// of 32 in two, and it is one again soon after.
func TestPartitionHeals(t *testing.T) {
	for seed := range uint64(6) {
		s := Ideal(Options{Seed: seed, Nodes: 32, Memory: Tables, Check: true})
		s.checker.local = true
		of, members := sides(s)
		if err := s.Rounds(30); err != nil || s.AtRest() != nil {
			t.Fatal("no ring to begin with", err, s.AtRest())
		}
		s.Partition(func(i int) int { return of[i] })
		settleBoth(t, s, members, 300)
		apart := s.Now()
		s.Heal()
		rounds := together(s, 60)
		more, err := s.Settle(60)
		if err != nil {
			t.Fatalf("seed %d: %v\n%v", seed, err, s)
		}
		t.Logf("seed %d: two rings after %v, one in %d rounds, with exact lists %d later", seed, apart.Round(time.Second), rounds, more)
	}
}

func TestPartitionNeverHealsWithoutCandidates(t *testing.T) {
	s := Ideal(Options{Seed: 1, Nodes: 16, Memory: Tables, NoCandidates: true})
	of, members := sides(s)
	s.Partition(func(i int) int { return of[i] })
	settleBoth(t, s, members, 300)
	s.Heal()
	rounds, err := s.Settle(200)
	if err == nil {
		t.Errorf("merged in %d rounds", rounds)
	}
	t.Logf("two rings after %d rounds, %d events: %v", rounds, s.Events(), err)
}

// Everybody crashes and comes back, in any order, with what it remembers: one
// ring. Where a partition splits the start, there are two; and then one.
func TestColdStartOfAll(t *testing.T) {
	for seed := range uint64(20 / min(slowdown, 4)) {
		s := Ideal(Options{Seed: seed, Nodes: 12, Memory: Tables, Check: true})
		s.checker.local = true
		if err := s.Rounds(30); err != nil {
			t.Fatal(err)
		}
		of, members := sides(s)
		for i := range s.Len() {
			s.Crash(i)
		}
		split := seed%2 == 1
		if split {
			s.Partition(func(i int) int { return of[i] })
		}
		for _, i := range s.rand.Perm(s.Len()) {
			s.After(time.Duration(s.rand.Int64N(int64(60*time.Second))), func() { s.Restart(i) })
		}
		if err := s.Rounds(60); err != nil {
			t.Fatal(err)
		}
		if split {
			settleBoth(t, s, members, 300)
			s.Heal()
		}
		rounds, err := s.Settle(120)
		if err != nil {
			t.Fatalf("seed %d: %v\n%v", seed, err, s)
		}
		t.Logf("seed %d, split %v: one ring %d rounds after the last boot, or the healing", seed, split, rounds)
	}
}
