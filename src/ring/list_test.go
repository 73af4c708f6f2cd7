package ring

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func TestListIsCut(t *testing.T) {
	for _, c := range []struct {
		head int
		tail []int
		want string
	}{
		{20, []int{30, 40}, "[20 30 40]"},
		{20, []int{30, 10, 40}, "[20 30]"},               // before self
		{20, []int{30, 20, 40}, "[20 30]"},               // before a repetition
		{20, []int{30, 30, 40}, "[20 30]"},               // likewise
		{20, []int{200, 5, 15, 18}, "[20 200 5]"},        // before passing self, whom they do not know
		{20, []int{30, 40, 50, 60, 70}, "[20 30 40 50]"}, // to length L
		{20, []int{20}, "[20]"},                          // a ring of one is the head
	} {
		s := member(t, 10, 90, 99)
		s.r.setList(at(c.head), peers(c.tail...))
		if got := names(s.r.succ); got != c.want {
			t.Errorf("%d and %v make %s, want %s", c.head, c.tail, got, c.want)
		}
	}
}

// Whatever a peer answers, the list is sound: order, length, no self, no repetition.
func TestListIsSoundWhateverIsAnswered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := New(Config{Self: at(rapid.IntRange(0, 255).Draw(t, "self")), Length: rapid.IntRange(1, 8).Draw(t, "length")})
		r.Step(Create{})
		other := rapid.IntRange(0, 255).Filter(func(n int) bool { return key(n) != r.self.ID })
		head := at(other.Draw(t, "head"))
		tail := rapid.SliceOfN(rapid.IntRange(0, 255), 0, 12).Draw(t, "tail")
		for _, dead := range rapid.SliceOfN(other, 0, 4).Draw(t, "down") {
			r.Step(down(dead))
		}
		r.setList(head, peers(tail...))
		if err := r.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
		if len(r.down) == 0 && r.succ[0] != head {
			t.Fatalf("head %v, want %v", r.succ[0], head)
		}
	})
}

// Unchanged lists cost nothing and change nothing.
func TestUnchangedListIsKept(t *testing.T) {
	s := member(t, 10, 90, 20, 30, 40)
	head, tail := at(20), peers(30, 40)
	if n := testing.AllocsPerRun(100, func() { s.r.setList(head, tail) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if s.r.Ready().Changed {
		t.Error("changed")
	}
}

// A simulator holds 10,000 of these.
func TestRingIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Ring{}); size > 1024 {
		t.Errorf("%d bytes", size)
	}
}

// What was handed out stays as it was.
func TestAnswersAreNotWrittenTo(t *testing.T) {
	s := member(t, 10, 90, 20, 30, 40)
	got := s.r.Handle(AskState{}).(State).Successors
	s.step(down(20))
	s.answer(30, state(30, 10, 35, 60))
	if names(got) != "[20 30 40]" {
		t.Errorf("the answer became %s", names(got))
	}
}

func TestInvariantsAreChecked(t *testing.T) {
	for name, spoil := range map[string]func(r *Ring){
		"no successor":         func(r *Ring) { r.succ = nil },
		"too many":             func(r *Ring) { r.succ = peers(20, 30, 40, 50, 60) },
		"disorder":             func(r *Ring) { r.succ = peers(30, 20) },
		"repetition":           func(r *Ring) { r.succ = peers(20, 20) },
		"self":                 func(r *Ring) { r.succ = peers(20, 10) },
		"dead head":            func(r *Ring) { r.down = map[keyspace.ID]struct{}{key(20): {}} },
		"own predecessor":      func(r *Ring) { r.pred = r.self },
		"outside with list":    func(r *Ring) { r.phase = Outside },
		"outside with pred":    func(r *Ring) { r.phase, r.succ = Outside, nil },
		"joins nowhere":        func(r *Ring) { r.phase, r.succ, r.pred = Joining, nil, Peer{} },
		"unknown question":     func(r *Ring) { r.asking.number = 9 },
		"former head asked":    func(r *Ring) { r.last, r.asking = 9, question{9, forHead, at(30)} },
		"far candidate asked":  func(r *Ring) { r.last, r.asking = 9, question{9, forCandidate, at(30)} },
		"contacts left over":   func(r *Ring) { r.contacts = peers(20) },
		"idle place":           func(r *Ring) { r.seeking, r.place = true, at(20) },
		"fingers out of order": func(r *Ring) { r.fingers = []Finger{{5, 6, at(30)}, {6, 7, at(40)}} },
		"fingers not rising":   func(r *Ring) { r.fingers = []Finger{{5, 6, at(40)}, {7, 8, at(30)}} },
	} {
		s := member(t, 10, 90, 20, 30)
		spoil(s.r)
		if err := s.r.CheckInvariants(); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

// The same events make the same node and the same calls.
func TestSameEventsSameNode(t *testing.T) {
	run := func() string {
		n := newNetwork(t)
		n.contacts = true
		for i := range 6 {
			n.add(Config{Self: at(i * 40), Length: 3})
		}
		n.step(n.rings[key(0)], Create{})
		for i := 1; i < 6; i++ {
			n.step(n.rings[key(i*40)], Join{peers(0)})
		}
		n.settle()
		n.until(40)
		n.remove(at(80))
		for _, id := range slices.Clone(n.ids) {
			n.step(n.rings[id], down(80))
		}
		n.until(40)
		text := fmt.Sprint(n.calls)
		for _, id := range n.ids {
			text += fmt.Sprint(n.rings[id].View())
		}
		return text
	}
	if a, b := run(), run(); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}
