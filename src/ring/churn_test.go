package ring

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"chord/keyspace"
)

var (
	churnSeed = flag.Uint64("churn.seed", 0, "run only this seed of the churn test")
	churnRuns = flag.Uint64("churn.runs", 60, "how many seeds the churn test runs")
)

// TestChurnHeals joins, crashes, restarts and moves nodes, loses messages and
// accuses the living, in any order of messages; then all is quiet, and the ring
// must become ideal. While the failure detector never errs, what Zave proves is
// checked around every event: everybody who is a member has a live successor.
func TestChurnHeals(t *testing.T) {
	for seed := range *churnRuns {
		if *churnSeed != 0 {
			seed = *churnSeed
		}
		c := newChurn(t, seed)
		for range 1500 {
			c.event()
		}
		c.heal()
		if t.Failed() || *churnSeed != 0 {
			t.Fatalf("replay with -churn.seed=%d", seed)
		}
	}
}

type churn struct {
	*network
	dead []Peer
	errs bool // the failure detector errs, messages get lost
}

func newChurn(t *testing.T, seed uint64) *churn {
	c := &churn{network: newNetwork(t), errs: seed%2 == 1}
	c.rng = rand.New(rand.NewPCG(seed, 0))
	c.contacts = true
	length := 3 + c.rng.IntN(6)
	for range 24 {
		c.dead = append(c.dead, random(c.rng))
	}
	first := c.add(Config{Self: c.dead[0], Length: length})
	c.dead = c.dead[1:]
	c.step(first, Create{})
	for range 7 {
		c.start(length)
		c.settle()
	}
	c.until(500)
	return c
}

func (c *churn) any() *Ring { return c.rings[c.ids[c.rng.IntN(len(c.ids))]] }

// start brings one of the dead up again, with the contacts that it remembers.
func (c *churn) start(length int) {
	i := c.rng.IntN(len(c.dead))
	p := c.dead[i]
	c.dead = slices.Delete(c.dead, i, i+1)
	if c.rng.IntN(4) == 0 {
		p.Addr += "'" // on another host
	}
	contacts := c.peers()
	r := c.add(Config{Self: p, Length: length})
	for _, id := range c.ids {
		c.step(c.rings[id], Up{p.ID})
	}
	c.step(r, Join{contacts})
}

// crash takes a node away, if everybody else keeps a live successor. The
// detectors hear of it one by one: here at once, but before any message.
func (c *churn) crash() {
	r := c.any()
	if len(c.ids) < 4 || !c.bearable(r) {
		return
	}
	c.dead = append(c.dead, r.self)
	c.remove(r.self)
	for _, id := range slices.Clone(c.ids) {
		c.step(c.rings[id], Down{r.self.ID})
	}
}

// bearable is Zave's assumption on failures: no list loses its last live entry,
// nor does one that is on its way.
func (c *churn) bearable(dead *Ring) bool {
	for _, id := range c.ids {
		r := c.rings[id]
		if r != dead && r.phase == Member && !slices.ContainsFunc(r.succ, func(p Peer) bool {
			other := c.rings[p.ID]
			return other != nil && other != dead && other != r && other.phase == Member
		}) {
			return false
		}
	}
	return true
}

func (c *churn) event() {
	c.t.Helper()
	switch k := c.rng.IntN(200); {
	case k < 3 && len(c.dead) > 0:
		c.start(c.any().length)
	case k < 5:
		c.crash()
	case k < 10:
		c.step(c.any(), Candidate{c.any().self})
	case k < 14 && c.errs:
		c.step(c.any(), Down{c.any().self.ID})
	case k < 18 && c.errs:
		c.step(c.any(), Up{c.any().self.ID})
	case k < 24 && c.errs && len(c.queue) > 0:
		m := &c.queue[c.rng.IntN(len(c.queue))]
		m.answer, m.back = nil, true
	case k < 50:
		c.step(c.any(), Tick{})
	default:
		c.deliver()
	}
	if !c.errs {
		c.checkLive()
	}
}

// checkLive is Zave's OneLiveSuccessor, as far as nodes that restarted have not
// taken the place of those that others point at.
func (c *churn) checkLive() {
	c.t.Helper()
	for _, id := range c.ids {
		r := c.rings[id]
		if r.phase == Member && r.isolated() && len(c.ids) > 1 {
			c.t.Fatalf("%s is isolated", id.Short())
		}
	}
}

// heal lets the detectors come to the truth and names the candidates that a
// driver's memory holds, until the ring is ideal.
func (c *churn) heal() {
	c.t.Helper()
	for _, id := range slices.Clone(c.ids) {
		for _, other := range c.ids {
			c.step(c.rings[id], Up{other})
		}
		for _, p := range c.dead {
			c.step(c.rings[id], Down{p.ID})
		}
	}
	for range 400 {
		if c.ideal() == "" {
			return
		}
		for _, id := range c.ids {
			r := c.rings[id]
			if r.phase == Member {
				c.step(r, Candidate{c.closest(r)})
			}
		}
		c.round()
	}
	c.t.Errorf("not healed: %s", c.ideal())
}

func (c *churn) closest(r *Ring) Peer {
	best := r.self
	for _, p := range c.peers() {
		if p.ID != r.self.ID && (best == r.self || keyspace.Between(r.self.ID, p.ID, best.ID)) {
			best = p
		}
	}
	return best
}
