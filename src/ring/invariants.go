package ring

import (
	"errors"
	"fmt"

	"chord/keyspace"
)

// ErrInvariant is wrapped by everything that [Ring.CheckInvariants] finds.
var ErrInvariant = errors.New("invariant broken")

// CheckInvariants returns an error where the node's own state contradicts
// itself; tests and simulators call it after every event. What must hold between
// nodes only a simulator can see.
func (r *Ring) CheckInvariants() error {
	for _, check := range [...]func() string{r.checkPhase, r.checkList, r.checkQuestions, r.checkFingers} {
		if wrong := check(); wrong != "" {
			return fmt.Errorf("ring: %s: %w: %s", r.self.ID.Short(), ErrInvariant, wrong)
		}
	}
	return nil
}

func (r *Ring) checkPhase() string {
	switch {
	case r.phase != Member && len(r.succ) > 0:
		return "successors outside of a ring"
	case r.phase != Member && !r.pred.IsZero():
		return "predecessor outside of a ring"
	case r.phase == Joining && !r.seeking:
		return "joining, and looks for no place"
	case r.phase == Outside && r.last > 0:
		return "questions from outside"
	case r.pred.ID == r.self.ID && !r.pred.IsZero():
		return "its own predecessor"
	}
	return ""
}

func (r *Ring) checkList() string {
	switch {
	case r.phase != Member:
		return ""
	case len(r.succ) == 0 || len(r.succ) > r.length:
		return fmt.Sprintf("%d successors, want 1 to %d", len(r.succ), r.length)
	case len(r.succ) > 1 && r.isDown(r.succ[0]):
		return "the head is down, and others are left"
	case len(r.succ) == 1:
		return ""
	}
	prev := r.self.ID
	for i, p := range r.succ {
		if !keyspace.Between(prev, p.ID, r.self.ID) {
			return fmt.Sprintf("successor %d is out of order, or repeated, or the node itself", i)
		}
		prev = p.ID
	}
	return ""
}

func (r *Ring) checkQuestions() string {
	switch {
	case r.asking.number > r.last:
		return "a question that was never asked"
	case r.asking.number != 0 && r.asking.why != forPlace && r.phase != Member:
		return "stabilises outside of a ring"
	case r.asking.number != 0 && r.asking.why == forHead && r.asking.to.ID != r.succ[0].ID:
		return "asks a head that it no longer has"
	case r.asking.number != 0 && r.asking.why == forCandidate && !r.near(r.asking.to):
		return "asks a candidate that is not nearer"
	case r.asking.number != 0 && r.asking.why == forPlace && !r.seeking:
		return "asks for a place that it does not look for"
	case !r.seeking && (len(r.contacts) > 0 || r.placing.search != nil || !r.place.IsZero()):
		return "leftovers of a search for a place"
	case r.asking.number == 0 && !r.place.IsZero():
		return "knows whom to ask for a place, and does not"
	}
	return ""
}

func (r *Ring) checkFingers() string {
	last, prev := -1, r.self.ID
	for _, f := range r.fingers {
		switch {
		case f.From <= last || f.To < f.From || f.To >= keyspace.Bits:
			return fmt.Sprintf("finger %d-%d after %d", f.From, f.To, last)
		case !keyspace.Between(prev, f.Peer.ID, r.self.ID):
			return fmt.Sprintf("finger %d-%d is not farther than the one before", f.From, f.To)
		case r.isDown(f.Peer):
			return fmt.Sprintf("finger %d-%d is down", f.From, f.To)
		}
		last, prev = f.To, f.Peer.ID
	}
	return ""
}
