package ring

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chord/keyspace"
)

// solo is one node whose neighbours are played by the test. Peers are called by
// the first byte of their identifiers.
type solo struct {
	t     *testing.T
	r     *Ring
	calls []Call // not yet answered
}

// member is node self in the midst of its life.
func member(t *testing.T, self, pred int, succ ...int) *solo {
	r := New(Config{Self: at(self), Length: 4, NoFingers: true})
	r.phase, r.succ = Member, peers(succ...)
	if pred >= 0 {
		r.pred = at(pred)
	}
	s := &solo{t: t, r: r}
	s.ready()
	return s
}

func peers(ids ...int) []Peer {
	list := make([]Peer, len(ids))
	for i, id := range ids {
		list[i] = at(id)
	}
	return list
}

// state is what node self answers; pred is none where negative.
func state(self, pred int, succ ...int) State {
	s := State{Self: at(self), Successors: peers(succ...)}
	if pred >= 0 {
		s.Predecessor = at(pred)
	}
	return s
}

func names(list []Peer) string {
	text := make([]string, len(list))
	for i, p := range list {
		text[i] = name(p)
	}
	return "[" + strings.Join(text, " ") + "]"
}

func name(p Peer) string {
	if p.IsZero() {
		return "-"
	}
	return fmt.Sprint(p.ID[0])
}

func (s *solo) ready() Ready {
	s.t.Helper()
	if err := s.r.CheckInvariants(); err != nil {
		s.t.Fatal(err)
	}
	ready := s.r.Ready()
	s.calls = append(s.calls, ready.Calls...)
	return ready
}

func (s *solo) step(e Event) Ready {
	s.t.Helper()
	s.r.Step(e)
	return s.ready()
}

func (s *solo) notify(from int) {
	s.t.Helper()
	s.r.Handle(Notify{at(from)})
	s.ready()
}

// take removes the open call of this kind to that peer; it fails where there is
// none.
func (s *solo) take(to int, q Request) Call {
	s.t.Helper()
	for i, c := range s.calls {
		if c.To.ID == at(to).ID && fmt.Sprintf("%T", c.Request) == fmt.Sprintf("%T", q) {
			s.calls = slices.Delete(s.calls, i, i+1)
			return c
		}
	}
	s.t.Fatalf("no %T for %d among %s", q, to, s.open())
	return Call{}
}

// answer lets peer to answer the open question for its state.
func (s *solo) answer(to int, a State) {
	s.t.Helper()
	s.step(Answered{s.take(to, AskState{}).Number, a})
}

// fail lets the open question for the peer's state fail.
func (s *solo) fail(to int) {
	s.t.Helper()
	s.step(Failed{s.take(to, AskState{}).Number})
}

// open lists the calls that are not answered yet.
func (s *solo) open() string {
	var list []string
	for _, c := range s.calls {
		list = append(list, fmt.Sprintf("%s %s", strings.TrimPrefix(fmt.Sprintf("%T", c.Request), "ring."), name(c.To)))
	}
	return strings.Join(list, ", ")
}

// expect checks the open calls, and forgets the notifications among them.
func (s *solo) expect(open string) {
	s.t.Helper()
	if got := s.open(); got != open {
		s.t.Fatalf("open calls %q, want %q", got, open)
	}
	s.calls = slices.DeleteFunc(s.calls, func(c Call) bool { _, ok := c.Request.(Notify); return ok })
}

// pointers checks the node's pointers, written as in "10 [30 40]".
func (s *solo) pointers(want string) {
	s.t.Helper()
	if got := name(s.r.pred) + " " + names(s.r.succ); got != want {
		s.t.Fatalf("pointers %q, want %q", got, want)
	}
}

func (s *solo) pending(want bool) {
	s.t.Helper()
	if got := s.r.Handle(AskState{}).(State).Pending; got != want {
		s.t.Fatalf("answers pending: %v, want %v", got, want)
	}
}

func down(n int) Down { return Down{at(n).ID} }

func key(n int) keyspace.ID { return at(n).ID }
