package ring

import "chord/keyspace"

// Strikes is how many calls in a row must fail until a peer that the failure
// detector does not know is [Down]: many, for nobody else is asked.
const Strikes = 10

// Verdicts is what the [Ring] was told of its peers by its driver, as a value
// beside it. Most verdicts are changes in the table of members. Two come to the
// ring with a call that failed, for no change says them: on who was down there
// before the ring met it, as after a restart; and on who is not in it, because
// it died before it was heard of, or did not fit. Its zero value is ready.
type Verdicts struct {
	down    map[keyspace.ID]bool
	strikes map[keyspace.ID]int // failed calls in a row to those not in the table
}

// IsDown reports whether the ring was told that a peer is down.
func (v *Verdicts) IsDown(id keyspace.ID) bool { return v.down[id] }

// Down returns the event that tells the ring; false where it knows.
func (v *Verdicts) Down(id keyspace.ID) (Event, bool) {
	if v.down[id] {
		return nil, false
	}
	if v.down == nil {
		v.down = make(map[keyspace.ID]bool)
	}
	v.down[id] = true
	return Down{id}, true
}

// Up takes [Verdicts.Down] back.
func (v *Verdicts) Up(id keyspace.ID) (Event, bool) {
	was := v.down[id]
	delete(v.down, id)
	return Up{id}, was
}

// Changed brings a change in the table: whether the peer was gone, that is down
// or left, and is now.
func (v *Verdicts) Changed(id keyspace.ID, was, is bool) (Event, bool) {
	was = was || v.strikes[id] >= Strikes
	delete(v.strikes, id)
	switch {
	case is:
		return v.Down(id)
	case was:
		return v.Up(id)
	}
	return nil, false
}

// Answered says that a call of the ring to the peer was answered.
func (v *Verdicts) Answered(id keyspace.ID) { delete(v.strikes, id) }

// Failed says that a call of the ring to the peer failed, and what the table
// says of it.
func (v *Verdicts) Failed(id keyspace.ID, known, gone bool) (Event, bool) {
	if known {
		delete(v.strikes, id)
	} else {
		if v.strikes == nil {
			v.strikes = make(map[keyspace.ID]int)
		}
		v.strikes[id]++
	}
	if gone || v.strikes[id] == Strikes {
		return v.Down(id)
	}
	return nil, false
}

// Arc returns the open arc in which the driver looks for a [Candidate]: from the
// node to the head of its list, or the whole circle, as (self, self), where the
// head is down. It is false where there is nothing to look for.
func (v *Verdicts) Arc(w View) (after, before keyspace.ID, ok bool) {
	if w.Phase != Member || len(w.Successors) == 0 {
		return after, before, false
	}
	if head := w.Successors[0].ID; !v.down[head] {
		return w.Self.ID, head, true
	}
	return w.Self.ID, w.Self.ID, true
}

// Stranded reports whether the node has no place in a ring, or has one behind a
// head that is down: [ColdStart] goes on until it is no longer so.
func (v *Verdicts) Stranded(w View) bool {
	return w.Phase != Member || len(w.Successors) == 0 || v.down[w.Successors[0].ID]
}
