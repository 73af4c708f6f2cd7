package bench

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"chord/node"
)

func TestVerify(t *testing.T) {
	r, err := measured(t, newFake().taking(time.Millisecond), Options{Clients: 8, Keys: 1e6, Operations: 5000})
	if err != nil || r.Verified != 1000 || r.Lost != 0 {
		t.Errorf("%d verified, %d lost, %v", r.Verified, r.Lost, err)
	}
}

// One acknowledged write in twenty is not there: the run must fail.
func TestVerifyFindsLoss(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	f.lose = func(n int) bool { return n%20 == 0 }
	r, err := measured(t, f, Options{Clients: 8, Keys: 1e6, Operations: 5000})
	if !errors.Is(err, ErrLost) {
		t.Fatalf("%v", err)
	}
	near(t, "lost", float64(r.Lost), 50, 0.6)
}

// What was refused was promised to nobody.
func TestVerifyAsksForAcknowledgedOnly(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	f.refuse = func(n int) error {
		if n%2 == 0 {
			return &node.Error{Kind: node.Unavailable}
		}
		return nil
	}
	if r, err := measured(t, f, Options{Keys: 1e6, Operations: 1000}); err != nil || r.Failed != 500 {
		t.Errorf("%d failed, %v", r.Failed, err)
	}
}

func TestLoadFails(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	f.refuse = func(n int) error { return &node.Error{Kind: node.ReadOnly, Text: "the disk is full"} }
	_, err := measured(t, f, Options{Work: Retrieve, Keys: 100})
	if node.KindOf(err) != node.ReadOnly || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("%v", err)
	}
}

func TestLoadTriesAgain(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	f.refuse = func(n int) error {
		if n%3 == 0 {
			return &node.Error{Kind: node.Overloaded}
		}
		return nil
	}
	if r, err := measured(t, f, Options{Work: Retrieve, Clients: 1, Keys: 100, Operations: 100}); err != nil || r.Failed > 0 {
		t.Errorf("%v, %v", err, r.Errors)
	}
}

// Early and late writes have the same chance to be in the sample.
func TestSampleIsFair(t *testing.T) {
	w := &worker{run: &run{Options: Options{Sample: 100, Clients: 1}}, rand: rand.New(rand.NewPCG(1, 1))}
	for i := range 100_000 {
		w.remember(place{key: i})
	}
	sum := 0
	for _, p := range w.sample {
		sum += p.key
	}
	if len(w.sample) != 100 {
		t.Fatalf("%d in the sample", len(w.sample))
	}
	near(t, "mean", float64(sum)/100, 50_000, 0.2)
}
