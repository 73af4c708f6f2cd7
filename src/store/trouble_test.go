package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"chord/store"
	"chord/store/storetest"
)

// wantStopped checks that a store has stopped for good and says why, with a
// remedy.
func wantStopped(t *testing.T, s *store.Store, err, kind, cause error) {
	t.Helper()
	var hinted interface{ Hint() string }
	if !errors.Is(err, store.ErrFatal) || !errors.Is(err, kind) || !errors.Is(err, cause) || !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("%v, want %v because of %v", err, kind, cause)
	}
	<-s.Failed()
	if err := insert(s, "later", "v"); !errors.Is(err, kind) {
		t.Errorf("then %v", err)
	}
	if err := s.View(func(*store.View) error { return nil }); !errors.Is(err, kind) {
		t.Errorf("a view: %v", err)
	}
}

var troubles = []struct {
	cause, kind error
}{
	{syscall.ENOSPC, store.ErrDiskFull},
	{syscall.EDQUOT, store.ErrDiskFull},
	{syscall.EROFS, store.ErrDiskReadOnly},
	{syscall.EIO, store.ErrFatal},
}

// Any error of the log ends the store, in a write as in a sync, and what was
// acknowledged is there.
func TestTroubleInTheLog(t *testing.T) {
	for _, c := range troubles {
		for at, set := range map[string]func(*store.Store, func() error){"write": (*store.Store).SetWrite, "sync": (*store.Store).SetSync} {
			t.Run(fmt.Sprint(at, " ", c.cause), func(t *testing.T) {
				s, h, _ := running(t, 5)
				path := s.Stats().Path
				set(s, func() error { return &os.PathError{Op: at, Path: path, Err: c.cause} })
				wantStopped(t, s, insert(s, "key", "v"), c.kind, c.cause)
				s.Close()
				h.wantState(t, at, path, 5, 5)
			})
		}
	}
}

// A start that finds no room, or a disk that fails, says so, not that the path is wrong.
func TestTroubleAtTheStart(t *testing.T) {
	for _, c := range troubles {
		wantRefusal(t, store.NotOpened(&os.PathError{Op: "write", Path: "chord.db", Err: c.cause}), c.kind)
	}
}

// An error while rows come into the file ends the store, too; the log has them
// still.
func TestTroubleInAFlush(t *testing.T) {
	for _, c := range troubles {
		s, h, random := storetest.Open(t, "ring", "node"), &history{}, seeded(t)
		path := s.Stats().Path
		for range 5 {
			h.step(t, s, random)
		}
		s.SetFlushError(&os.PathError{Op: "write", Path: path, Err: c.cause})
		s.SetLogSize(1)
		h.step(t, s, random) // in the log, and so acknowledged
		<-s.Failed()
		wantStopped(t, s, s.Err(), c.kind, c.cause)
		s.Close()
		h.wantState(t, c.cause.Error(), path, 6, 6)
	}
}

// A disk that hangs is seen, by a change that is being written as by those that
// wait, and is forgotten once it answers.
func TestStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "ring", "node")
		defer s.Close()
		time.Sleep(time.Minute)
		if s.Stats().Stalled != 0 {
			t.Error("a store without work is stalled")
		}
		hang := make(chan struct{})
		s.SetSync(func() error { <-hang; return nil })
		for i := range 3 {
			go insert(s, "key", strings.Repeat("v", i))
			synctest.Wait()
			time.Sleep(2 * time.Second)
			if got, want := s.Stats().Stalled, time.Duration(i/2)*6*time.Second; got != want {
				t.Errorf("after %d s: %v, want %v", 2*i+2, got, want)
			}
		}
		hang <- struct{}{}
		synctest.Wait() // the next two waited for 4 s and 2 s when the first was answered
		if got := s.Stats().Stalled; got != 0 {
			t.Errorf("after an answer: %v", got)
		}
		time.Sleep(2 * time.Second)
		if got := s.Stats().Stalled; got != 6*time.Second {
			t.Errorf("of those that waited: %v", got)
		}
		close(hang)
		synctest.Wait()
		if stats := s.Stats(); stats.Stalled != 0 || !stats.Since.IsZero() {
			t.Errorf("in the end: %v since %v", stats.Stalled, stats.Since)
		}
	})
}
