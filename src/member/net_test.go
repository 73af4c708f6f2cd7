package member

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"chord/keyspace"
)

// network is N tables and the wire between them, in ticks. An attempt of the
// wire takes no time unless slow; who gets no answer hears so within the tick.
type network struct {
	t                 *testing.T
	rng               *rand.Rand
	now               int
	tables            []*Table
	at                map[string]*Table // who answers at an address
	kept              []map[keyspace.ID]Member
	cut               func(from, to *Table) bool // partition
	loss              float64
	slow              func(*Table) bool // answers to and from it come too late, mostly
	late              []func()          // answers of the next tick
	delay             float64           // share of the answers that come a tick later
	worst             int               // the most records in a message of gossip
	bad               []Conflict
	onDown, onSuspect func(by *Table, of Member)
	calls             int
	spoil             func(tb *Table, failed *Call) // a planted fault; see planted_test.go
}

// newNetwork makes an empty network. CHORD_SEED is added to each test's own
// seed, for other runs of the same scenarios.
func newNetwork(t *testing.T, seed uint64) *network {
	more, _ := strconv.ParseUint(os.Getenv("CHORD_SEED"), 10, 64)
	seed += more
	t.Logf("seed %d", seed)
	return &network{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), at: map[string]*Table{},
		cut: func(a, b *Table) bool { return false }, slow: func(*Table) bool { return false },
	}
}

func record(i int) Member {
	name := fmt.Sprintf("node%d", i)
	return Member{
		ID: keyspace.HashNode("test", name, 0), Name: name, Addr: fmt.Sprintf("10.0.%d.%d:1", i/250, i%250),
		Domain: "d", Incarnation: uint64(i + 1), Version: 1,
	}
}

// start makes one more table, which remembers what is given.
func (n *network) start(m Member, remembered ...Member) *Table {
	tb := New(Config{Self: m, Seed: n.rng.Uint64()}, remembered)
	n.tables = append(n.tables, tb)
	n.kept = append(n.kept, map[keyspace.ID]Member{})
	n.at[m.Addr] = tb
	return tb
}

// ring starts count tables which know each other by their first.
func (n *network) ring(count int) {
	for i := range count {
		tb := n.start(record(i))
		if i > 0 {
			tb.Contact(n.tables[0].Self().Addr)
		}
	}
	n.until("all know all", 60, func() bool { return n.agree(n.tables, Alive) })
}

func (n *network) crash(tb *Table) { delete(n.at, tb.Self().Addr) }

func (n *network) up(tb *Table) bool { return n.at[tb.Self().Addr] == tb }

func (n *network) tick() {
	n.now++
	late := n.late
	n.late = nil
	for _, f := range late {
		f()
	}
	for i, tb := range n.tables {
		if n.up(tb) {
			tb.Tick()
			n.drain(i)
		}
	}
}

// drain does all that a table wants done.
func (n *network) drain(i int) {
	tb := n.tables[i]
	for {
		r := tb.Ready()
		for _, c := range r.Changes {
			n.note(i, c)
		}
		n.bad = append(n.bad, r.Conflicts...)
		if len(r.Calls) == 0 {
			break
		}
		for _, c := range r.Calls {
			n.calls++
			if n.rng.Float64() < n.delay {
				n.late = append(n.late, func() { n.send(tb, c); n.drain(i) })
			} else {
				n.send(tb, c)
			}
		}
	}
	if n.spoil != nil {
		n.spoil(tb, nil)
	}
	if err := tb.CheckInvariants(); err != nil {
		n.t.Fatal(err)
	}
}

func (n *network) note(i int, c Change) {
	if (c.New == Member{}) {
		delete(n.kept[i], c.Old.ID)
		return
	}
	n.kept[i][c.New.ID] = c.New
	if c.New.State == Down && n.onDown != nil {
		n.onDown(n.tables[i], c.New)
	}
	if c.New.State == Suspect && c.Old.State == Alive && n.onSuspect != nil {
		n.onSuspect(n.tables[i], c.New)
	}
}

func (n *network) send(from *Table, c Call) {
	r, ok := n.reach(from, c.To.Addr, c.Request)
	if !n.up(from) {
		return
	}
	if ok {
		from.Answered(c.Number, r)
	} else {
		from.Failed(c.Number)
		if n.spoil != nil {
			n.spoil(from, &c)
		}
	}
}

// reach carries a question and its answer, either of which may be lost.
func (n *network) reach(from *Table, addr string, q Request) (Response, bool) {
	to := n.at[addr]
	n.measure(q)
	if to == nil || n.cut(from, to) || n.lost(from, to) {
		return nil, false
	}
	r, relay := to.Handle(q)
	if relay != nil {
		var ok bool
		if r, ok = n.reach(to, relay.To.Addr, relay.Ping); !ok {
			return nil, false
		}
		to.Learn(r.(Ack).Gossip)
	}
	n.measure(r)
	return r, !n.cut(to, from) && !n.lost(to, from)
}

func (n *network) lost(a, b *Table) bool {
	p := n.loss
	if n.slow(a) || n.slow(b) {
		p = 0.6
	}
	return p > 0 && n.rng.Float64() < p
}

func (n *network) measure(v any) {
	switch v := v.(type) {
	case Ping:
		n.worst = max(n.worst, len(v.Gossip))
	case PingThrough:
		n.worst = max(n.worst, len(v.Gossip))
	case Ack:
		n.worst = max(n.worst, len(v.Gossip))
	}
}

// until ticks until the condition holds, and returns how many ticks it took.
func (n *network) until(what string, most int, done func() bool) int {
	n.t.Helper()
	for i := range most {
		if done() {
			return i
		}
		n.tick()
	}
	if !done() {
		n.t.Fatalf("not within %d ticks: %s", most, what)
	}
	return most
}

func (n *network) run(ticks int) {
	for range ticks {
		n.tick()
	}
}

// agree reports whether each of these tables that is up believes each of them
// to be in the state, with the record that it has of itself.
func (n *network) agree(ts []*Table, s State) bool {
	for _, a := range ts {
		if n.up(a) && !n.knows(a, ts, s) {
			return false
		}
	}
	return true
}

func (n *network) knows(a *Table, ts []*Table, s State) bool {
	for _, b := range ts {
		m, ok := a.Get(b.Self().ID)
		if !ok || m.State != s || s == Alive && m != b.Self() {
			return false
		}
	}
	return true
}

// allSee reports whether every table that is up, but the one itself, holds id
// in the state.
func (n *network) allSee(ts []*Table, of *Table, s State) bool {
	for _, a := range ts {
		if a == of || !n.up(a) {
			continue
		}
		if m, ok := a.Get(of.Self().ID); !ok || m.State != s {
			return false
		}
	}
	return true
}
