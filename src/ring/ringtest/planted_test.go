package ringtest

import (
	"testing"

	"chord/keyspace"
	"chord/ring"
)

// planted is package ring with one deliberate mistake.
type planted struct {
	*ring.Ring
	asked map[uint64]ring.Peer
	fault string
	news  bool // it has pointers that Ready did not tell of
}

const (
	staleList  = "resume the stored list after a restart"
	hasty      = "adopt a nearer one unasked"
	oneTimeout = "take one time-out for death"
	neverAlive = "never take a verdict back"
	deaf       = "ignore notifications"
)

// plant has the nodes of o make the mistake. It keeps what a node pointed at
// when it was last looked at, as a database would.
func plant(o Options, fault string) Options {
	last := map[keyspace.ID]*planted{}
	o.make = func(c ring.Config) machine {
		p := &planted{Ring: ring.New(c), asked: map[uint64]ring.Peer{}, fault: fault}
		if old := last[c.Self.ID]; old != nil && fault == staleList && old.View().Phase == ring.Member {
			v := old.View()
			v.Fingers = nil
			p.Ring, p.news = ring.FromView(c, v), true
		}
		last[c.Self.ID] = p
		return p
	}
	return o
}

func (p *planted) Step(e ring.Event) {
	switch e := e.(type) {
	case ring.Failed:
		p.Ring.Step(e)
		if to := p.asked[e.Call]; p.fault == oneTimeout && !to.IsZero() {
			p.Ring.Step(ring.Down{ID: to.ID})
		}
		return
	case ring.Up:
		if p.fault == neverAlive {
			return
		}
	}
	p.Ring.Step(e)
}

func (p *planted) Handle(q ring.Request) ring.Response {
	if _, ok := q.(ring.Notify); ok && p.fault == deaf {
		return ring.Noted{}
	}
	return p.Ring.Handle(q)
}

// Ready has who is nearer than the head answer at once, as if it had been asked.
func (p *planted) Ready() ring.Ready {
	ready := p.Ring.Ready()
	ready.Changed, p.news = ready.Changed || p.news, false
	calls := ready.Calls
	ready.Calls = nil
	for len(calls) > 0 {
		c, v := calls[0], p.View()
		calls = calls[1:]
		p.asked[c.Number] = c.To
		if _, ok := c.Request.(ring.AskState); !ok || p.fault != hasty || v.Phase != ring.Member ||
			!keyspace.Between(p.View().Self.ID, c.To.ID, v.Successors[0].ID) {
			ready.Calls = append(ready.Calls, c)
			continue
		}
		p.Ring.Step(ring.Answered{Call: c.Number, Response: ring.State{Self: c.To, Successors: v.Successors}})
		more := p.Ring.Ready()
		calls = append(calls, more.Calls...)
		ready.Changed = ready.Changed || more.Changed
		ready.NeedContacts = ready.NeedContacts || more.NeedContacts
	}
	return ready
}

// Each mistake is found within 500 seeds, most within a few.
func TestPlantedFaults(t *testing.T) {
	for _, f := range []struct {
		name string
		mode Mode
	}{{staleList, Model}, {hasty, Model}, {oneTimeout, Model}, {neverAlive, Wild}, {deaf, Model}} {
		t.Run(f.name, func(t *testing.T) {
			for seed := 1; seed <= 500; seed++ {
				if r := Torment(plant(Draw(uint64(seed), f.mode), f.name), f.mode, events); r.Err != nil {
					t.Logf("%d seeds: %v", seed, r.Err)
					return
				}
			}
			t.Error("not found")
		})
	}
}
