package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chord/member"
	"chord/node"
	"chord/node/nodetest"
)

// Who is dead is stood in for; when it is back, what stood in for it goes.
func TestStandIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 5)
		insertAll(t, r, 40)
		dead := r.Nodes[2]
		r.Crash(dead)
		standing := func() (buckets int) {
			for _, n := range r.Nodes {
				buckets += n.Status().Buckets.StandIns
			}
			return buckets
		}
		time.Sleep(8 * time.Minute)
		if got := standing(); got != 0 {
			t.Errorf("%d copies are stood in for before the member is dead", got)
		}
		time.Sleep(5 * time.Minute)
		if got := standing(); got == 0 {
			t.Error("nobody stands in for who is dead")
		}
		retrieveAll(t, r, 40)
		r.AwaitReady(r.RunWith(dead.Options))
		t.Log("whole after", r.AwaitWhole())
		checkEntries(t, r, 40)
	})
}

// Who is forgotten counts no more, and does not come back with what it had; an
// empty disk under its name does.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 40)
		gone := r.Nodes[3]
		name := gone.Options.Name
		if err := r.Nodes[0].Forget(t.Context(), name); node.KindOf(err) != node.Invalid {
			t.Fatalf("who lives is forgotten: %v", err)
		}
		r.Crash(gone)
		time.Sleep(time.Minute)
		if err := r.Nodes[0].Forget(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		t.Log("whole after", r.AwaitWhole())
		checkEntries(t, r, 40)
		back := r.RunWith(gone.Options)
		select {
		case <-back.Failed():
		case <-time.After(time.Minute):
			t.Fatal("who was forgotten came back")
		}
		if e, ok := back.Err().(*node.Error); !ok || e.Hint() == "" {
			t.Errorf("%#v", back.Err())
		}
		r.Crash(back)
		o := gone.Options
		o.Dir = t.TempDir()
		r.AwaitReady(r.RunWith(o))
		for _, m := range r.Nodes[0].Members() {
			if m.Name == name && m.State != member.Alive && m.State != member.Forgotten {
				t.Errorf("%+v", m)
			}
		}
		r.AwaitWhole()
		checkEntries(t, r, 40)
	})
}
