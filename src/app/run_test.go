package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadyIsToldOnlyWhenTheNodeIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, nil)
		time.Sleep(time.Minute)
		told := r.told()
		if count(told, "READY=1") != 0 {
			t.Error("READY=1 before the node was ready")
		}
		if n := count(told, "EXTEND_TIMEOUT_USEC="); n < 50 {
			t.Errorf("asked %d times in a minute for more time to start", n)
		}
		if got := count(told, "STATUS="); got != 1 {
			t.Errorf("told the same status %d times: %v", got, told)
		}
		close(r.ready)
		if told := r.told(); count(told, "READY=1") != 1 {
			t.Errorf("READY=1 is missing: %v", told)
		}
		r.doing("")
		time.Sleep(time.Minute)
		told = r.told()
		if !slices.Contains(told, "STATUS=ring chord: 1 of 2 members up, 0 keys here") || count(told, "EXTEND") != 0 {
			t.Errorf("after that: %v", told)
		}
		if err := r.finish(); err != nil {
			t.Error(err)
		}
		if told := r.told(); count(told, "STOPPING=1") != 1 {
			t.Errorf("STOPPING=1 is missing: %v", told)
		}
	})
}

func TestJoiningIsLoggedAtADecreasingRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, nil)
		r.doing("waiting for a bootstrap node")
		time.Sleep(time.Hour)
		// After 5, 15, 35, 75, 155 and 315 seconds, then every five minutes.
		if n := strings.Count(r.log.String(), "not ready yet"); n < 10 || n > 20 {
			t.Errorf("logged %d times in an hour", n)
		}
		if !strings.Contains(r.log.String(), `doing="waiting for a bootstrap node"`) {
			t.Error("the log does not say what it waits for")
		}
		r.finish()
	})
}

func TestWatchdogIsFedWhileTheNodeWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stuck atomic.Bool
		r := startRun(t, func(_ *Options, d *Deps) {
			d.Watchdog = 10 * time.Second
			d.Alive = func(ctx context.Context) error {
				if stuck.Load() {
					<-ctx.Done() // as a loop that does not answer
					return ctx.Err()
				}
				return nil
			}
		})
		time.Sleep(time.Minute + time.Second)
		if n := count(r.told(), "WATCHDOG=1"); n != 13 {
			t.Errorf("fed %d times in a minute, not every 5 s", n)
		}
		stuck.Store(true)
		time.Sleep(time.Minute)
		if n := count(r.told(), "WATCHDOG=1"); n != 0 {
			t.Errorf("fed %d times while the node was stuck", n)
		}
		if n := strings.Count(r.log.String(), "the watchdog is not fed"); n != 1 {
			t.Errorf("said %d times that the node is stuck", n)
		}
		stuck.Store(false)
		time.Sleep(time.Minute)
		if n := count(r.told(), "WATCHDOG=1"); n < 11 {
			t.Errorf("fed %d times in the minute after that", n)
		}
		r.finish()
	})
}

func TestNoWatchdogIsFedThatNobodyAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, nil)
		time.Sleep(time.Minute)
		if n := count(r.told(), "WATCHDOG=1"); n != 0 {
			t.Errorf("fed %d times", n)
		}
		r.finish()
	})
}

func TestFailureOfTheNodeEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, func(o *Options, _ *Deps) { o.LeaveOnStop = true })
		r.fake.err = errors.New("disk failed")
		close(r.failed)
		if err := <-r.ended; err == nil || !strings.Contains(err.Error(), "disk failed") {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(r.calls, []string{"start", "close"}) {
			t.Errorf("calls %v: a node that failed cannot leave", r.calls)
		}
		if told := r.told(); !slices.Contains(told, "STATUS=failed: disk failed") {
			t.Errorf("told %v", told)
		}
	})
}

func TestStopLeavesOnlyWhereAsked(t *testing.T) {
	for _, leave := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := startRun(t, func(o *Options, _ *Deps) { o.LeaveOnStop = leave })
			r.fake.leave = func(context.Context) error { time.Sleep(time.Hour); return nil }
			if err := r.finish(); err != nil {
				t.Error(err)
			}
			want := []string{"start", "close"}
			if leave {
				want = []string{"start", "leave", "close"}
			}
			if !slices.Equal(r.calls, want) {
				t.Errorf("calls %v, not %v", r.calls, want)
			}
			if n := count(r.told(), "EXTEND_TIMEOUT_USEC="); leave && n < 3000 {
				t.Errorf("asked %d times for more time while it left", n)
			}
		})
	}
}

func TestNodeThatWasToldToLeaveEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, nil)
		close(r.left)
		if err := <-r.ended; err != nil {
			t.Error(err)
		}
	})
}

func TestNodeThatCannotLeaveStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, func(o *Options, _ *Deps) { o.LeaveOnStop = true })
		r.fake.leave = func(context.Context) error { return errors.New("nobody takes the keys") }
		if err := r.finish(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(r.log.String(), "nobody takes the keys") {
			t.Error("nobody hears why")
		}
	})
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	for _, when := range []string{"close", "leave"} {
		synctest.Test(t, func(t *testing.T) {
			r := startRun(t, func(o *Options, _ *Deps) { o.LeaveOnStop = when == "leave" })
			forever := make(chan struct{})
			stuck := func(context.Context) error { <-forever; return nil }
			r.fake.close = stuck
			if when == "leave" {
				r.fake.close, r.fake.leave = nil, stuck
			}
			began := time.Now()
			r.signals <- syscall.SIGTERM
			synctest.Wait()
			r.signals <- syscall.SIGHUP // is none
			synctest.Wait()
			select {
			case err := <-r.ended:
				t.Fatalf("%s: ended before the second signal: %v", when, err)
			default:
			}
			r.signals <- syscall.SIGINT
			if err := <-r.ended; !errors.Is(err, ErrCut) || time.Since(began) > 0 {
				t.Errorf("%s: got %v after %v", when, err, time.Since(began))
			}
			close(forever)
			r.app.Stop()
		})
	}
}

func TestStopKeepsToItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, func(o *Options, _ *Deps) { o.ShutdownTimeout = 7 * time.Second })
		forever := make(chan struct{})
		r.fake.close = func(ctx context.Context) error { <-forever; return nil }
		began := time.Now()
		err := r.finish()
		if took := time.Since(began); err == nil || took != 7*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		close(forever)
	})
}

func TestStopIsIdempotent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun(t, nil)
		r.fake.close = func(context.Context) error { return errors.New("not synced") }
		first := r.finish()
		if again := r.app.Stop(); again == nil || first == nil || !slices.Equal(r.calls, []string{"start", "close"}) {
			t.Errorf("%v, then %v; calls %v", first, again, r.calls)
		}
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, failure := Options{LogLevel: slog.LevelDebug}, error(nil)
		r := startRun(t, func(_ *Options, d *Deps) { d.Reload = func() (Options, error) { return next, failure } })
		hup := func() []string {
			r.signals <- syscall.SIGHUP
			return r.told()
		}
		if told := hup(); count(told, "READY=1") != 0 {
			t.Errorf("READY=1 before it is ready: %v", told)
		}
		close(r.ready)
		r.told()
		told := hup()
		if len(told) < 3 || told[0] != "RELOADING=1" || !strings.HasPrefix(told[1], "MONOTONIC_USEC=") || told[len(told)-1] != "READY=1" {
			t.Errorf("told %v", told)
		}
		if r.app.deps.Level.Level() != slog.LevelDebug {
			t.Error("the level has not changed")
		}
		failure = errors.New("no such file")
		hup()
		if r.app.deps.Level.Level() != slog.LevelDebug || !strings.Contains(r.log.String(), "no such file") {
			t.Error("a file that cannot be read changes the level, or nobody hears of it")
		}
		r.finish()
	})
}
