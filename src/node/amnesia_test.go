package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// asItWas puts an old copy in the place of a stopped node's database, as nobody
// should.
func asItWas(t *testing.T, old string, n *nodetest.Node) {
	t.Helper()
	for _, log := range []string{".log1", ".log2"} {
		os.Remove(filepath.Join(n.Options.Dir, "chord.db"+log))
	}
	b, err := os.ReadFile(old)
	if err == nil {
		err = os.WriteFile(filepath.Join(n.Options.Dir, "chord.db"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An old copy of a database is started where nobody can be asked. It hears of it
// when it meets the others, by what they say of it or of its dots; it ends, and its
// next start is that of an old copy.
func TestAnOldCopyThatWasAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 20)
		n := r.Nodes[1]
		old := backup(t, n)
		life := n.Store.Identity().Incarnation
		change(t, n, 20, "w")
		r.Crash(n)
		asItWas(t, old, n)
		cut := func(cut bool) {
			for _, o := range r.Nodes {
				r.Net.Cut(n.Options.Addr, o.Options.Addr, cut)
				r.Net.Cut(o.Options.Addr, n.Options.Addr, cut)
			}
		}
		cut(true)
		again := r.RunWith(n.Options)
		time.Sleep(time.Minute)
		if err := again.Err(); err != nil {
			t.Fatal(err)
		}
		cut(false)
		select {
		case <-again.Failed():
		case <-time.After(time.Minute):
			t.Fatal("nobody told it that it is an old copy")
		}
		if e, ok := again.Err().(*node.Error); !ok || !strings.Contains(e.Text, "old copy") || !strings.Contains(e.Hint(), "again") {
			t.Fatal(again.Err())
		}
		again = r.Restart(again)
		r.AwaitReady(again)
		if again.Store.Identity().Incarnation == life {
			t.Error("it goes on as if it had never lost anything")
		}
		r.AwaitWhole()
		for i := range 20 {
			if got := content(t, again, key(i)); got != changed(i, "w") {
				t.Errorf("%s is %q, want %q", key(i), got, changed(i, "w"))
			}
		}
	})
}
