package member

import (
	"fmt"
	"slices"
	"testing"

	"chord/keyspace"
	"pgregory.net/rapid"
)

// belief draws one of few records of one member, so that many collide.
func belief(states ...State) *rapid.Generator[Member] {
	return rapid.Custom(func(t *rapid.T) Member {
		m := record(1)
		m.Version = rapid.Uint64Range(0, 3).Draw(t, "version")
		m.State = rapid.SampledFrom(states).Draw(t, "state")
		m.Incarnation = rapid.Uint64Range(0, 2).Draw(t, "incarnation")
		m.Addr = rapid.SampledFrom([]string{"a:1", "b:1"}).Draw(t, "addr")
		m.Domain = rapid.SampledFrom([]string{"", "d"}).Draw(t, "domain")
		return m
	})
}

func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := belief(Alive, Leaving, Suspect, Down, Left)
		a, b, c := g.Draw(t, "a"), g.Draw(t, "b"), g.Draw(t, "c")
		if merge(a, b) != merge(b, a) {
			t.Error("not commutative")
		}
		if merge(merge(a, b), c) != merge(a, merge(b, c)) {
			t.Error("not associative")
		}
		if merge(a, a) != a {
			t.Error("not idempotent")
		}
		if a.Version > b.Version && merge(a, b) != a {
			t.Error("a lower version won")
		}
		if (compare(a, b) == 0) != (a == b) {
			t.Error("the order is not total")
		}
	})
}

// Tables that heard the same rumours believe the same, whatever the order. (A
// rumour of down waits for the own timer; see the scenarios.)
func TestOrderOfRumoursDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(belief(Alive, Leaving, Suspect, Left), 1, 8).Draw(t, "rumours")
		shuffled := rapid.Permutation(ms).Draw(t, "in another order")
		a, b := New(Config{Self: record(0)}, nil), New(Config{Self: record(0)}, nil)
		a.Learn(ms)
		b.Learn(append(shuffled, ms[0]))
		if !slices.Equal(a.All(), b.All()) {
			t.Fatalf("%+v\n%+v", a.All(), b.All())
		}
	})
}

// Whatever comes in, the own record stays, wins, and the table is sound.
func TestRumoursAboutOneself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		me := record(1)
		tb := New(Config{Self: me}, nil)
		for _, m := range rapid.SliceOfN(belief(Alive, Leaving, Suspect, Down, Left), 1, 8).Draw(t, "rumours") {
			before := tb.Self()
			tb.Learn([]Member{m})
			after := tb.Self()
			if after.State != Alive || !sameNode(after, me) {
				t.Fatalf("a rumour changed the own record: %+v", after)
			}
			if m != before && compare(after, m) < 0 {
				t.Fatalf("%+v was not refuted by %+v", m, after)
			}
		}
		if err := tb.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	})
}

// Who was known by another database hears of it, however old the record is.
func TestFormerLife(t *testing.T) {
	me := record(1)
	me.Version = 7
	for name, c := range map[string]struct {
		change func(*Member)
		former bool
	}{
		"the own record":             {func(*Member) {}, false},
		"a suspicion":                {func(m *Member) { m.State = Suspect }, false},
		"another address":            {func(m *Member) { m.Addr = "10.9.9.9:1" }, false},
		"another database":           {func(m *Member) { m.Incarnation++ }, true},
		"another database that left": {func(m *Member) { m.Incarnation++; m.State = Left; m.Version = 1 }, true},
		"the name elsewhere":         {func(m *Member) { m.Incarnation++; m.ID[0]++ }, true},
		"another node":               {func(m *Member) { m.Incarnation++; m.ID[0]++; m.Name = "other" }, false},
	} {
		tb := New(Config{Self: me}, nil)
		m := me
		c.change(&m)
		tb.Learn([]Member{m})
		if former := tb.Ready().Former; (len(former) == 1 && former[0] == m) != c.former || len(former) > 1 {
			t.Errorf("%s: former lives %+v", name, former)
		}
	}
}

// Who took up another's record tells the node of the one it had before, in a
// ping and in an exchange of tables.
func TestFormerLifeIsTold(t *testing.T) {
	old := record(2)
	tb := New(Config{Self: record(1)}, nil)
	tb.Learn([]Member{old})
	now := old
	now.Incarnation, now.Version = old.Incarnation+1, old.Version+1
	tb.Learn([]Member{now})
	known, _ := tb.Handle(Sync{From: now.ID, Members: []Member{now}})
	if m := known.(Members).Members; !slices.Contains(m, old) || !slices.Contains(m, now) {
		t.Errorf("it is told %+v", m)
	}
	tb.Unreachable(now.ID)
	tb.Tick()
	for _, c := range tb.Ready().Calls {
		if ping, ok := c.Request.(Ping); ok && ping.To == now.ID && slices.Contains(ping.Gossip, old) {
			return
		}
	}
	t.Error("no ping tells it")
}

func TestNonsenseIsNotBelieved(t *testing.T) {
	tb := New(Config{Self: record(0)}, nil)
	noAddr, noID, high, state := record(1), record(2), record(3), record(4)
	noAddr.Addr, noID.ID, high.Version, state.State = "", keyspace.ID{}, maxVersion+1, 17
	tb.Learn([]Member{noAddr, noID, high, state})
	if n := len(tb.All()); n != 1 {
		t.Errorf("%d members, want the node alone", n)
	}
}

func TestClosestIsTheNearestLiveMember(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tb := New(Config{Self: record(0)}, nil)
		for i := range rapid.IntRange(0, 12).Draw(t, "members") {
			m := record(i + 1)
			m.State = rapid.SampledFrom([]State{Alive, Leaving, Suspect, Down, Left}).Draw(t, "state")
			tb.Learn([]Member{m})
		}
		point := func(what string) keyspace.ID {
			return record(rapid.IntRange(0, 14).Draw(t, what)).ID
		}
		after, before := point("after"), point("before")
		odd := func(m Member) bool { return m.Incarnation%2 == 1 }
		var want Member
		for _, m := range tb.All() {
			if m.State.Live() && odd(m) && m.ID != after && keyspace.Between(after, m.ID, before) &&
				(want.Addr == "" || after.Distance(m.ID).Compare(after.Distance(want.ID)) < 0) {
				want = m
			}
		}
		got, ok := tb.Closest(after, before, odd)
		if got != want || ok != (want.Addr != "") {
			t.Fatalf("got %v, %v; want %v", got, ok, want)
		}
	})
}

// The limit costs first who left, then who is down, the longest gone first;
// never the node itself and never who lives.
func TestLimit(t *testing.T) {
	tb := New(Config{Self: record(0), Limit: 5}, nil)
	put := func(i int, s State) {
		tb.now++
		m := record(i)
		m.State = s
		tb.Learn([]Member{m})
		if err := tb.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	}
	put(1, Down)
	put(2, Left)
	put(3, Down)
	put(4, Left)
	for i, victim := range []int{2, 4, 1, 3} {
		tb.Ready()
		put(10+i, []State{Alive, Suspect, Leaving, Alive}[i])
		if _, ok := tb.Get(record(victim).ID); ok {
			t.Errorf("node%d is there still", victim)
		}
		if c := tb.Ready().Changes; len(c) != 2 || c[0].Old.ID != record(victim).ID || c[0].New != (Member{}) {
			t.Errorf("the driver is not told of the one dropped: %+v", c)
		}
	}
	put(20, Alive)
	if _, ok := tb.Get(record(20).ID); ok || len(tb.All()) != 5 {
		t.Error("a table full of the living took one more")
	}
}

func TestTheLongGoneAreForgotten(t *testing.T) {
	tb := New(Config{Self: record(0), Remember: 3000}, nil)
	gone := record(1)
	gone.State = Down
	tb.Learn([]Member{gone})
	for range 2000 {
		tb.Tick()
		tb.Ready()
	}
	if _, ok := tb.Get(gone.ID); !ok {
		t.Fatal("forgotten too early")
	}
	for range 2500 {
		tb.Tick()
		tb.Ready()
	}
	tb.Learn([]Member{gone})
	if _, ok := tb.Get(gone.ID); ok {
		t.Error("not forgotten, or brought back by one who has not forgotten yet")
	}
	gone.State = Alive
	gone.Version++
	tb.Learn([]Member{gone})
	if m, _ := tb.Get(gone.ID); m.State != Alive {
		t.Error("its return was not believed")
	}
}

func TestRumoursAreToldABoundedNumberOfTimes(t *testing.T) {
	tb := New(Config{Self: record(0)}, nil)
	var ms []Member
	for i := range 40 {
		ms = append(ms, record(i+1))
	}
	tb.Learn(ms)
	told := map[string]int{}
	for range 500 {
		g := tb.gossip(nil)
		if len(g) > GossipMax || g[0] != tb.Self() {
			t.Fatalf("%d records, the first of %s", len(g), g[0].Name)
		}
		for _, m := range g[1:] {
			told[m.Name]++
		}
	}
	for _, m := range ms {
		if told[m.Name] != tb.logTicks() {
			t.Errorf("%s was told %d times, want %d", m.Name, told[m.Name], tb.logTicks())
		}
	}
	// The newest goes first, and an older one's rumour is void.
	ms[3].Version++
	tb.Learn(ms[3:4])
	if g := tb.gossip(nil); len(g) != 2 || g[1] != ms[3] {
		t.Errorf("after one change: %+v", g)
	}
}

// A driver that never reports costs nothing but the probe's result.
func TestUnreportedCallsAreGivenUp(t *testing.T) {
	tb := New(Config{Self: record(0)}, nil)
	tb.Learn([]Member{record(1), record(2)})
	tb.Contact("nowhere:1")
	for range 1000 {
		tb.Tick()
		tb.Ready()
	}
	if len(tb.calls) > 100 || len(tb.flight) > 100 {
		t.Errorf("%d calls, %d in flight", len(tb.calls), len(tb.flight))
	}
	if tb.Count(Down) != 2 {
		t.Errorf("%d are down, want both", tb.Count(Down))
	}
}

func TestSameSeedSameRun(t *testing.T) {
	run := func() (log []string) {
		n := newNetwork(t, 31)
		n.ring(10)
		n.loss = 0.3
		n.onSuspect = func(by *Table, of Member) { log = append(log, fmt.Sprint(n.now, by.Self(), of)) }
		n.run(300)
		return append(log, fmt.Sprint(n.calls))
	}
	if a, b := run(), run(); !slices.Equal(a, b) {
		t.Errorf("two runs of one seed differ:\n%v\n%v", a, b)
	}
}

func TestLostAnswerIsLearnedFromLate(t *testing.T) {
	tb := New(Config{Self: record(0)}, nil)
	tb.Answered(77, Ack{From: record(1).ID, Gossip: []Member{record(1)}})
	if _, ok := tb.Get(record(1).ID); !ok {
		t.Error("nothing was learned")
	}
}

func big(b *testing.B) *Table {
	tb := New(Config{Self: record(0)}, nil)
	for i := range 9_999 {
		tb.Learn([]Member{record(i + 1)})
	}
	b.ReportAllocs()
	b.ResetTimer()
	return tb
}

func BenchmarkClosest10000(b *testing.B) {
	tb := big(b)
	a, z := record(5).ID, record(6).ID
	for b.Loop() {
		tb.Closest(a, z, nil)
	}
}

func BenchmarkTick10000(b *testing.B) {
	tb := big(b)
	for b.Loop() {
		tb.Tick()
		for _, c := range tb.Ready().Calls {
			tb.Answered(c.Number, Ack{From: c.To.ID})
		}
	}
}
