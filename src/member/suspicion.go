package member

import "math"

const (
	// suspicionFloor is the least number of ticks of a suspicion: in a tiny ring
	// the logarithm would leave no time for a second question.
	suspicionFloor = 5
	// suspicionSpread is how much longer a suspicion lasts that nobody else
	// confirmed (Lifeguard, section IV-B).
	suspicionSpread = 6
)

// accuse draws the consequence of a failed probe.
func (t *Table) accuse(e *entry, p *probe) {
	switch {
	case e.m.Version != p.version:
		// It refuted or announced something meanwhile: it lives.
	case e.unverified:
		e.unverified = false // it reads as down already; now others may be told
	case e.m.State == Alive || e.m.State == Leaving:
		m := e.m
		m.State = Suspect
		t.adopt(e, m)
		e.own = true
	case e.m.State == Suspect:
		e.own = true
	}
}

// enlist has an entry's suspicion looked at in every tick.
func (t *Table) enlist(e *entry) {
	if e.m.State == Suspect && !e.listed {
		e.listed = true
		t.suspects = append(t.suspects, e)
	}
}

// condemn declares down who did not refute in time.
func (t *Table) condemn() {
	kept := t.suspects[:0]
	doubting := t.doubting()
	for _, e := range t.suspects {
		if e.m.State == Suspect && t.knows(e) && !doubting && t.now-e.since >= t.patienceWith(e) {
			m := e.m
			m.State = Down
			t.adopt(e, m)
		}
		e.listed = e.m.State == Suspect && t.knows(e)
		if e.listed {
			kept = append(kept, e)
		}
	}
	clear(t.suspects[len(kept):])
	t.suspects = kept
}

// patienceWith returns how many ticks the suspicion of e lasts. Records do not
// name their accuser, so there are two independent witnesses at most: the own
// probe, and whoever said so first.
func (t *Table) patienceWith(e *entry) uint64 {
	ticks := max(suspicionFloor, t.logTicks()) * t.patience()
	switch {
	case e.own && e.hearsay:
	case t.living() <= 2: // there is nobody who could confirm
		ticks *= suspicionSpread / 2
	default:
		ticks *= suspicionSpread
	}
	return uint64(ticks)
}

// logTicks is 4 log10(n+1) for n live members: the ticks of a suspicion, and
// the times a rumour is told.
func (t *Table) logTicks() int {
	return int(math.Ceil(4 * math.Log10(float64(t.living()+1))))
}

// living counts the live members, the node itself included.
func (t *Table) living() int { return t.counts[Alive] + t.counts[Leaving] + t.counts[Suspect] }
