package trust

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Files that change are used within the time of a look; those that do not fit
// change nothing, and are complained of once.
func TestFilesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := authority(t, "ca")
		f := files(t, issue(t, ca, Node, "node1"), ca)
		var log shared
		s, err := Open(Config{Mode: Require, Files: f, Ring: "test", Role: Node, Name: "node1"}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.Watch(ctx, 10*time.Second)
		first, generation := s.Own(), s.Generation()
		wait := func() {
			time.Sleep(35 * time.Second)
			synctest.Wait()
		}
		for what, pair := range map[string]Pair{
			"of another node": issue(t, ca, Node, "node2"), "foreign": issue(t, authority(t, "ca"), Node, "node1"), "nothing": {},
		} {
			log.Reset()
			rewrite(t, f, pair, ca)
			wait()
			if n := strings.Count(log.String(), "cannot be used"); n != 1 || s.Generation() != generation {
				t.Errorf("%s: complained %d times, generation %d:\n%s", what, n, s.Generation(), log.String())
			}
		}
		log.Reset()
		os.Remove(f.Key)
		wait()
		if !strings.Contains(log.String(), "no such file") {
			t.Error(log.String())
		}
		rewrite(t, f, issueFor(t, ca, Identity{"test", Node, "node1"}, 3*time.Hour), ca, authority(t, "next"))
		wait()
		if own := s.Own(); s.Generation() != generation+1 || !own.Expires.After(first.Expires) || len(own.CAs) != 2 || own.CAs[1] != "next" {
			t.Errorf("after a change: %v, generation %d", own, s.Generation())
		}
		log.Reset()
		wait()
		if log.String() != "" || s.Generation() != generation+1 {
			t.Errorf("without a change: %s", log.String())
		}
	})
}

// Who was let in is judged anew after each change, and when its time is over.
func TestPeersAreJudgedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, next := authority(t, "old"), authority(t, "next")
		f := files(t, issue(t, old, Node, "node1"), old)
		server, client := open(t, f), open(t, files(t, issue(t, old, Read, "app"), old))
		at, _, err, _ := meet(t, server.Server(Needed), client.Caller())
		if err != nil {
			t.Fatal(err)
		}
		p, err := server.Peer(at, false)
		if err != nil || p.Check() != nil {
			t.Fatal(err)
		}
		rewrite(t, f, issue(t, next, Node, "node1"), next, old)
		server.Poll()
		if err := p.Check(); err != nil {
			t.Error("its CA is trusted still: ", err)
		}
		rewrite(t, f, issue(t, next, Node, "node1"), next)
		server.Poll()
		if err := p.Check(); ReasonOf(err) != Foreign {
			t.Error("its CA is not trusted any more: ", err)
		}
		rewrite(t, f, issue(t, next, Node, "node1"), next, old)
		server.Poll()
		time.Sleep(2 * time.Hour)
		if err := p.Check(); ReasonOf(err) != Expired {
			t.Error("its time is over: ", err)
		}
	})
}

// A flood of refusals is counted and does not fill the log.
func TestRefusalsAreQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, err := Open(Config{}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			s.Note("192.0.2.1", refuse(Foreign, "a stranger"))
			time.Sleep(100 * time.Millisecond)
		}
		s.Note("192.0.2.1", refuse(Expired, "another reason"))
		lines := strings.Count(log.String(), "a stranger")
		if lines < 10 || lines > 16 || !strings.Contains(log.String(), "unsaid=9") || !strings.Contains(log.String(), "another reason") {
			t.Errorf("%d lines:\n%s", lines, &log)
		}
		if got := s.Refused(); got[Foreign] != 1000 || got[Expired] != 1 {
			t.Errorf("counted %v", got)
		}
	})
}
