package ring

import "testing"

// joiner is node self, which has just found out that m knows its place.
func joiner(t *testing.T, self, contact int, found Route) *solo {
	s := &solo{t: t, r: New(Config{Self: at(self), Length: 4, NoFingers: true})}
	s.step(Join{peers(contact)})
	s.step(Answered{s.take(contact, AskRoute{}).Number, found})
	return s
}

func found(hops ...int) Route { return Route{Found: true, Hops: peers(hops...)} }

// Zave 2017, join: the whole list of m is taken, and m as predecessor.
func TestJoinTakesTheWholeListAndThePredecessor(t *testing.T) {
	s := joiner(t, 20, 10, found(30, 40))
	s.answer(10, state(10, 90, 30, 40, 50, 60))
	s.pointers("10 [30 40 50 60]")
	s.expect("AskState 30")
}

// The place must lie between m and its head by the very reply that brings the list.
func TestJoinVerifiesThePlaceInTheSameReply(t *testing.T) {
	s := joiner(t, 20, 10, found(30, 40))
	s.answer(10, state(10, 90, 15, 30)) // 15 came in between
	s.pointers("- []")
	s.answer(15, state(15, 10, 30, 40))
	s.pointers("15 [30 40]")
}

func TestJoinStartsOverWithTheNextTick(t *testing.T) {
	for name, spoil := range map[string]func(s *solo){
		"the member fails":         func(s *solo) { s.fail(10) },
		"the member is down":       func(s *solo) { s.step(down(10)); s.calls = nil; s.step(Up{at(10).ID}) },
		"nobody nearer":            func(s *solo) { s.answer(10, state(10, -1, 15, 30)); s.fail(15) },
		"another node answers":     func(s *solo) { s.answer(10, state(11, 90, 30, 40)) },
		"an answer without a list": func(s *solo) { s.answer(10, state(10, 90)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := joiner(t, 20, 10, found(30))
			spoil(s)
			s.expect("")
			s.step(Tick{})
			s.expect("AskRoute 10")
		})
	}
}

func TestJoinWithoutAnAnswerNeedsContacts(t *testing.T) {
	s := &solo{t: t, r: New(Config{Self: at(20)})}
	s.step(Join{peers(10, 20)})
	s.expect("AskRoute 10")
	if ready := s.step(Failed{s.take(10, AskRoute{}).Number}); ready.NeedContacts {
		t.Fatal("needs contacts before the next tick: a driver that has none would turn in a circle")
	}
	if ready := s.step(Tick{}); !ready.NeedContacts {
		t.Fatal("every contact failed, and none are needed")
	}
	s.step(Join{peers(10, 30)})
	s.expect("AskRoute 10") // 10 lies nearer before 20 than 30 does
}

// Who is not placed has no pointers to tell of, and routes nobody.
func TestJoiningAnswersPending(t *testing.T) {
	s := joiner(t, 20, 10, found(30))
	s.pending(true)
	if !s.r.Route(key(5)).Pending {
		t.Fatal("routes without a place")
	}
	s.notify(15)
	s.pointers("- []")
}

// A joiner is known to both neighbours without a tick.
func TestJoinGreetsBothNeighbours(t *testing.T) {
	s := joiner(t, 20, 10, found(30))
	s.answer(10, state(10, 90, 30, 40))
	s.answer(30, state(30, 10, 40))
	s.expect("Notify 30, Notify 10")
	s.step(Tick{})
	s.answer(30, state(30, 20, 40))
	s.expect("Notify 30") // the predecessor hears of it once
}

// The owner itself may be the only one who is known: its predecessor has the place.
func TestJoinGoesFromTheOwnerToItsPredecessor(t *testing.T) {
	s := joiner(t, 20, 30, found(30, 40))
	s.answer(30, state(30, 10, 40, 50))
	s.answer(10, state(10, 5, 30, 40))
	s.pointers("10 [30 40]")
}

func TestJoinToARingOfOne(t *testing.T) {
	s := joiner(t, 20, 10, found(10))
	s.answer(10, state(10, -1, 10))
	s.pointers("10 [10]")
}

// A restarted node joins anew while others still believe it to be there.
func TestRestartedNodeIsItsPredecessorsHead(t *testing.T) {
	s := joiner(t, 20, 10, found(20, 30))
	s.answer(10, state(10, 90, 20, 30, 40))
	s.pointers("10 [30 40]")

	s = joiner(t, 20, 10, found(20)) // the other half of a ring of two
	s.answer(10, state(10, 20, 20))
	s.pointers("10 [10]")
}

// A member whose pointers are sound ignores [Join]: nothing found could be better.
func TestJoinOfAMemberWithALiveHead(t *testing.T) {
	s := member(t, 20, 10, 30)
	s.step(Join{peers(50)})
	s.expect("")
	s.pointers("10 [30]")
}

// A ring of one keeps its identifier, and stays one until it has its place.
func TestRingOfOneJoinsAnother(t *testing.T) {
	s := &solo{t: t, r: New(Config{Self: at(20), NoFingers: true})}
	s.step(Create{})
	s.step(Join{peers(50)})
	s.pointers("- [20]")
	s.pending(false)
	s.step(Answered{s.take(50, AskRoute{}).Number, found(50, 10)})
	s.answer(50, state(50, 10, 10, 30))
	s.pointers("- [20]") // 50 is its successor; 10 is before it
	s.answer(10, state(10, 50, 30, 50))
	s.pointers("10 [30 50]")
}

// Re-placing (the last pointer is Down): the list is kept until a better one is
// there, and whoever points at the node has its list beyond.
func TestIsolatedMemberIsPlacedAgain(t *testing.T) {
	s := member(t, 20, -1, 30)
	if !s.step(down(30)).NeedContacts {
		t.Fatal("isolated, and needs no contacts")
	}
	s.pointers("- [30]")
	s.step(Join{peers(10, 30)}) // 30 is Down: not worth a question
	s.step(Answered{s.take(10, AskRoute{}).Number, found(20, 30, 40)})
	s.answer(10, state(10, 90, 20, 30, 40))
	s.pointers("10 [40]")

	s = member(t, 20, -1, 30)
	s.step(down(40))
	s.step(down(30))
	s.step(Join{peers(10)})
	s.step(Answered{s.take(10, AskRoute{}).Number, found(20, 30, 40)})
	s.answer(10, state(10, 90, 20, 30, 40))
	s.pointers("10 [10]") // nobody beyond is left, but who answered is
}

// A new Join starts over: what the former one asked does not count any more.
func TestJoinRestartsTheSearch(t *testing.T) {
	s := joiner(t, 20, 10, found(30))
	late := s.take(10, AskState{})
	s.step(Join{peers(50)})
	s.step(Answered{late.Number, state(10, 90, 30, 40)})
	s.pointers("- []")
	s.expect("AskRoute 50")
	s.step(Tick{}) // is under way, and is left to go on
	s.expect("AskRoute 50")
}

// A driver that remembers many dead peers does not spend the questions on them.
func TestContactsThatAreDownCountForNothing(t *testing.T) {
	s := &solo{t: t, r: New(Config{Self: at(200)})}
	var contacts []Peer
	for n := range 2 * MaxQuestions {
		contacts = append(contacts, at(n+1))
		if n > 0 {
			s.step(down(n + 1))
		}
	}
	s.step(Join{contacts})
	s.expect("AskRoute 1")
}

func TestCreateIsARingOfOne(t *testing.T) {
	s := &solo{t: t, r: New(Config{Self: at(20)})}
	if ready := s.step(Create{}); !ready.Changed {
		t.Fatal("created, and nothing changed")
	}
	s.pointers("- [20]")
	for _, e := range []Event{Create{}, Tick{}} {
		if ready := s.step(e); ready.Changed {
			t.Fatal("changed without cause")
		}
	}
	s.expect("")
}
