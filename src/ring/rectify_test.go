package ring

import "testing"

func TestRectify(t *testing.T) {
	tests := []struct {
		name       string
		pred, from int
		dead       bool
		want       string
		open       string
	}{
		{"adopted if there is none", -1, 5, false, "5 [30]", ""},
		{"adopted if nearer", 5, 9, false, "9 [30]", ""},
		{"adopted if the present one is down", 9, 5, true, "5 [30]", ""},
		{"not adopted if farther; the present one is asked", 9, 5, false, "9 [30]", "AskState 9"},
		{"the present one again", 9, 9, false, "9 [30]", ""},
		{"itself", 9, 10, false, "9 [30]", ""},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			s := member(t, 10, c.pred, 30)
			if c.dead {
				s.step(down(c.pred))
			}
			s.notify(c.from)
			s.pointers(c.want)
			s.expect(c.open)
		})
	}
}

// The present predecessor was asked and found dead: the failed call does not
// suffice, the verdict does.
func TestRectifyNeedsTheVerdict(t *testing.T) {
	s := member(t, 10, 9, 30)
	s.notify(5)
	s.pending(false) // the probe changes nothing
	s.fail(9)
	s.notify(5)
	s.pointers("9 [30]")
	s.step(down(9))
	s.pointers("9 [30]") // nobody better is there
	s.notify(5)
	s.pointers("5 [30]")
}

func TestNotifierThatIsDownIsIgnored(t *testing.T) {
	s := member(t, 10, 5, 30)
	s.step(down(9))
	s.notify(9)
	s.pointers("5 [30]")
	s.step(Up{at(9).ID})
	s.notify(9)
	s.pointers("9 [30]")
}

// A ring of one asks the notifier before it adopts it.
func TestRingOfOneGrowsWithTheFirstNotification(t *testing.T) {
	s := member(t, 10, -1, 10)
	s.notify(50)
	s.pointers("50 [10]")
	s.pending(true)
	s.answer(50, state(50, 10, 10))
	s.pointers("50 [50]")
	s.expect("Notify 50")
}

func TestRingOfOneAsksAgainWithTheTick(t *testing.T) {
	s := member(t, 10, -1, 10)
	s.notify(50)
	s.fail(50)
	s.pointers("50 [10]")
	s.expect("")
	s.step(Tick{})
	s.expect("AskState 50")
}

// A notification that needs a question of its own waits for the one that is
// outstanding.
func TestNotificationsAreQueued(t *testing.T) {
	s := member(t, 10, -1, 10)
	s.notify(50)
	s.notify(40)
	s.expect("AskState 50")
	s.answer(50, state(50, 10, 10))
	s.expect("AskState 40")
	s.answer(40, state(40, 10, 50))
	s.pointers("50 [40 50]")
	s.expect("Notify 40")
}

// Who notifies and lies in (self, head) is asked as a candidate.
func TestNearNotifierIsACandidate(t *testing.T) {
	s := member(t, 10, 90, 30)
	s.notify(20)
	s.pointers("90 [30]")
	s.expect("AskState 20") // it does not claim to be before 90, so that is not probed
	s.answer(20, state(20, 10, 30))
	s.pointers("90 [20 30]")
}
