package bench

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

// measured runs the options against a fake, in virtual time.
func measured(t *testing.T, f *fake, o Options) (r Result, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { r, err = Run(t.Context(), o, []Client{f}) })
	return r, err
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestClosedLoop(t *testing.T) {
	r, err := measured(t, newFake().taking(10*time.Millisecond), Options{Clients: 4, Duration: 2 * time.Second, Sample: -1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "throughput", r.Throughput, 400, 0.02)
	near(t, "p50", r.Writes.P50, 10, 0.01)
	near(t, "p99.9", r.Writes.P999, 10, 0.01)
	if r.Reads != nil || r.Failed != 0 || r.Unsent != 0 {
		t.Errorf("reads %v, failed %d, unsent %d", r.Reads, r.Failed, r.Unsent)
	}
}

// stall is a store that stands still from the third second on, for a second.
func stall() *fake {
	f := newFake()
	began := time.Now()
	f.delay = func() time.Duration {
		at := time.Since(began)
		if at >= 2*time.Second && at < 3*time.Second {
			return 3*time.Second - at
		}
		return time.Millisecond
	}
	return f
}

// A tenth of the time the store stands still: a tenth of the operations that
// were due wait. In a closed loop hardly one is sent, and it looks good.
func TestOpenLoopShowsStall(t *testing.T) {
	for _, rate := range []float64{0, 1000} {
		synctest.Test(t, func(t *testing.T) {
			r, err := Run(t.Context(), Options{Clients: 8, Rate: rate, Duration: 10 * time.Second, Sample: -1}, []Client{stall()})
			if err != nil {
				t.Fatal(err)
			}
			if rate == 0 {
				if r.Writes.P999 > 5 {
					t.Errorf("closed loop: p99.9 is %v ms", r.Writes.P999)
				}
				return
			}
			near(t, "throughput", r.Throughput, 1000, 0.01)
			if r.Writes.P50 > 2 || r.Writes.P99 < 850 || r.Writes.P90 < 50 {
				t.Errorf("latencies do not show the stall: %+v", *r.Writes)
			}
		})
	}
}

func TestUnsent(t *testing.T) {
	r, err := measured(t, newFake().taking(10*time.Millisecond), Options{Clients: 1, Rate: 1000, Duration: 2 * time.Second, Sample: -1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "unsent", float64(r.Unsent), 1800, 0.01)
	if r.Writes.Max < 1700 {
		t.Errorf("the last one waited %v ms", r.Writes.Max)
	}
}

func TestWarmUpIsNotMeasured(t *testing.T) {
	for _, rate := range []float64{0, 100} {
		synctest.Test(t, func(t *testing.T) {
			f, began := newFake(), time.Now()
			f.delay = func() time.Duration {
				if time.Since(began) < time.Second {
					return 500 * time.Millisecond
				}
				return time.Millisecond
			}
			o := Options{Clients: 20, Rate: rate, WarmUp: 2 * time.Second, Duration: time.Second, Sample: -1}
			r, err := Run(t.Context(), o, []Client{f})
			if err != nil {
				t.Fatal(err)
			}
			if r.Writes.Max > 2 || f.inserts <= r.Operations {
				t.Errorf("rate %v: max %v ms; %d of %d measured", rate, r.Writes.Max, r.Operations, f.inserts)
			}
			near(t, "seconds", r.Seconds, 1, 0.01)
		})
	}
}

func TestOperations(t *testing.T) {
	for _, o := range []Options{{}, {WarmUp: time.Second}, {Rate: 500}, {Rate: 500, WarmUp: time.Second}, {Duration: time.Hour}} {
		o.Operations, o.Clients = 1234, 7
		r, err := measured(t, newFake().taking(time.Millisecond), o)
		if err != nil || r.Operations != 1234 {
			t.Errorf("%+v: %d operations, %v", o, r.Operations, err)
		}
	}
}

func TestMixed(t *testing.T) {
	f := newFake().taking(time.Millisecond)
	r, err := measured(t, f, Options{Work: Mixed, Reads: 0.75, Keys: 50, Operations: 10_000})
	if err != nil || r.Failed > 0 {
		t.Fatal(err, r.Errors)
	}
	near(t, "reads", float64(r.Reads.Count), 7500, 0.05)
	near(t, "writes", float64(r.Writes.Count), 2500, 0.1)
	if len(f.sets) != 50 {
		t.Errorf("%d keys", len(f.sets))
	}
}

func TestHotIsOneKey(t *testing.T) {
	f := newFake()
	r, err := measured(t, f, Options{Work: Hot, Operations: 1000})
	if err != nil || r.Keys != 1 || len(f.sets) != 1 {
		t.Fatalf("%v; %d keys", err, len(f.sets))
	}
	for _, values := range f.sets {
		if len(values) != hotValues {
			t.Errorf("%d values", len(values))
		}
	}
}

// A retrieve that is answered without the value is a fault, however fast.
func TestWrongAnswerIsNoSuccess(t *testing.T) {
	f := newFake()
	f.lose = func(n int) bool { return n%2 == 0 }
	r, err := measured(t, f, Options{Work: Retrieve, Keys: 100, Clients: 1, Operations: 1000})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "missing", float64(r.Errors["missing"].Count), 500, 0.2)
	if r.Operations+r.Failed != 1000 || r.Errors["missing"].Count != r.Failed {
		t.Errorf("%d succeeded, %d failed: %v", r.Operations, r.Failed, r.Errors)
	}
}

func TestErrorsByKind(t *testing.T) {
	f := newFake()
	f.refuse = func(n int) error {
		switch n % 10 {
		case 0:
			return &node.Error{Kind: node.Overloaded, Text: "busy"}
		case 1:
			return errors.New("broken")
		}
		return nil
	}
	r, err := measured(t, f, Options{Operations: 1000})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Fault{"overloaded": {100, "busy"}, "other": {100, "broken"}}
	for kind, fault := range want {
		if r.Errors[kind] != fault {
			t.Errorf("%s: %v, want %v", kind, r.Errors[kind], fault)
		}
	}
	if r.Failed != 200 || r.Operations != 800 {
		t.Errorf("%d failed, %d done", r.Failed, r.Operations)
	}
}

func TestTimeout(t *testing.T) {
	f := newFake().taking(time.Minute)
	r, err := measured(t, f, Options{Clients: 2, Timeout: time.Second, Operations: 4, Sample: -1})
	if !errors.Is(err, ErrNothing) || r.Errors["timeout"].Count != 4 {
		t.Errorf("%v, %v", err, r.Errors)
	}
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		r, err := Run(ctx, Options{Rate: 100, Duration: time.Hour}, []Client{newFake()})
		if !errors.Is(err, context.DeadlineExceeded) || r.Failed > 0 {
			t.Errorf("%v, %v", err, r.Errors)
		}
		near(t, "operations", float64(r.Operations), 150, 0.02)
	})
}

func TestPoints(t *testing.T) {
	r, err := measured(t, newFake().taking(10*time.Millisecond), Options{Clients: 5, WarmUp: 1300 * time.Millisecond, Duration: 6 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Points); n < 58 || n > 61 {
		t.Fatalf("%d points", n)
	}
	for i, p := range r.Points[1:] {
		near(t, "throughput", p.Throughput, 500, 0.21)
		near(t, "p99", p.P99, 10, 0.01)
		near(t, "length", p.At-r.Points[i].At, 0.1, 0.01)
	}
}

func TestProgress(t *testing.T) {
	phases := map[string]float64{}
	o := Options{Work: Mixed, Keys: 100, Clients: 2, Reads: 0.5, WarmUp: time.Second, Duration: 2 * time.Second}
	o.Progress = func(phase string, done float64) {
		if done < phases[phase] || done > 1 {
			t.Errorf("%s went from %v to %v", phase, phases[phase], done)
		}
		phases[phase] = done
	}
	if _, err := measured(t, newFake().taking(time.Millisecond), o); err != nil {
		t.Fatal(err)
	}
	for _, phase := range []string{"load", "warm-up", "mixed", "verify"} {
		if phases[phase] < 0.9 {
			t.Errorf("%s ended at %v", phase, phases[phase])
		}
	}
}

func TestBadOptions(t *testing.T) {
	for _, o := range []Options{
		{Work: "fetch"}, {Clients: -1}, {Reads: 1.5}, {ValueSize: 7}, {ValueSize: 2 << 20}, {Rate: -1}, {Keys: -1}, {Duration: -1}, {WarmUp: -1},
	} {
		_, err := Run(t.Context(), o, []Client{newFake()})
		if e, ok := errors.AsType[*OptionError](err); !ok || e.Hint() == "" {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
