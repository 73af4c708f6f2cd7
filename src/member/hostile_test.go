package member

import (
	"fmt"
	"testing"

	"chord/keyspace"
)

// invention is a record of nobody, which claims all that a record may claim.
func invention(i int) Member {
	name := fmt.Sprintf("nobody%d", i)
	return Member{
		ID: keyspace.HashNode("test", name, 0), Name: name, Addr: fmt.Sprintf("192.0.2.%d:%d", i%250+1, i%60000+1),
		Incarnation: uint64(i), Version: uint64(i) << 40 % maxVersion, State: State(i % int(Forgotten+1)), Serving: i%2 == 0,
	}
}

// A flood of invented members fills a table up to its limit, and displaces nobody
// who lives, or is down and holds data. What it says against the node itself is
// refuted, whatever the version.
func TestInventedMembers(t *testing.T) {
	const limit, alive, down = 64, 20, 10
	self := record(0)
	tb := New(Config{Self: self, Seed: 1, Limit: limit}, nil)
	var honest []Member
	for i := 1; i <= alive+down; i++ {
		m := record(i)
		if m.Serving = true; i > alive {
			m.State = Suspect
		}
		honest = append(honest, m)
	}
	tb.Learn(honest)
	for range 200 { // the suspicions run out; nobody answers a probe
		tb.Tick()
		for _, c := range tb.Ready().Calls {
			if p, ok := c.Request.(Ping); ok && tb.byID[p.To] != nil {
				tb.Answered(c.Number, Ack{From: p.To, Gossip: []Member{tb.byID[p.To].m}})
			} else {
				tb.Failed(c.Number)
			}
		}
	}
	for i := range 20_000 {
		switch m := invention(i); i % 10 {
		case 0: // against the node itself
			m.ID, m.Name, m.Addr, m.Incarnation = self.ID, self.Name, self.Addr, self.Incarnation
			if m.State = State(i / 10 % int(Left)); m.Version >= maxVersion/2 {
				m.Version = maxVersion / 2
			}
			tb.Learn([]Member{m})
		default:
			tb.Learn([]Member{m})
		}
		if i%500 == 0 {
			tb.Tick()
			for _, c := range tb.Ready().Calls {
				tb.Failed(c.Number)
			}
			if err := tb.CheckInvariants(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tb.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	for _, m := range honest {
		if _, ok := tb.Get(m.ID); !ok {
			t.Errorf("%s was displaced", m.Name)
		}
	}
	if me := tb.Self(); me.State != Alive {
		t.Errorf("the node believes itself %s", me.State)
	}
	if n := len(tb.All()); n > limit {
		t.Errorf("%d members, the limit is %d", n, limit)
	}
	if n := len(tb.news.rumours); n > 3*limit+64 {
		t.Errorf("%d rumours wait to be told", n)
	}
}
