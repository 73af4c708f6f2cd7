package share

import "testing"

func take(s *Room, who string) (n int) {
	for s.Enter(who) {
		n++
	}
	return n
}

// Whoever comes later gets an equal part, and the room never overflows.
func TestShares(t *testing.T) {
	s := New(64)
	if n := take(s, "greedy"); n != 56 {
		t.Errorf("one alone has %d", n)
	}
	if n := take(s, "b"); n != 8 {
		t.Errorf("the second has %d", n)
	}
	for range 32 {
		s.Exit("greedy")
	}
	if n := take(s, "greedy"); n != 8 { // up to its half
		t.Errorf("the greedy one gets %d back", n)
	}
	if n := take(s, "c"); n != 21 {
		t.Errorf("the third has %d", n)
	}
	for range 32 {
		s.Exit("greedy")
	}
	for range 8 {
		s.Exit("b")
	}
	for range 21 {
		s.Exit("c")
	}
	if s.Held() != 0 || len(s.held) != 0 {
		t.Errorf("%d in %v when all are gone", s.Held(), s.held)
	}
}
