package member

import (
	"fmt"
	"slices"
	"testing"

	"chord/keyspace"
)

// Mistakes that are planted on what a table believes.
const (
	noMistake    = ""
	oneTimeout   = "take one time-out for death"
	noRefutation = "ignore refutations"
	rumourFells  = "take others' suspicion for a verdict"
	forgetsDead  = "forget at once who is down"
)

// plant has all tables make a mistake.
func (n *network) plant(mistake string) {
	suspected := map[*Table]map[keyspace.ID]entry{}
	n.spoil = func(tb *Table, failed *Call) {
		if suspected[tb] == nil {
			suspected[tb] = map[keyspace.ID]entry{}
		}
		for _, e := range slices.Clone(tb.order) {
			m := e.m
			old, doubted := suspected[tb][m.ID]
			switch {
			case e == tb.me:
			case mistake == oneTimeout && failed != nil && failed.To.ID == m.ID && m.State.Live(),
				mistake == rumourFells && m.State == Suspect && e.hearsay && !e.own:
				m.State = Down
				tb.adopt(e, m)
			case mistake == forgetsDead && m.State == Down:
				tb.drop(e)
			case mistake == noRefutation && m.State == Suspect && !doubted:
				suspected[tb][m.ID] = *e
			case mistake == noRefutation && m.State == Alive && doubted:
				m.State = Suspect
				tb.adopt(e, m)
				e.since, e.own, e.hearsay = old.since, old.own, old.hearsay
			}
		}
	}
}

// suffer runs a ring under loss, and then through a partition after which nobody
// but the members themselves knows who they are, and says what went
// wrong.
func suffer(t *testing.T, seed uint64, mistake string) (wrong error) {
	n := newNetwork(t, seed)
	n.ring(8)
	n.plant(mistake)
	n.loss, n.delay = 0.05, 0.1
	n.onDown = func(by *Table, of Member) {
		if wrong == nil {
			wrong = fmt.Errorf("tick %d: %s says %s is down, which lives", n.now, by.Self().Name, of.Name)
		}
	}
	n.run(400)
	if n.loss, n.delay = 0, 0; wrong != nil {
		return wrong
	}
	n.onDown = nil
	n.split(3)
	n.run(200)
	n.crash(n.tables[0]) // whom all were told to contact
	n.heal()
	n.run(200)
	if !n.agree(n.tables[1:], Alive) {
		return fmt.Errorf("tick %d: the sides did not find together", n.now)
	}
	return nil
}

func TestPlantedFaults(t *testing.T) {
	for seed := range uint64(20) {
		if err := suffer(t, seed+1, noMistake); err != nil {
			t.Errorf("seed %d, no mistake: %v", seed+1, err)
		}
	}
	for _, mistake := range []string{oneTimeout, noRefutation, rumourFells, forgetsDead} {
		t.Run(mistake, func(t *testing.T) {
			for seed := range uint64(500) {
				if err := suffer(t, seed+1, mistake); err != nil {
					t.Logf("%d seeds: %v", seed+1, err)
					return
				}
			}
			t.Error("not found")
		})
	}
}
