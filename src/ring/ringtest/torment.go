package ringtest

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"time"
)

// Mode is what the nemesis may do and what must hold all the same.
type Mode int

const (
	// Model: perfect verdicts, and Zave's assumption on failures is kept.
	Model Mode = iota
	// Wild: anything.
	Wild
)

// String returns the mode in lower case.
func (m Mode) String() string { return [...]string{"model", "wild"}[m] }

// Draw returns the options of a seed: rings of 3 to 14 nodes, lists of 2 to 16
// entries (in the mode wild 8 or 16, for shorter ones break when verdicts are
// false), networks from fast to so slow that answers overtake periods.
func Draw(seed uint64, mode Mode) Options {
	r := rand.New(rand.NewPCG(seed, uint64(mode)))
	o := Options{
		Seed:      seed,
		Nodes:     3 + r.IntN(12),
		Length:    []int{2, 3, 4, 8, 16}[r.IntN(5)],
		Delay:     []time.Duration{time.Millisecond, 20 * time.Millisecond, 150 * time.Millisecond}[r.IntN(3)],
		Loss:      []float64{0, 0.01, 0.1}[r.IntN(3)],
		Duplicate: []float64{0, 0.1}[r.IntN(2)],
		Check:     true,
	}
	if mode == Wild {
		o.Memory, o.Length = Tables, []int{8, 16}[r.IntN(2)]
		o.Delay = min(o.Delay, 50*time.Millisecond)
	}
	return o
}

// Report is what came of a [Torment].
type Report struct {
	Mode     Mode
	Options  Options
	Err      error    // the first broken invariant, or why the ring did not heal
	Broken   []string // all invariants broken on the way
	Healed   bool     // the ring came to rest after the faults
	Rounds   int      // how many periods that took
	Events   int
	Failures int // crashes and leaves
	Hash     uint64
	trace    string
}

// String tells how to see it again.
func (r Report) String() string {
	return fmt.Sprintf("seed %d, mode %v, %+v\nbroken %v, healed %v in %d rounds, %d events, error: %v\n%s"+
		"replay: go test ./ring/ringtest -run TestReplay -seed %d -mode %v -rules %v\n",
		r.Options.Seed, r.Mode, r.Options, r.Broken, r.Healed, r.Rounds, r.Events, r.Err, r.trace,
		r.Options.Seed, r.Mode, r.Options.Rules)
}

// Patience is in how many rounds after the last fault a ring of n nodes that are
// up must be at rest: a multiple of L + log n, and in the mode wild the time in
// which the tables agree who is there.
func Patience(mode Mode, length, n int) int {
	rounds := 4 * (length + bits.Len(uint(n)))
	if mode == Wild {
		rounds += 300
	}
	return rounds
}

// nemesis does its worst to one simulation.
type nemesis struct {
	s        *Sim
	mode     Mode
	failures int
	over     bool
}

// Torment founds a ring, has nodes join and come back and everything go wrong
// for so many events, stops, and waits for the ring to heal.
func Torment(o Options, mode Mode, events int) Report {
	s := New(o)
	if s.checker == nil {
		s.checker = newChecker(s)
	}
	s.checker.local = mode == Wild
	x := &nemesis{s: s, mode: mode}
	s.Found(0)
	s.After(0, x.act)
	for s.events < events && (s.Err() == nil || o.Rules == Published) {
		s.Step()
	}
	x.over = true
	r := Report{Mode: mode, Options: o, Err: s.Err(), Failures: x.failures}
	if r.Err == nil || o.Rules == Published {
		r.Rounds, r.Healed, r.Err = x.heal()
	}
	for _, i := range [...]string{"own", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9"} {
		if s.checker.broken[i] != nil {
			r.Broken = append(r.Broken, i)
		}
	}
	r.Events, r.Hash, r.trace = s.events, s.Hash(), s.Trace()+s.String()
	return r
}

// heal ends all faults, slowness among them, has the bootstrap node come back,
// without which new nodes may know nobody, and waits for the ring to come to rest: I10 to I12.
func (x *nemesis) heal() (rounds int, healed bool, err error) {
	s, mode := x.s, x.mode
	s.Heal()
	if mode == Wild && !s.nodes[0].up {
		x.restart(0)
	}
	s.o.Delay = min(s.o.Delay, s.o.Period/100)
	limit := Patience(mode, s.o.Length, len(s.Alive()))
	for ; rounds < limit && s.AtRest() != nil; rounds++ {
		s.run(1)
	}
	if err = s.AtRest(); err == nil {
		before := s.trace.changes
		s.run(10)
		if err = s.AtRest(); err == nil && mode == Model && s.trace.changes != before {
			err = s.unrest("I10", "pointers change at rest")
		}
	}
	if err == nil {
		err = s.Agree(s.nodes[0].self.ID, s.nodes[1].self.ID.AddPower(0), s.nodes[2].self.ID.AddPower(159))
	}
	if err == nil && s.o.Rules == Zave {
		err = s.Err()
	}
	return rounds, err == nil, err
}

// act does one bad thing, or has a node join, and comes back.
func (x *nemesis) act() {
	s := x.s
	if x.over {
		return
	}
	s.After(s.spread(s.o.Period), x.act)
	switch k := s.rand.IntN(100); {
	case k < 35:
		x.join()
	case k < 55:
		x.fail(1, s.Crash)
	case k < 60:
		x.fail(1, x.leave)
	case k < 64:
		x.fail(len(s.nodes)/2, s.Crash)
	case k < 74:
		s.Pause(x.pick(true), s.spread(3*s.o.Period))
	case k < 80:
		x.partition()
	case k < 88:
		s.Cut(x.pick(true), x.pick(true))
	case k < 92:
		s.Lose(0.3*s.rand.Float64(), 0.3*s.rand.Float64())
	case k < 96 && x.mode == Wild:
		x.suspect()
	default:
		s.Heal()
		s.Lose(s.o.Loss, s.o.Duplicate)
	}
}

// pick returns a random node that is up, or one that is not, if there is one.
func (x *nemesis) pick(up bool) int {
	var list []int
	for i, n := range x.s.nodes {
		if n.up == up {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[x.s.rand.IntN(len(list))]
}

func (x *nemesis) join() {
	if i := x.pick(false); i >= 0 {
		x.restart(i)
	}
}

// restart has a node come back, or come for the first time: then node 0 is its
// bootstrap node, and one that is up.
func (x *nemesis) restart(i int) {
	if n := x.s.nodes[i]; n.settled || n.life > 0 && x.mode == Model {
		x.s.Restart(i)
	} else {
		x.s.Join(i, 0, x.pick(true))
	}
}

// fail ends up to so many nodes, as far as the mode allows.
func (x *nemesis) fail(count int, how func(int)) {
	for range count {
		i := x.pick(true)
		if x.mode == Wild && len(x.s.Alive()) < 3 || x.mode == Model && !x.s.checker.mayFail(i) {
			continue
		}
		x.failures++
		how(i)
	}
}

// leave has a node go for good; not the bootstrap node of the mode wild, which
// is the one that always comes back and knows that there is a ring.
func (x *nemesis) leave(i int) {
	if i > 0 || x.mode == Model {
		x.s.Leave(i)
	}
}

func (x *nemesis) partition() {
	s := x.s
	sides := make([]int, len(s.nodes))
	for i := range sides {
		sides[i] = s.rand.IntN(2)
	}
	s.Partition(func(i int) int { return sides[i] })
	long := s.spread(3 * s.o.Period)
	if x.mode == Wild && s.rand.IntN(3) == 0 {
		long = s.spread(60 * s.o.Period) // until each side takes the other for dead
	}
	s.After(long, s.Heal)
}

// suspect has a node's ring told that a live one is down, for a while.
func (x *nemesis) suspect() {
	s := x.s
	if i, j := x.pick(true), x.pick(true); i != j {
		s.Suspect(i, j, s.spread(5*s.o.Period))
	}
}
