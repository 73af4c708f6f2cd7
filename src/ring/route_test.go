package ring

import (
	"math/rand/v2"
	"testing"
)

func TestRoute(t *testing.T) {
	s := member(t, 100, 90, 120, 130, 140, 150)
	s.r.fingers = []Finger{{158, 158, at(170)}, {159, 159, at(230)}}
	for _, c := range []struct {
		target int
		found  bool
		want   string
	}{
		{100, true, "[100 120 130 140 150]"}, // itself
		{95, true, "[100 120 130 140 150]"},  // in (predecessor, self]
		{90, false, "[230 170 150 140]"},     // the predecessor's own: it is not asked about here
		{110, true, "[120 130 140 150]"},     // in (self, head]
		{120, true, "[120 130 140 150]"},
		{121, false, "[120 130 140 150]"}, // the list goes beyond the target: all of it
		{140, false, "[130 120 140 150]"}, // a member at the target does not precede it
		{160, false, "[150 140 130 120]"},
		{171, false, "[170 150 140 130]"},
		{250, false, "[230 170 150 140]"},
		{10, false, "[230 170 150 140]"},
	} {
		got := s.r.Handle(AskRoute{key(c.target)}).(Route)
		if got.Pending || got.Found != c.found || names(got.Hops) != c.want {
			t.Errorf("%d: %v %s, want %v %s", c.target, got.Found, names(got.Hops), c.found, c.want)
		}
	}
}

// Fingers and list overlap where the ring is small.
func TestRouteMergesFingersAndList(t *testing.T) {
	s := member(t, 100, 90, 120, 130, 140, 150)
	s.r.fingers = []Finger{{156, 157, at(140)}, {158, 158, at(145)}, {159, 159, at(240)}}
	if got := s.r.Route(key(160)); names(got.Hops) != "[150 145 140 130]" {
		t.Errorf("hops %s", names(got.Hops))
	}
}

func TestRouteLeavesOutWhoIsDown(t *testing.T) {
	s := member(t, 100, 90, 120, 130, 140, 150)
	s.r.fingers = []Finger{{158, 158, at(170)}, {159, 159, at(230)}}
	s.step(down(130))
	s.step(down(170))
	if got := s.r.Route(key(250)); names(got.Hops) != "[230 150 140 120]" {
		t.Errorf("hops %s", names(got.Hops))
	}
	if got := s.r.Route(key(110)); names(got.Hops) != "[120 140 150]" {
		t.Errorf("found %s", names(got.Hops))
	}
}

func TestRouteWithoutPredecessor(t *testing.T) {
	s := member(t, 100, -1, 120)
	if got := s.r.Route(key(95)); got.Found {
		t.Error("takes what it may not own")
	}
	if got := s.r.Route(key(100)); !got.Found || names(got.Hops) != "[100 120]" {
		t.Errorf("its own identifier: %v", got)
	}
}

// Finger k is the successor of self + 2^k (SIGCOMM 2001, table 1); those that
// start before the head equal it and are not looked up.
func TestFingersAreRight(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	n := ideal(t, rng, 200, 4)
	for range 40 {
		n.round()
	}
	for _, id := range n.ids {
		r := n.rings[id]
		next := 0
		for _, f := range r.View().Fingers {
			if f.From != next || f.To < f.From {
				t.Fatalf("finger %d-%d after %d", f.From, f.To, next-1)
			}
			for k := f.From; k <= f.To; k++ {
				if want := n.owner(id.AddPower(k)); want != f.Peer.ID {
					t.Fatalf("%s: finger %d is %s, want %s", id.Short(), k, f.Peer.ID.Short(), want.Short())
				}
			}
			next = f.To + 1
		}
		if next < 157 {
			t.Fatalf("%s: %d fingers", id.Short(), next)
		}
	}
}

func TestDeadFingerIsDropped(t *testing.T) {
	s := member(t, 100, 90, 120)
	s.r.noFingers = false
	s.r.fingers = []Finger{{157, 157, at(140)}, {158, 158, at(170)}, {159, 159, at(230)}}
	s.step(down(170))
	got := s.r.View().Fingers
	want := []Finger{{0, 156, at(120)}, {157, 157, at(140)}, {159, 159, at(230)}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("fingers %v, want %v", got, want)
	}
}

// A finger is one search a tick, beside stabilise and not in its way.
func TestOneFingerATick(t *testing.T) {
	s := member(t, 100, 90, 120)
	s.r.noFingers = false
	s.step(Tick{})
	s.expect("AskRoute 120, AskState 120")
	s.step(Tick{})
	s.expect("AskRoute 120, AskState 120")
	s.fail(120)
	s.pending(false)
	s.step(Answered{s.take(120, AskRoute{}).Number, Route{Found: true, Hops: peers(170)}})
	if f := s.r.View().Fingers; len(f) != 2 || f[1] != (Finger{157, 158, at(170)}) {
		t.Errorf("fingers %v", f) // 157 starts at 132, and 158 at 164
	}
	s.step(Tick{})
	s.expect("AskRoute 170, AskState 120") // 159 starts at 228
}

// A newly joined node takes over from the fingers that it stands before.
func TestFingerReplacesStaleOnes(t *testing.T) {
	tests := []struct {
		name   string
		cursor int
		owner  int
		want   []Finger
	}{
		{"nearer than the old one", 157, 150, []Finger{{157, 157, at(150)}, {158, 158, at(200)}, {159, 159, at(240)}}},
		{"the same", 157, 200, []Finger{{157, 158, at(200)}, {159, 159, at(240)}}},
		{"the old one is gone", 158, 240, []Finger{{157, 159, at(240)}}},
		{"nobody is that far", 159, 100, []Finger{{157, 158, at(200)}}},
		{"not an owner at all", 158, 110, []Finger{{157, 158, at(200)}, {159, 159, at(240)}}},
	}
	for _, c := range tests {
		s := member(t, 100, 90, 120)
		s.r.fingers = []Finger{{157, 158, at(200)}, {159, 159, at(240)}}
		s.r.cursor = c.cursor
		s.r.setFinger(at(c.owner))
		s.ready()
		ok := len(s.r.fingers) == len(c.want)
		for i := range c.want {
			ok = ok && s.r.fingers[i] == c.want[i]
		}
		if !ok {
			t.Errorf("%s: %v, want %v", c.name, s.r.fingers, c.want)
		}
	}
}
