package bench

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// singly runs the options against a fake that puts and gets.
func singly(t *testing.T, f *fake, o Options) (r Result, p *putter, err error) {
	t.Helper()
	p = &putter{fake: f}
	synctest.Test(t, func(t *testing.T) { r, err = Run(t.Context(), o, []Client{p}) })
	return r, p, err
}

// All works can be done with one value a key; nothing is inserted or retrieved
// beside, and what is read back is told as what it is.
func TestSingle(t *testing.T) {
	for _, o := range []Options{{Work: Put}, {Work: Get}, {Work: Hot, Single: true}, {Work: Mixed, Single: true, Reads: 0.5}, {Work: Large, Single: true}} {
		o.Operations, o.Clients, o.Keys = 400, 8, 50
		r, p, err := singly(t, newFake().taking(time.Millisecond), o)
		if err != nil || r.Operations != 400 || r.Failed != 0 || !r.Single {
			t.Errorf("%s: %+v, %v", o.Work, r, err)
		}
		if p.inserts != p.puts || p.retrieves != p.gets || p.puts == 0 || p.gets == 0 {
			t.Errorf("%s: %d of %d writes were puts, %d of %d reads gets", o.Work, p.puts, p.inserts, p.gets, p.retrieves)
		}
		text := r.String()
		if strings.Contains(text, "insert ") || strings.Contains(text, "retrieve ") || strings.Contains(text, "acknowledged inserts") {
			t.Errorf("%s: an insert or retrieve in\n%s", o.Work, text)
		}
		if writes := o.Work != Get; writes && !strings.Contains(text, "acknowledged puts were read back") {
			t.Errorf("%s: no puts were read back:\n%s", o.Work, text)
		}
	}
}

// A put that was lost is found also where a later one of the same key would have
// replaced it.
func TestSingleFindsLoss(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	f.lose = func(n int) bool { return n%20 == 0 }
	if _, _, err := singly(t, f, Options{Work: Put, Clients: 8, Keys: 1e6, Operations: 5000}); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
}

// A value of another key, or none that the run writes, is no answer.
func TestSingleJudgesAnswers(t *testing.T) {
	c := newContent(Options{ValueSize: 16, Single: true})
	own, later, other := c.value(place{7, 0}), c.value(place{7, hotValues - 1}), c.value(place{8, 0})
	if !c.answers(place{7, 3}, own) || !c.answers(place{7, 3}, later) || c.answers(place{7, 3}, other) || c.answers(place{7, 3}, own[:8]) {
		t.Error("an answer is misjudged")
	}
	c.single = false
	if c.answers(place{7, 0}, later) || !c.answers(place{7, 0}, own) {
		t.Error("of a set the very value is wanted")
	}
}

// A store of sets alone says so before anything is asked of it.
func TestSingleNeedsPutter(t *testing.T) {
	f := newFake()
	_, err := measured(t, f, Options{Work: Put, Operations: 10})
	if e, ok := errors.AsType[*OptionError](err); !ok || e.Hint() == "" || f.inserts != 0 {
		t.Errorf("%v, after %d inserts", err, f.inserts)
	}
}
