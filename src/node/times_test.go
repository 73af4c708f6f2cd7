package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chord/node/nodetest"
)

// How long, in the time of the nodes, a ring of five takes to be whole again
// after what happens to rings. The figures are in the log of the test; its bounds
// are wide.
func TestTimesToBeWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		within time.Duration
		happen func(t *testing.T, r *nodetest.Ring)
	}{
		{"a start of all", 30 * time.Second, func(*testing.T, *nodetest.Ring) {}},
		{"a restart", 30 * time.Second, func(t *testing.T, r *nodetest.Ring) { r.Restart(r.Nodes[1]) }},
		{"a restart after a minute", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			r.Crash(r.Nodes[1])
			minuteOfInserts(t, r)
			r.Run("n1", nodetest.Addr("n1"))
		}},
		{"a join", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) { r.Add() }},
		{"a leave", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			began := time.Now()
			r.Leave(r.Nodes[1])
			t.Log("left after", time.Since(began))
		}},
		{"a lost disk", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			r.Crash(r.Nodes[1])
			r.Wipe("n1")
			r.Run("n1", nodetest.Addr("n1"))
		}},
		{"a partition", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			split(r, 3, true)
			minuteOfInserts(t, r)
			split(r, 3, false)
		}},
		{"a partition of an hour", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			split(r, 3, true)
			minuteOfInserts(t, r)
			time.Sleep(time.Hour)
			split(r, 3, false)
		}},
		{"a cut in one direction", 60 * time.Second, func(t *testing.T, r *nodetest.Ring) {
			r.Net.Cut(r.Nodes[1].Options.Addr, r.Nodes[2].Options.Addr, true)
			minuteOfInserts(t, r)
			r.Net.Cut(r.Nodes[1].Options.Addr, r.Nodes[2].Options.Addr, false)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 5)
				insertAll(t, r, 40)
				c.happen(t, r)
				took := r.AwaitWhole()
				t.Logf("whole %.1f s after %s", took.Seconds(), c.name)
				if took > c.within {
					t.Errorf("that should take %s at most", c.within)
				}
			})
		})
	}
}

// minuteOfInserts changes the ring for a minute, wherever that is possible.
func minuteOfInserts(t *testing.T, r *nodetest.Ring) {
	for i := range 60 {
		_ = r.Nodes[i%len(r.Nodes)].Insert(t.Context(), key(100+i), []byte("w"))
		time.Sleep(time.Second)
	}
}
