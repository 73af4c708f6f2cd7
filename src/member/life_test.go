package member

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"testing"
)

// keptBy returns what the driver of the i-th table persisted, in an order.
func (n *network) keptBy(i int) []Member {
	var out []Member
	for _, m := range n.kept[i] {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Member) int { return a.ID.Compare(b.ID) })
	return out
}

// restart replaces the i-th table by one with the new record.
func (n *network) restart(i int, m Member, remembered []Member) *Table {
	n.crash(n.tables[i])
	tb := New(Config{Self: m, Seed: n.rng.Uint64()}, remembered)
	n.tables[i] = tb
	n.at[m.Addr] = tb
	return tb
}

func TestRestarts(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Member)
		forget bool // its memory is lost
	}{
		{name: "same", change: func(*Member) {}},
		{name: "another address", change: func(m *Member) { m.Addr = "10.9.9.9:1" }},
		{name: "another incarnation, higher", change: func(m *Member) { m.Incarnation = 1 << 60 }},
		{name: "another incarnation, lower, memory lost", change: func(m *Member) { m.Incarnation = 0; m.Version = 0 }, forget: true},
		{name: "all another, memory lost", change: func(m *Member) { m.Incarnation = 0; m.Version = 0; m.Addr = "10.9.9.9:1" }, forget: true},
	} {
		for _, down := range []bool{false, true} {
			n := newNetwork(t, 21)
			n.ring(12)
			old := n.tables[4]
			m, kept := old.Self(), n.keptBy(4)
			n.crash(old)
			if down {
				n.until("it is missed", 100, func() bool { return n.allSee(n.tables, old, Down) })
			}
			c.change(&m)
			m.Version = 1
			if c.forget {
				kept = nil
			}
			tb := n.restart(4, m, kept)
			tb.Contact(n.tables[0].Self().Addr)
			took := n.until(c.name+": all know the new one", 60, func() bool { return n.agree(n.tables, Alive) })
			if got := tb.Self(); got.Incarnation != m.Incarnation || got.Addr != m.Addr {
				t.Errorf("%s: it became %+v", c.name, got)
			}
			if len(n.bad) > 0 {
				t.Errorf("%s: a restart is no conflict: %+v", c.name, n.bad)
			}
			t.Logf("%s, down %v: %d ticks", c.name, down, took)
		}
	}
}

func TestColdStartOfAll(t *testing.T) {
	n := newNetwork(t, 22)
	n.ring(24)
	var kept [][]Member
	for i := range n.tables {
		kept = append(kept, n.keptBy(i))
	}
	n.onDown = func(by *Table, of Member) { t.Errorf("%s says %s is down", by.Self().Name, of.Name) }
	last := n.tables[23] // it does not come back
	n.crash(last)
	for i := range 23 {
		m := n.tables[i].Self()
		m.Version = 0
		n.restart(i, m, kept[i])
		for _, r := range n.tables[i].All() {
			if r.ID != m.ID && r.State != Down {
				t.Fatalf("before it was heard of, %s is %s", r.Name, r.State)
			}
		}
	}
	took := n.until("all found each other", 40, func() bool { return n.agree(n.tables[:23], Alive) })
	t.Logf("%d ticks", took)
	if !n.allSee(n.tables, last, Down) {
		t.Error("the one that stayed away is not remembered as down")
	}
	n.run(50)
	n.onDown = nil
	late := n.start(record(50))
	late.Contact(n.tables[3].Self().Addr)
	n.until("a newcomer learns of the absent one", 20, func() bool {
		m, ok := late.Get(last.Self().ID)
		return ok && m.State == Down
	})
}

// What is only remembered is told to nobody, as neither state of it is known.
func TestMemoryIsNoNews(t *testing.T) {
	left := record(3)
	left.State = Left
	tb := New(Config{Self: record(0)}, []Member{record(1), record(2), left})
	for _, ask := range []Request{Ping{}, Sync{From: record(9).ID}} {
		r, _ := tb.Handle(ask)
		got := 0
		switch r := r.(type) {
		case Ack:
			got = len(r.Gossip)
		case Members:
			got = len(r.Members) - 1 // the one that left is certain
		}
		if got != 1 {
			t.Errorf("the answer to %T tells of %d, want the node alone", ask, got)
		}
	}
	tb.Learn([]Member{record(1)})
	if m, _ := tb.Get(record(1).ID); m.State != Alive {
		t.Errorf("after others told of it, it is %s", m.State)
	}
}

// Two of many that remember each other come back alone.
func TestFewComeBackOfMany(t *testing.T) {
	n := newNetwork(t, 29)
	var all []Member
	for i := range 400 {
		all = append(all, record(i))
	}
	a, b := n.start(record(3), all...), n.start(record(301), all...)
	took := n.until("they found each other", 32, func() bool { return n.agree([]*Table{a, b}, Alive) })
	t.Logf("%d ticks", took)
}

func TestLeftStaysLeft(t *testing.T) {
	n := newNetwork(t, 23)
	n.ring(10)
	gone := n.tables[7]
	before := gone.Self()
	gone.Announce(Leaving)
	n.until("all know it is leaving", 30, func() bool { return n.allSee(n.tables, gone, Leaving) })
	gone.Announce(Left)
	n.until("all know it left", 30, func() bool { return n.allSee(n.tables, gone, Left) })
	n.crash(gone)
	late := before
	late.State = Suspect
	for _, tb := range n.tables[:7] {
		tb.Learn([]Member{before, late})
	}
	gone.Learn([]Member{{ID: before.ID, Addr: "x:1", Version: 99}})
	if left := gone.Self(); left.State != Left || left.Version > 10 {
		t.Error("a rumour brought the leaver back")
	}
	n.run(50)
	if !n.allSee(n.tables, gone, Left) {
		t.Error("a late rumour brought the leaver back")
	}
	m := before
	m.Version = 0
	n.restart(7, m, nil).Contact(n.tables[0].Self().Addr)
	n.until("it joins again", 40, func() bool { return n.agree(n.tables, Alive) })
}

func TestContactsAreAskedUntilOneAnswers(t *testing.T) {
	n := newNetwork(t, 24)
	first := n.start(record(0))
	n.crash(first)
	tb := n.start(record(1))
	tb.Contact("10.7.7.7:1", first.Self().Addr, tb.Self().Addr, "10.0.0.1:1")
	n.run(30)
	if got := len(tb.All()); got != 1 {
		t.Fatalf("%d members of nothing", got)
	}
	n.at["alias:1"] = tb // an address of its own that it does not know as such
	tb.Contact("alias:1")
	n.run(5)
	if slices.Contains(tb.contacts, "alias:1") {
		t.Error("its own address is still a contact")
	}
	n.at[first.Self().Addr] = first
	n.until("the contact answers", 5, func() bool { return len(tb.All()) == 2 })
	calls := n.calls
	n.run(100)
	t.Logf("%d calls in 100 ticks of two tables", n.calls-calls)
	if n.calls-calls > 300 {
		t.Errorf("%d calls in 100 ticks: contacts are asked still", n.calls-calls)
	}
	if len(n.bad) > 0 {
		t.Errorf("meeting oneself is no conflict: %v", n.bad)
	}
	// Isolated: the first is gone for good, another stands behind a contact.
	n.crash(first)
	n.until("alone", 100, func() bool { return n.allSee(n.tables, first, Down) })
	m := record(2)
	n.at["10.7.7.7:1"] = n.start(m)
	n.until("the contact is asked again", 10, func() bool { got, ok := tb.Get(m.ID); return ok && got.State == Alive })
}

func TestAnotherAnswersAtTheAddress(t *testing.T) {
	n := newNetwork(t, 25)
	n.ring(6)
	old := n.tables[3]
	n.crash(old)
	m := record(60)
	m.Addr = old.Self().Addr
	n.start(m)
	n.until("the former holder of the address is down", 100, func() bool { return n.allSee(n.tables, old, Down) })
	n.until("the answerer is known", 20, func() bool {
		return n.allSee(n.tables[:6], n.tables[6], Alive)
	})
}

func TestConflicts(t *testing.T) {
	for name, change := range map[string]func(*Member){
		"same name":                      func(m *Member) { m.ID = record(70).ID; m.Addr = "10.8.8.8:1" },
		"same identifier":                func(m *Member) { m.Addr = "10.8.8.8:1" },
		"same identifier and other data": func(m *Member) { m.Addr = "10.8.8.8:1"; m.Incarnation = 99 },
	} {
		n := newNetwork(t, 26)
		n.ring(8)
		m := record(5)
		change(&m)
		n.start(m).Contact(n.tables[0].Self().Addr)
		told := map[string]bool{}
		n.until(name+": both are told", 40, func() bool {
			for _, c := range n.bad {
				told[c.Self.Addr] = true
			}
			return len(told) == 2
		})
		if !told[m.Addr] || !told[record(5).Addr] {
			t.Errorf("%s: told were %v", name, told)
		}
	}
}

// A namesake that does not answer is no conflict.
func TestDeadNamesakeIsNoConflict(t *testing.T) {
	n := newNetwork(t, 27)
	n.ring(6)
	n.crash(n.tables[5])
	m := record(5)
	m.ID, m.Addr = record(70).ID, "10.8.8.8:1"
	n.start(m).Contact(n.tables[0].Self().Addr)
	n.run(100)
	if len(n.bad) > 0 {
		t.Errorf("conflicts: %v", n.bad)
	}
	if got, _ := n.tables[0].ByName(m.Name); got.ID != m.ID {
		t.Errorf("the name means %v, want the one who lives", got)
	}
}

// CHORD_MEMBERS sets how many tables the next test starts.
func TestConvergesInLogarithmicTime(t *testing.T) {
	count, _ := strconv.Atoi(cmp.Or(os.Getenv("CHORD_MEMBERS"), "150"))
	n := newNetwork(t, 28)
	for i := range count {
		tb := n.start(record(i))
		if i > 0 {
			tb.Contact(n.tables[0].Self().Addr)
		}
	}
	joined := n.until("all know all", 120, func() bool { return n.agree(n.tables, Alive) })
	n.run(40)
	late := n.start(record(count))
	late.Contact(n.tables[count/2].Self().Addr)
	spread := n.until("all know the newcomer", 40, func() bool { return n.allSee(n.tables, late, Alive) })
	n.crash(late)
	down := n.until("all know it went", 120, func() bool { return n.allSee(n.tables, late, Down) })
	t.Logf("%d tables: joined in %d ticks, newcomer known in %d, crash in %d; %d calls", count, joined, spread, down, n.calls)
	if n.worst > GossipMax {
		t.Errorf("a message carried %d records", n.worst)
	}
}
