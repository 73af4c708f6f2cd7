package node_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// awaitDeposed waits until the node ends because the ring knew it before.
func awaitDeposed(t *testing.T, n *nodetest.Node, within time.Duration) *node.Error {
	t.Helper()
	select {
	case <-n.Failed():
	case <-time.After(within):
		t.Fatalf("it founded a second ring and still runs after %v: %+v", within, n.Status().Buckets)
	}
	e, ok := n.Err().(*node.Error)
	if !ok || !strings.Contains(e.Text, "knew n0 before") || !strings.Contains(e.Hint(), "--bootstrap") {
		t.Fatalf("it fails with %#v", n.Err())
	}
	return e
}

// A founder that lost its disk and is not told whom to join founds again. The
// ring finds it; it ends, and none of its emptiness is taken for the truth.
func TestAWipedFounderFoundsNoSecondRing(t *testing.T) {
	for _, away := range some(0, time.Minute) {
		t.Run("away "+away.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 3)
				insertAll(t, r, 30)
				n := r.Nodes[0]
				r.Crash(n)
				time.Sleep(away)
				o := n.Options
				o.Dir = t.TempDir()
				wiped := r.RunWith(o)
				awaitDeposed(t, wiped, 30*time.Second)
				if got, err := wiped.Retrieve(t.Context(), key(0)); err == nil && len(got) != 1 {
					t.Error("it makes up that there is nothing")
				}
				r.Crash(wiped)
				again := r.RunWith(o)
				awaitDeposed(t, again, time.Second) // it remembers
				r.Crash(again)
				o.Bootstrap = []string{r.Nodes[0].Options.Addr}
				joined := r.RunWith(o)
				r.AwaitReady(joined)
				r.AwaitWhole()
				retrieveAll(t, r, 30)
			})
		})
	}
}

// What the second ring took in good faith is not thrown away: the operator is
// told of it.
func TestADeposedFounderKeepsItsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		n, other := r.Nodes[0], r.Nodes[1]
		r.Crash(n)
		r.Crash(other)
		o := n.Options
		o.Dir = t.TempDir()
		founder := r.RunWith(o)
		r.AwaitReady(founder)
		insertAll(t, r, 3)
		r.RunWith(other.Options)
		awaitDeposed(t, founder, 30*time.Second)
		r.Crash(founder)
		o.Bootstrap = []string{other.Options.Addr}
		again := r.RunWith(o)
		if e := awaitDeposed(t, again, time.Second); !strings.Contains(e.Hint(), "3 keys") {
			t.Errorf("the remedy is %s", e.Hint())
		}
	})
}

// Once the ring has grown around its founder, an old database of another node
// that knew another founder does not end it.
func TestTheTrialOfAFounderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		n, old := r.Nodes[0], r.Nodes[1]
		r.Crash(n)
		r.Crash(old)
		o := n.Options
		o.Dir = t.TempDir()
		founder := r.RunWith(o)
		r.AwaitReady(founder)
		r.AwaitReady(r.Add())
		time.Sleep(11 * time.Minute)
		founder = r.Restart(founder)
		r.RunWith(old.Options)
		time.Sleep(2 * time.Minute)
		if err := founder.Err(); err != nil {
			t.Errorf("it fails: %v", err)
		}
	})
}
