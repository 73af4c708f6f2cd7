package node_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// lines is a log that counts what contains a text.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// Who does not take what it is handed is asked ever more seldom, also by a node
// that wants to leave, and the log hears of it once.
func TestRefusedHandOversBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		var mu sync.Mutex
		tries, refuse := 0, true
		r.Net.Watch(func(_, _ string, before bool) error {
			mu.Lock()
			defer mu.Unlock()
			if !before || !refuse {
				return nil
			}
			tries++
			return &node.Error{Kind: node.Unavailable, Text: "the disk is slow"}
		})
		log := &lines{}
		r.Adjust = func(c *node.Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) }
		n := r.Restart(r.Nodes[0])
		other := r.Nodes[0]
		r.AwaitWhole()
		go n.Leave(t.Context())
		time.Sleep(4 * time.Minute)
		mu.Lock()
		tried := tries
		refuse = false
		mu.Unlock()
		if tried < 10 || tried > 60 {
			t.Errorf("%d tries in four minutes", tried)
		}
		if said := log.count("cannot hand buckets over"); said < 1 || said > 3 {
			t.Errorf("the log has it %d times", said)
		}
		select {
		case <-n.Left():
		case <-time.After(time.Minute):
			t.Errorf("it does not leave: %+v", n.Status().Buckets)
		}
		if held := other.Status().Buckets.Held; held != 1<<16 {
			t.Errorf("the other holds %d buckets", held)
		}
	})
}

// A node that restarts beside one that died takes it from the lists of others
// as its successor, and goes on to the next, whichever way it hears.
func TestSuccessorDiedBeforeTheRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		n := r.Nodes[0]
		var next *nodetest.Node
		for _, m := range r.Nodes {
			if m.Status().Self.ID == n.View().Successors[0].ID {
				next = m
			}
		}
		dead := next.Status().Self.ID
		r.Crash(next)
		r.Crash(n)
		n = r.RunWith(n.Options)
		for began := time.Now(); ; time.Sleep(100 * time.Millisecond) { // in virtual time
			v := n.View()
			if len(v.Successors) > 0 && v.Successors[0].ID != dead {
				break
			}
			if time.Since(began) > 2*time.Minute {
				t.Fatalf("it still waits for who is dead: %+v", v)
			}
		}
	})
}
