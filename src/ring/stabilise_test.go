package ring

import "testing"

// Stabilise, step 1: the list becomes the head and the head's list.
func TestStabiliseTakesTheHeadsList(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.step(Tick{})
	s.answer(20, state(20, 10, 25, 30, 40, 50))
	s.pointers("90 [20 25 30 40]") // L = 4
	s.expect("Notify 20")
}

// Stabilise, step 2: who the head names is asked before it is adopted.
func TestStabiliseAsksBeforeItAdopts(t *testing.T) {
	s := member(t, 10, 90, 20)
	s.step(Tick{})
	s.answer(20, state(20, 15, 30))
	s.pointers("90 [20 30]")
	s.expect("AskState 15")
	s.answer(15, state(15, 10, 20, 30))
	s.pointers("90 [15 20 30]")
	s.expect("Notify 15")
}

// The candidate's own predecessor may be nearer still: it is asked at once.
func TestStabiliseFollowsPredecessorsBack(t *testing.T) {
	s := member(t, 10, 90, 20)
	s.step(Tick{})
	s.answer(20, state(20, 18, 30))
	s.answer(18, state(18, 14, 20))
	s.answer(14, state(14, 10, 18))
	s.pointers("90 [14 18]")
	s.expect("Notify 14")
}

func TestStabiliseNotifiesTheHeadIfTheCandidateFails(t *testing.T) {
	for name, spoil := range map[string]func(s *solo){
		"failed":  func(s *solo) { s.fail(15) },
		"pending": func(s *solo) { s.answer(15, State{Pending: true, Self: at(15)}) },
		"down":    func(s *solo) { s.take(15, AskState{}); s.step(down(15)) },
		"moved":   func(s *solo) { s.answer(15, state(17, 10, 20)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := member(t, 10, 90, 20)
			s.step(Tick{})
			s.answer(20, state(20, 15, 30))
			spoil(s)
			s.pointers("90 [20 30]")
			s.expect("Notify 20")
		})
	}
}

func TestStabiliseIgnoresPredecessorsThatAreNotNearer(t *testing.T) {
	for _, pred := range []int{-1, 10, 20, 5, 25} {
		s := member(t, 10, 90, 20)
		s.step(Tick{})
		s.answer(20, state(20, pred, 30))
		s.expect("Notify 20")
	}
	s := member(t, 10, 90, 20)
	s.step(down(15))
	s.step(Tick{})
	s.answer(20, state(20, 15, 30))
	s.expect("Notify 20") // nearer, but Down
}

// The answer counts only if the head is still the one that was asked.
func TestLateAnswerOfADroppedHead(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.step(Tick{})
	late := s.take(20, AskState{})
	s.step(down(20))
	s.pointers("90 [30]")
	s.expect("AskState 30") // at once, not with the next tick
	s.step(Answered{late.Number, state(20, 10, 30, 40)})
	s.pointers("90 [30]")
	s.expect("AskState 30")
}

// A failed call alone never changes the ring, and is not repeated before a tick.
func TestFailedCallChangesNothing(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	for range 50 {
		s.step(Tick{})
		s.fail(20)
		s.pointers("90 [20 30]")
		s.expect("")
	}
}

// A tick while a question is outstanding asks no second one, then or later.
func TestOneQuestionAtATime(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.step(Tick{})
	s.step(Tick{})
	s.step(Candidate{at(15)})
	s.expect("AskState 20")
	s.fail(20)
	s.expect("AskState 15")
	s.step(down(20)) // the next head waits, too
	s.expect("AskState 15")
	s.fail(15)
	s.expect("Notify 30, AskState 30")
}

// Zave's shared-state abstraction: while a question is outstanding the pointers
// count as undefined; notifications and lookups are served.
func TestPendingWhileAQuestionIsOutstanding(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.pending(false)
	s.step(Tick{})
	s.pending(true)
	if r := s.r.Route(key(12)); !r.Found || names(r.Hops) != "[20 30]" {
		t.Fatalf("route %v", r)
	}
	s.notify(95)
	s.pointers("95 [20 30]")
	s.fail(20)
	s.pending(false)
}

// Pending is an answer: nobody is suspected, and some later tick asks again.
func TestPendingHeadIsAskedLater(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.step(Tick{})
	s.answer(20, State{Pending: true, Self: at(20)})
	s.pointers("90 [20 30]")
	s.expect("")
	ticks := 0
	for s.open() == "" {
		s.step(Tick{})
		if ticks++; ticks > 20 {
			t.Fatal("never asked again")
		}
	}
	s.expect("AskState 20")
}

// Head dead: it is dropped, on the verdict only; entries behind it that are Down
// go with it. The last pointer is never dropped.
func TestDeadHeads(t *testing.T) {
	s := member(t, 10, 90, 20, 30, 40)
	s.step(down(30))
	s.pointers("90 [20 30 40]")
	s.expect("")
	s.step(down(20))
	s.pointers("90 [40]")
	s.expect("AskState 40")
	if !s.step(down(40)).NeedContacts {
		t.Fatal("isolated, and needs no contacts")
	}
	s.pointers("90 [40]")
}

// The last pointer is probed although it is Down; a sign of life revives it. The
// predecessor, who lives, is asked as well: it is better than nobody.
func TestLastPointerIsProbed(t *testing.T) {
	s := member(t, 10, -1, 20)
	s.step(down(20))
	s.step(Tick{})
	s.expect("AskState 20")
	s.pending(false) // a probe is not a question about pointers
	s.answer(20, state(20, -1, 30, 40))
	s.answer(20, state(20, -1, 30, 40))
	s.pointers("- [30 40]") // 20 counts as Down until the verdict is taken back
	s.expect("AskState 30")

	s = member(t, 10, 90, 20)
	s.step(down(20))
	s.answer(90, state(90, 80, 10, 20))
	s.pointers("90 [90]")
}

func TestLastPointerComesUpAgain(t *testing.T) {
	s := member(t, 10, -1, 20)
	s.step(down(20))
	s.step(Up{at(20).ID})
	s.expect("AskState 20")
	s.answer(20, state(20, -1, 30))
	s.pointers("- [20 30]")
}

// Where the last pointer is Down anybody is nearer than nobody. Once it is Up that
// is no longer so, and the answer of who was asked does not count.
func TestLastPointerComesUpWhileAnotherIsAsked(t *testing.T) {
	s := member(t, 10, 90, 20)
	s.step(down(20))
	late := s.take(90, AskState{})
	s.step(Up{at(20).ID})
	s.expect("AskState 20")
	s.step(Answered{late.Number, state(90, 80, 10, 20)})
	s.pointers("90 [20]")
}

// A cold start of all makes a ring of one of who is isolated, whatever it waits for.
func TestCreateOfAnIsolatedMember(t *testing.T) {
	s := member(t, 10, -1, 20)
	s.step(down(20))
	s.step(Tick{})
	s.answer(20, state(20, -1, 30)) // to the probe: it is asked in earnest now
	s.step(Create{})
	s.pointers("- [10]")
	s.answer(20, state(20, -1, 30))
	s.pointers("- [10]")
}

// The last one alive grows again like a ring of one.
func TestLastOneAliveTakesJoiners(t *testing.T) {
	s := member(t, 10, 20, 20)
	s.step(down(20))
	if got := s.r.Handle(AskState{}).(State); got.Pending || names(got.Successors) != "[10]" {
		t.Fatalf("state %v", got)
	}
	if got := s.r.Route(key(99)); !got.Found || names(got.Hops) != "[10]" {
		t.Fatalf("route %v", got)
	}
	s.notify(50)
	s.pointers("50 [20]") // asked before adopted
	s.pending(true)
	s.answer(50, state(50, 10, 10))
	s.pointers("50 [50]")
}

// A node that lost all successors but knows a live neighbour offers no list that
// others would lose theirs to.
func TestIsolatedMemberWithAPredecessorIsPending(t *testing.T) {
	s := member(t, 10, 90, 20)
	s.step(down(20))
	s.fail(90)
	s.pending(true)
	if !s.r.Route(key(50)).Pending {
		t.Fatal("routes")
	}
}

// Candidates are asked before they are adopted, too, and only if they are nearer.
func TestCandidate(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	s.step(Candidate{at(25)})
	s.step(Candidate{at(10)})
	s.step(Candidate{Peer{}})
	s.expect("")
	s.step(Candidate{at(15)})
	s.pointers("90 [20 30]")
	s.answer(15, state(15, 5, 17, 30))
	s.pointers("90 [15 17 30]")
	s.expect("Notify 15")
}

func TestNearestCandidateIsAsked(t *testing.T) {
	s := member(t, 10, 90, 20)
	s.step(Tick{})
	s.step(Candidate{at(17)})
	s.step(Candidate{at(13)})
	s.step(Candidate{at(15)})
	s.answer(20, state(20, 10, 30))
	s.expect("AskState 13")
}

// A head that moved to another address notifies from there, and is asked there.
func TestHeadThatMoved(t *testing.T) {
	s := member(t, 10, 90, 20, 30)
	moved := Peer{at(20).ID, "elsewhere:1"}
	s.r.Handle(Notify{moved})
	s.ready()
	s.step(Answered{s.take(20, AskState{}).Number, State{Self: moved, Successors: peers(30)}})
	if s.r.succ[0] != moved {
		t.Fatalf("head %v", s.r.succ[0])
	}
}
