package node_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// backup copies a running node's database.
func backup(t *testing.T, n *nodetest.Node) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := n.Store.Snapshot(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return path
}

// restore puts a backup in the place of a stopped node's database.
func restore(t *testing.T, from string, n *nodetest.Node, o node.RestoreOptions) node.Restored {
	t.Helper()
	o.Replace = true
	r, err := node.Restore(from, filepath.Join(n.Options.Dir, "chord.db"), o, nil)
	if err != nil || r.Aside == "" {
		t.Fatal(r.Aside, err)
	}
	return r
}

// content returns the values of a key as one text.
func content(t *testing.T, n *nodetest.Node, k []byte) string {
	t.Helper()
	values, err := n.Retrieve(t.Context(), k)
	if err != nil {
		t.Fatalf("%s at %s: %v", k, n.Options.Name, err)
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, string(v))
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// change inserts, removes and adds, so that each of the keys tells whether it
// is old or new.
func change(t *testing.T, n *nodetest.Node, keys int, value string) {
	t.Helper()
	for i := range keys {
		if i%3 == 0 {
			if err := n.Remove(t.Context(), key(i), []byte("v")); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.Insert(t.Context(), key(i), []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
}

func changed(i int, value string) string {
	if i%3 == 0 {
		return value
	}
	return strings.TrimSpace(strings.Join([]string{"v", value}, " "))
}

// A founder is restored from a backup of the time when it was alone. It knows of
// nobody, serves nothing until it has been compared, and loses nothing that the
// others have.
func TestRestoreFromWhenItWasAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 30
		r := nodetest.Start(t, 1)
		insertAll(t, r, keys)
		old := r.Nodes[0]
		from := backup(t, old)
		change(t, old, keys, "w")
		r.AwaitReady(r.Add())
		r.AwaitReady(r.Add())
		r.AwaitWhole()
		change(t, r.Nodes[1], keys, "x")
		r.Crash(old)
		if got := restore(t, from, old, node.RestoreOptions{}); len(got.Asks) != 0 || got.Keys != keys {
			t.Fatalf("%+v", got)
		}
		for _, n := range r.Nodes {
			r.Net.Cut(old.Options.Addr, n.Options.Addr, true)
			r.Net.Cut(n.Options.Addr, old.Options.Addr, true)
		}
		again := r.RunWith(old.Options)
		time.Sleep(2 * time.Minute)
		for i := range keys {
			if v, err := again.Retrieve(t.Context(), key(i)); node.KindOf(err) != node.Unavailable {
				t.Fatalf("%s is served before anybody was asked: %q, %v", key(i), v, err)
			}
		}
		for _, n := range r.Nodes {
			r.Net.Cut(old.Options.Addr, n.Options.Addr, false)
			r.Net.Cut(n.Options.Addr, old.Options.Addr, false)
		}
		r.AwaitReady(again)
		t.Log("whole after", r.AwaitWhole())
		for i := range keys {
			for _, n := range r.Nodes {
				if got := content(t, n, key(i)); got != changed(i, "w x") {
					t.Errorf("%s at %s: %q, want %q", key(i), n.Options.Name, got, changed(i, "w x"))
				}
			}
		}
		change(t, again, keys, "y") // new dots are new
		for i := range keys {
			if got := content(t, r.Nodes[0], key(i)); !strings.HasSuffix(got, "y") {
				t.Errorf("%s: %q", key(i), got)
			}
		}
	})
}

// A backup of long ago is put in place while clients write.
func TestRestoreUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 4)
		insertAll(t, r, 30)
		old := r.Nodes[1]
		l := startLoad(t, r)
		time.Sleep(2 * time.Second)
		from := backup(t, old)
		time.Sleep(2 * time.Second)
		l.use([]*nodetest.Node{r.Nodes[0], r.Nodes[2]})
		time.Sleep(6 * time.Second)
		r.Crash(old)
		restore(t, from, old, node.RestoreOptions{})
		r.AwaitReady(r.RunWith(old.Options))
		l.use(r.Nodes)
		t.Log("whole after", r.AwaitWhole())
		l.finish(t, r)
		retrieveAll(t, r, 30)
	})
}

// The others are gone: who is told so serves what the backup has.
func TestRestoreAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 30)
		old := r.Nodes[0]
		from := backup(t, old)
		change(t, old, 30, "w")
		r.Crash(old)
		incarnation := old.Store.Identity().Incarnation
		restore(t, from, old, node.RestoreOptions{Alone: true})
		again := r.RunWith(old.Options)
		r.AwaitReady(again)
		if again.Store.Identity().Incarnation == incarnation {
			t.Error("it makes the dots of its former life")
		}
		retrieveAll(t, r, 30)
		r.AwaitReady(r.Add())
		r.AwaitWhole()
		retrieveAll(t, r, 30)
	})
}

// An older copy of the file takes the place of the newer one, and nobody says
// so: the others notice, and what the disk forgot comes back.
func TestAmnesia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 30)
		old := r.Nodes[1]
		r.AwaitWhole()
		from := backup(t, old)
		insertMore(t, r, 30, 60)
		incarnation := old.Store.Identity().Incarnation
		r.Crash(old)
		if err := os.Rename(from, filepath.Join(old.Options.Dir, "chord.db")); err != nil {
			t.Fatal(err)
		}
		again := r.RunWith(old.Options)
		r.AwaitReady(again)
		if again.Store.Identity().Incarnation == incarnation {
			t.Error("it goes on with the dots of its former life")
		}
		r.AwaitWhole()
		retrieveAll(t, r, 60)
	})
}
