package ring

import "testing"

// verdictOf returns what a ring is told, nil for nothing.
func verdictOf(e Event, ok bool) Event {
	if !ok {
		return nil
	}
	return e
}

func TestVerdictOnWhoIsGoneInTheTable(t *testing.T) {
	var v Verdicts
	p := coldPeer(1).ID
	if e := verdictOf(v.Failed(p, true, false)); e != nil {
		t.Errorf("one failed call brings %v", e)
	}
	if e := verdictOf(v.Failed(p, true, true)); e != (Down{p}) || !v.IsDown(p) {
		t.Errorf("a failed call to who is down in the table brings %v", e)
	}
	if e := verdictOf(v.Failed(p, true, true)); e != nil {
		t.Errorf("the second verdict is %v", e)
	}
	if e := verdictOf(v.Changed(p, true, false)); e != (Up{p}) || v.IsDown(p) {
		t.Errorf("its return brings %v", e)
	}
}

func TestVerdictOnWhoIsNotInTheTable(t *testing.T) {
	var v Verdicts
	p := coldPeer(1).ID
	for n := range 3 * Strikes {
		if n == Strikes-1 {
			v.Answered(p) // begins anew
		}
		if e := verdictOf(v.Failed(p, false, false)); (e != nil) != (n == 2*Strikes-2) {
			t.Fatalf("failure %d brings %v", n+1, e)
		}
	}
	if e := verdictOf(v.Changed(p, false, false)); e != (Up{p}) {
		t.Errorf("the table learns of it: %v", e)
	}
}

func TestVerdictsOfTheTable(t *testing.T) {
	var v Verdicts
	p := coldPeer(1).ID
	for _, c := range []struct {
		was, is bool
		want    Event
	}{{false, false, nil}, {false, true, Down{p}}, {true, true, nil}, {true, false, Up{p}}, {true, false, nil}} {
		if e := verdictOf(v.Changed(p, c.was, c.is)); e != c.want {
			t.Errorf("gone %v, then %v: %v, want %v", c.was, c.is, e, c.want)
		}
	}
}

// Behind a head that is down anybody may be nearer.
func TestArcOfCandidates(t *testing.T) {
	var v Verdicts
	self, head := coldPeer(1), coldPeer(5)
	w := View{Self: self, Phase: Joining}
	if _, _, ok := v.Arc(w); ok || !v.Stranded(w) {
		t.Error("a node outside looks for candidates, or is at home")
	}
	w.Phase, w.Successors = Member, []Peer{head}
	if a, b, ok := v.Arc(w); !ok || a != self.ID || b != head.ID || v.Stranded(w) {
		t.Errorf("a member looks in (%v, %v), %v", a, b, ok)
	}
	v.Down(head.ID)
	if a, b, ok := v.Arc(w); !ok || a != self.ID || b != self.ID || !v.Stranded(w) {
		t.Errorf("behind a head that is down it looks in (%v, %v), %v", a, b, ok)
	}
}
