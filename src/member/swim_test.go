package member

import "testing"

func TestCrashIsDetectedByAll(t *testing.T) {
	for _, count := range []int{2, 3, 8, 32} {
		n := newNetwork(t, uint64(count))
		n.ring(count)
		n.run(20)
		dead := n.tables[count-1]
		n.crash(dead)
		took := n.until("the crashed one is down everywhere", 35, func() bool { return n.allSee(n.tables, dead, Down) })
		t.Logf("%d tables: %d ticks", count, took)
	}
}

func TestNobodyIsDownUnderLoss(t *testing.T) {
	n := newNetwork(t, 7)
	n.ring(32)
	n.loss, n.delay = 0.05, 0.1
	n.onDown = func(by *Table, of Member) { t.Fatalf("tick %d: %s says %s is down", n.now, by.Self().Name, of.Name) }
	n.run(5000)
	if n.worst > GossipMax {
		t.Errorf("a message carried %d records", n.worst)
	}
}

// split cuts the network in two: the first count tables, and the others.
func (n *network) split(count int) (left, right []*Table) {
	left, right = n.tables[:count], n.tables[count:]
	side := map[*Table]bool{}
	for _, tb := range left {
		side[tb] = true
	}
	n.cut = func(a, b *Table) bool { return side[a] != side[b] }
	return left, right
}

func (n *network) heal() { n.cut = func(a, b *Table) bool { return false } }

func (n *network) eachDown(by, of []*Table) bool {
	for _, a := range by {
		if !n.knows(a, of, Down) {
			return false
		}
	}
	return true
}

func TestPartitionIsSeenAndHealsAfterHours(t *testing.T) {
	for _, count := range []int{20, 5, 1} {
		n := newNetwork(t, 40+uint64(count))
		n.ring(40)
		left, right := n.split(count)
		took := n.until("each side holds the other for down", 600, func() bool {
			return n.eachDown(left, right) && n.eachDown(right, left)
		})
		if count == 20 {
			n.run(3600)
		}
		if !n.agree(left, Alive) || !n.agree(right, Alive) {
			t.Error("the members of one side lost each other")
		}
		wrong := 0
		n.onDown = func(by *Table, of Member) { wrong++ }
		n.heal()
		healed := n.until("the sides found together", 100, func() bool { return n.agree(n.tables, Alive) })
		t.Logf("%d|%d: seen in %d ticks, healed in %d", count, 40-count, took, healed)
		if wrong > 0 {
			t.Errorf("%d|%d: %d false verdicts while healing", count, 40-count, wrong)
		}
	}
}

func TestHalfOfTheRingCrashesAtOnce(t *testing.T) {
	n := newNetwork(t, 11)
	n.ring(30)
	for _, tb := range n.tables[15:] {
		n.crash(tb)
	}
	took := n.until("the survivors know", 300, func() bool { return n.eachDown(n.tables[:15], n.tables[15:]) })
	t.Logf("%d ticks", took)
	if !n.agree(n.tables[:15], Alive) {
		t.Error("the survivors accused each other")
	}
}

// Three of four go at once: nobody is left to answer a control, and the
// survivor must believe in the end.
func TestLastSurvivorKnows(t *testing.T) {
	n := newNetwork(t, 12)
	n.ring(4)
	n.run(30)
	for _, tb := range n.tables[1:] {
		n.crash(tb)
	}
	took := n.until("the survivor knows", 300, func() bool { return n.eachDown(n.tables[:1], n.tables[1:]) })
	t.Logf("%d ticks", took)
}

func TestSlowMemberFellsNobody(t *testing.T) {
	n := newNetwork(t, 13)
	n.ring(32)
	n.run(20)
	ill := n.tables[5]
	n.slow = func(tb *Table) bool { return tb == ill }
	accused := 0
	n.onSuspect = func(by *Table, of Member) {
		if by == ill && of.ID != ill.Self().ID {
			accused++
		}
	}
	n.onDown = func(by *Table, of Member) {
		if of.ID != ill.Self().ID {
			t.Errorf("tick %d: %s says %s is down", n.now, by.Self().Name, of.Name)
		}
	}
	n.run(1000)
	t.Logf("it suspected %d times", accused)
	if accused > 5 {
		t.Errorf("the slow member suspected others %d times", accused)
	}
	n.slow = func(*Table) bool { return false }
	n.until("all is well again", 60, func() bool { return n.agree(n.tables, Alive) })
}

func TestPausedMemberAccusesNobody(t *testing.T) {
	n := newNetwork(t, 14)
	n.ring(16)
	n.run(20)
	ill := n.tables[3]
	n.crash(ill) // it stands still: neither answers nor ticks
	n.until("it is missed", 100, func() bool { return n.allSee(n.tables, ill, Down) })
	n.onSuspect = func(by *Table, of Member) {
		if by == ill {
			t.Errorf("it accused %s", of.Name)
		}
	}
	ill.Unreachable(n.tables[4].Self().ID) // what was under way before
	lost := ill.Ready().Calls
	n.at[ill.Self().Addr] = ill
	ill.Paused(300)
	if ill.Healthy() > 0.5 {
		t.Errorf("after a pause it trusts itself: %v", ill.Healthy())
	}
	for _, c := range lost {
		ill.Failed(c.Number)
	}
	n.until("it is back", 60, func() bool { return n.agree(n.tables, Alive) })
	n.until("it trusts itself again", 20, func() bool { return ill.Healthy() > 0.5 })
}

func TestSuspectIsToldAndRefutes(t *testing.T) {
	n := newNetwork(t, 15)
	n.ring(8)
	victim := n.tables[2].Self()
	rumour := victim
	rumour.State = Suspect
	n.tables[6].Learn([]Member{rumour})
	if m, _ := n.tables[6].Get(victim.ID); m.State != Suspect {
		t.Fatalf("the rumour was not believed: %v", m)
	}
	n.until("it refuted", 10, func() bool {
		m, _ := n.tables[6].Get(victim.ID)
		return m.State == Alive && m.Version > victim.Version
	})
}

// Lifeguard's buddy: the ping to a suspect says so, whatever else there is to
// tell.
func TestSuspectIsToldInThePing(t *testing.T) {
	tb := New(Config{Self: record(0)}, nil)
	m := record(1)
	m.State = Suspect
	tb.Learn([]Member{m})
	for range 50 { // until the rumour itself is told often enough
		tb.gossip(nil)
	}
	tb.now++
	tb.Unreachable(m.ID)
	g := tb.Ready().Calls[0].Request.(Ping).Gossip
	if len(g) != 2 || g[1] != m {
		t.Errorf("the ping carries %+v", g)
	}
}

func TestOneFailedCallOnlyAsks(t *testing.T) {
	n := newNetwork(t, 16)
	n.ring(8)
	tb, other := n.tables[1], n.tables[2].Self()
	tb.now++ // it may have been probed in this tick
	tb.Unreachable(other.ID)
	tb.Unreachable(other.ID)
	r := tb.Ready()
	if len(r.Calls) != 1 || len(r.Changes) != 0 || r.Calls[0].To.ID != other.ID {
		t.Fatalf("want one ping of it, got %+v", r)
	}
	tb.Failed(r.Calls[0].Number)
	r = tb.Ready()
	if m, _ := tb.Get(other.ID); m.State != Alive || len(r.Calls) != 4 {
		t.Fatalf("after the direct ping failed: %s, %d calls; want alive, 3 helpers and a control", m.State, len(r.Calls))
	}
}

// Nobody but the target was reachable through others, and the control failed:
// the fault is here.
func TestFailedControlAcquits(t *testing.T) {
	for _, controlAnswers := range []bool{false, true} {
		n := newNetwork(t, 17)
		n.ring(8)
		n.run(20)
		tb, other := n.tables[1], n.tables[2].Self()
		tb.now++ // it may have been probed in this tick
		tb.Unreachable(other.ID)
		for range 4 { // rounds, should the table ask for more
			for _, c := range tb.Ready().Calls {
				if _, isPing := c.Request.(Ping); isPing && c.To.ID != other.ID && controlAnswers {
					tb.Answered(c.Number, Ack{From: c.To.ID})
				} else {
					tb.Failed(c.Number)
				}
			}
		}
		m, _ := tb.Get(other.ID)
		if want := map[bool]State{true: Suspect, false: Alive}[controlAnswers]; m.State != want {
			t.Errorf("control answered %v: the target is %s, want %s", controlAnswers, m.State, want)
		}
	}
}

// Others' word that somebody is down fells nobody who is believed to live.
func TestHearsayOfDownIsASuspicion(t *testing.T) {
	n := newNetwork(t, 18)
	n.ring(4)
	m := n.tables[2].Self()
	m.State = Down
	n.tables[0].Learn([]Member{m, m})
	if got, _ := n.tables[0].Get(m.ID); got.State != Suspect {
		t.Errorf("it is %s, want suspect", got.State)
	}
	stranger := record(99)
	stranger.State = Down
	n.tables[0].Learn([]Member{stranger})
	if got, _ := n.tables[0].Get(stranger.ID); got.State != Down {
		t.Errorf("a stranger is %s, want down", got.State)
	}
}
