package member

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// forgetting is a ring of which one serving member crashed and is down.
func forgetting(t *testing.T, seed uint64, count int) (n *network, dead *Table) {
	n = newNetwork(t, seed)
	n.ring(count)
	for i, tb := range n.tables {
		tb.Serve()
		n.drain(i)
	}
	n.until("all serve", 60, func() bool { return n.agree(n.tables, Alive) })
	dead = n.tables[count-1]
	n.crash(dead)
	n.until("one is down", 200, func() bool { return n.allSee(n.tables, dead, Down) })
	return n, dead
}

func TestForgetSpreadsAndHolds(t *testing.T) {
	n, dead := forgetting(t, 61, 12)
	n.loss, n.delay = 0.1, 0.1
	for _, live := range n.tables[1:3] {
		if n.tables[0].Forget(live.Self().ID) {
			t.Fatal("a live member was forgotten")
		}
	}
	left, right := n.split(6)
	if !left[0].Forget(dead.Self().ID) {
		t.Fatal("not forgotten")
	}
	n.run(100)
	n.heal()
	n.until("all know it", 400, func() bool { return n.allSee(n.tables, dead, Forgotten) })
	_ = right
	// It comes back and refutes whatever it hears, far above the version at which
	// it was forgotten.
	n.at[dead.Self().Addr] = dead
	dead.me.m.Version += 50
	n.until("it knows itself", 100, func() bool { return dead.Self().State == Forgotten })
	changed := slices.ContainsFunc(dead.Ready().Changes, func(c Change) bool { return c.New.State == Forgotten })
	if i := len(n.tables) - 1; !changed && n.kept[i][dead.Self().ID].State != Forgotten {
		t.Error("its driver was not told")
	}
	n.run(200)
	if !n.allSee(n.tables, dead, Forgotten) {
		t.Error("it is no longer forgotten")
	}
}

// Another database joins under the name; the old one stays out.
func TestForgottenNameJoinsAnew(t *testing.T) {
	n, dead := forgetting(t, 62, 6)
	old := dead.Self()
	if !n.tables[0].Forget(old.ID) {
		t.Fatal("not forgotten")
	}
	n.until("all know it", 100, func() bool { return n.allSee(n.tables, dead, Forgotten) })
	anew := record(5)
	anew.Incarnation += 1000
	tb := n.start(anew)
	tb.Contact(n.tables[0].Self().Addr)
	n.until("the new one is in", 100, func() bool { return n.allSee(n.tables[:5], tb, Alive) })
	if tb.Self().Serving {
		t.Error("it serves what was forgotten")
	}
	old.Version += 1000
	for _, o := range n.tables[:5] {
		o.Learn([]Member{old})
		if m, _ := o.Get(old.ID); m.Incarnation != anew.Incarnation {
			t.Fatalf("the forgotten one is back: %+v", m)
		}
	}
}

// A node that lost its disk keeps its place from the first word on.
func TestWipedNodeKeepsItsPlace(t *testing.T) {
	n, dead := forgetting(t, 63, 5)
	anew := record(4)
	anew.Incarnation += 1000
	tb := n.start(anew)
	tb.Contact(n.tables[0].Self().Addr)
	n.until("it is in", 100, func() bool {
		for _, o := range n.tables[:4] {
			m, ok := o.Get(dead.Self().ID)
			if !ok || !m.Serving {
				t.Fatalf("its place is given away: %+v", m)
			}
		}
		return n.allSee(n.tables[:4], tb, Alive) && tb.Self().Serving
	})
}

func TestWhoHoldsDataIsRememberedForEver(t *testing.T) {
	tb := New(Config{Self: record(0), Remember: 3000, Limit: 6}, nil)
	serving, plain, gone := record(1), record(2), record(3)
	serving.State, serving.Serving, plain.State = Down, true, Down
	gone.State = Forgotten
	tb.Learn([]Member{serving, plain, gone})
	for range 9000 {
		tb.Tick()
		tb.Ready()
	}
	for i := range 10 {
		tb.Learn([]Member{record(10 + i)})
	}
	has := func(m Member) bool { _, ok := tb.Get(m.ID); return ok }
	if !has(serving) || !has(gone) || has(plain) {
		t.Errorf("serving %v, forgotten %v, plain %v", has(serving), has(gone), has(plain))
	}
	// A restart does not bring the forgotten one back either.
	again := New(Config{Self: record(0)}, tb.All())
	if m, _ := again.Get(gone.ID); m.State != Forgotten {
		t.Errorf("after a restart %+v", m)
	}
}

// Tables that heard the same, twice and in any order, agree; and an incarnation
// that anybody forgot is nowhere.
func TestForgettingDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(belief(Alive, Leaving, Suspect, Left, Forgotten), 1, 8).Draw(t, "rumours")
		a, b := New(Config{Self: record(0)}, nil), New(Config{Self: record(0)}, nil)
		for range 3 { // exchanges of tables repeat what was dropped meanwhile
			a.Learn(rapid.Permutation(ms).Draw(t, "order"))
			b.Learn(rapid.Permutation(ms).Draw(t, "another order"))
		}
		got, other := a.byID[record(1).ID].m, b.byID[record(1).ID].m
		for _, m := range ms {
			if m.State == Forgotten && got.Incarnation == m.Incarnation && got.State != Forgotten {
				t.Fatalf("%+v was forgotten, and there is %+v", m, got)
			}
		}
		if got != other {
			t.Fatalf("%+v\n%+v", got, other)
		}
	})
}

// A member in its second life took its place before it heard that its first one was
// forgotten. Who hears that places it nowhere until it has heard it too, however
// often it raised its version for another reason.
func TestTheEndOfAFormerLife(t *testing.T) {
	self := record(1)
	self.Incarnation, self.Version, self.Serving = 9, 5, true
	tb := New(Config{Self: self}, nil)
	end := self
	end.Incarnation, end.Version, end.State = 5, 7, Forgotten
	later := tb.Self()
	later.Version = 20
	if compare(later, end) > 0 {
		t.Error("a record of before it heard the end is above it")
	}
	tb.Ready()
	tb.Learn([]Member{end})
	now := tb.Self()
	if !tb.Ready().Displaced || now.Placed != now.Version || compare(now, end) < 0 {
		t.Errorf("it heard that it was placed nowhere, and is %+v", now)
	}
	tb.Learn([]Member{end})
	if tb.Ready().Displaced || tb.Self() != now {
		t.Error("it takes its place again for the same end")
	}
}
