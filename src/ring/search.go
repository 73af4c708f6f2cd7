package ring

import (
	"slices"

	"chord/keyspace"
)

// MaxQuestions bounds a [Search]. A ring of a million nodes needs ten.
const MaxQuestions = 64

// Search is an iterative lookup as a value: it says whom to ask with [AskRoute],
// and takes the answers, until it knows the successor of its target. It asks the
// nearest before the target first; where that one fails, the next best. It is
// not safe for concurrent use.
type Search struct {
	target keyspace.ID
	// Invariant: the nearest to target first, without repetition, at most as many
	// as may still be asked.
	todo  []Peer
	path  []Step
	by    Peer   // who knew the answer
	found []Peer // the target's successor, and who follows it
	// The nearest before the target that knew who follows it without being next to
	// it: the answer, where all between do not answer.
	near  Peer
	after []Peer
}

// Step is one question of a [Search].
type Step struct {
	Peer    Peer
	Outcome Outcome
}

// Outcome is what came of a question.
type Outcome int

const (
	// OutcomeWaiting: no answer yet.
	OutcomeWaiting Outcome = iota
	// OutcomeAnswered: it knew the successor, or somebody nearer.
	OutcomeAnswered
	// OutcomePending: it is not a member of a ring (yet).
	OutcomePending
	// OutcomeFailed: it did not answer, or its answer made no sense.
	OutcomeFailed
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	return [...]string{"waiting", "answered", "pending", "failed"}[o]
}

// NewSearch returns the search for the successor of target that starts with the
// peers of first: one is enough, thousands will do, in any order.
func NewSearch(target keyspace.ID, first []Peer) *Search {
	s := &Search{target: target}
	for _, p := range first {
		s.add(p)
	}
	return s
}

// Next returns whom to ask now. It is false once the search is done, and where
// nobody is left to ask. Calling it before the last answer came hedges the
// question.
func (s *Search) Next() (p Peer, ok bool) {
	if s.found != nil || len(s.todo) == 0 {
		return Peer{}, false
	}
	p = s.todo[0]
	s.todo = slices.Delete(s.todo, 0, 1)
	s.path = append(s.path, Step{Peer: p})
	return p, true
}

// Answer brings what from answered. Hops that are not nearer to the target than
// from itself are ignored, so that no answer leads in a circle.
func (s *Search) Answer(from Peer, r Route) {
	step := s.waiting(from)
	switch {
	case step == nil || s.found != nil:
	case r.Pending:
		step.Outcome = OutcomePending
	case r.Found:
		if len(r.Hops) == 0 || !(keyspace.Arc{Start: from.ID, End: r.Hops[0].ID}).Contains(s.target) {
			step.Outcome = OutcomeFailed
			return
		}
		step.Outcome, s.by, s.found = OutcomeAnswered, from, r.Hops
	default:
		step.Outcome = OutcomeFailed
		for i, p := range r.Hops {
			if from.ID == s.target || !keyspace.Between(from.ID, p.ID, s.target) {
				s.beyond(from, r.Hops[i:])
				break
			}
			step.Outcome = OutcomeAnswered
			s.add(p)
		}
	}
	s.passOver()
}

// beyond notes who follows the target by the word of from.
func (s *Search) beyond(from Peer, after []Peer) {
	if from.ID != s.target && after[0].ID != from.ID && (s.after == nil || s.nearer(from.ID, s.near.ID)) {
		s.near, s.after = from, after
	}
}

// passOver ends the search where nobody is left to answer between the target and
// who knows what follows it: all of them just failed.
func (s *Search) passOver() {
	if s.found != nil || s.after == nil || len(s.todo) > 0 && s.nearer(s.todo[0].ID, s.near.ID) {
		return
	}
	for _, step := range s.path {
		if step.Outcome == OutcomeWaiting && s.nearer(step.Peer.ID, s.near.ID) {
			return
		}
	}
	s.by, s.found = s.near, s.after
}

// Fail says that p did not answer.
func (s *Search) Fail(p Peer) {
	if step := s.waiting(p); step != nil {
		step.Outcome = OutcomeFailed
		s.passOver()
	}
}

// Result returns the target's successor and who follows it, nearest first. Until
// one was found, done is false.
func (s *Search) Result() (owner Peer, rest []Peer, done bool) {
	if s.found == nil {
		return Peer{}, nil, false
	}
	return s.found[0], s.found[1:], true
}

// Path returns who was asked, in order, and what came of it.
func (s *Search) Path() []Step { return slices.Clone(s.path) }

// waiting returns the open question to p; nil where there is none.
func (s *Search) waiting(p Peer) *Step {
	for i := range s.path {
		if s.path[i].Outcome == OutcomeWaiting && s.path[i].Peer.ID == p.ID {
			return &s.path[i]
		}
	}
	return nil
}

// add keeps p, unless it was asked already or enough nearer ones are known.
func (s *Search) add(p Peer) {
	limit := MaxQuestions - len(s.path)
	if p.IsZero() || limit == 0 || len(s.todo) == limit && !s.nearer(p.ID, s.todo[limit-1].ID) {
		return
	}
	if slices.ContainsFunc(s.path, func(step Step) bool { return step.Peer.ID == p.ID }) {
		return
	}
	i, known := slices.BinarySearchFunc(s.todo, p.ID, s.compare)
	if known {
		return
	}
	if len(s.todo) == limit {
		s.todo = s.todo[:limit-1]
	}
	s.todo = slices.Insert(s.todo, i, p)
}

// nearer reports whether a comes later before the target than b does.
func (s *Search) nearer(a, b keyspace.ID) bool {
	return a != b && (a == s.target || b != s.target && keyspace.Between(b, a, s.target))
}

func (s *Search) compare(p Peer, id keyspace.ID) int {
	switch {
	case p.ID == id:
		return 0
	case s.nearer(p.ID, id):
		return -1
	}
	return 1
}
