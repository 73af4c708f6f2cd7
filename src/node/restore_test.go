package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/value"
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

// A founder is restored from a backup of the time when it was alone. It must
// find out that half of its buckets went on, though it knows of nobody.
func TestRestoreAfterHandOver(t *testing.T) {
	for _, addr := range []string{nodetest.Addr("n0"), "10.0.1.0:4170"} {
		t.Run(addr, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { restoreAfterHandOver(t, addr) })
		})
	}
}

func restoreAfterHandOver(t *testing.T, addr string) {
	const keys = 60
	r := nodetest.Start(t, 1)
	insertAll(t, r, keys)
	old := r.Nodes[0]
	from := backup(t, old)
	change(t, old, keys, "w")
	r.AwaitReady(r.Add())
	r.AwaitWhole()
	other := r.Nodes[1]
	change(t, other, keys, "x")
	there := map[int]bool{}
	for e, err := range other.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		var i int
		fmt.Sscanf(string(e.Key), "key %d", &i)
		there[i] = true
	}
	if len(there) == 0 || len(there) == keys {
		t.Fatal("nothing was handed over, or all")
	}
	r.Crash(old)
	if got := restore(t, from, old, node.RestoreOptions{}); len(got.Asks) != 0 || got.Keys != keys {
		t.Fatalf("%+v", got)
	}
	for _, side := range []string{old.Options.Addr, addr} {
		r.Net.Cut(side, other.Options.Addr, true)
		r.Net.Cut(other.Options.Addr, side, true)
	}
	o := old.Options
	o.Addr = addr
	again := r.RunWith(o)
	time.Sleep(2 * time.Minute)
	for i := range keys {
		if v, err := again.Retrieve(t.Context(), key(i)); node.KindOf(err) != node.Unavailable {
			t.Fatalf("%s is served before anybody was asked: %q, %v", key(i), v, err)
		}
	}
	if s := again.Status(); !strings.Contains(s.Doing, "knows of none") || !s.Ready.IsZero() {
		t.Errorf("status %q", s.Doing)
	}
	for _, side := range []string{old.Options.Addr, addr} {
		r.Net.Cut(side, other.Options.Addr, false)
		r.Net.Cut(other.Options.Addr, side, false)
	}
	if addr != old.Options.Addr { // nobody can find it there
		r.Crash(again)
		o.Bootstrap = []string{other.Options.Addr}
		again = r.RunWith(o)
	}
	r.AwaitReady(again)
	t.Log("whole after", r.AwaitWhole())
	for i := range keys {
		want := "v" // of the backup: what came later was on the lost disk alone
		if there[i] {
			want = changed(i, "w x")
		}
		for _, n := range r.Nodes {
			if got := content(t, n, key(i)); got != want {
				t.Errorf("%s at %s: %q, want %q", key(i), n.Options.Name, got, want)
			}
		}
	}
	checkEntriesOfKeys(t, r)
	change(t, again, keys, "y") // new dots are new
	for i := range keys {
		if got := content(t, other, key(i)); !strings.HasSuffix(got, "y") {
			t.Errorf("%s: %q", key(i), got)
		}
	}
}

// As long as a member is down that may hold its buckets, a restored node serves
// nothing, unless it is told to go without.
func TestRestoreWaitsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 60)
		old, down := r.Nodes[1], r.Nodes[2]
		from := backup(t, old)
		held := old.Status().Buckets.Held
		r.Crash(old)
		r.Crash(down)
		if got := restore(t, from, old, node.RestoreOptions{}); len(got.Asks) != 2 {
			t.Fatalf("asks %v", got.Asks)
		}
		again := r.RunWith(old.Options)
		time.Sleep(10 * time.Minute)
		if s := again.Status(); !strings.HasSuffix(s.Doing, "waiting for n2") || !s.Ready.IsZero() {
			t.Fatalf("status %q", s.Doing)
		}
		r.Crash(again)
		restore(t, from, old, node.RestoreOptions{Without: []string{"n2"}})
		again = r.RunWith(old.Options)
		r.AwaitReady(again)
		if got := again.Status().Buckets.Held; got != held {
			t.Fatalf("%d buckets, want %d", got, held)
		}
		r.AwaitReady(r.RunWith(down.Options))
		r.AwaitWhole()
		retrieveAll(t, r, 60)
	})
}

// All are restored, from backups of different times: nothing waits for itself,
// and each bucket is held once.
func TestRestoreAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		insertAll(t, r, 60)
		from := map[string]string{"n0": backup(t, r.Nodes[0])}
		r.AwaitReady(r.Add())
		r.AwaitWhole()
		from["n2"] = backup(t, r.Nodes[2])
		from["n1"] = backup(t, r.Nodes[1])
		r.AwaitReady(r.Add())
		r.AwaitWhole()
		from["n3"] = backup(t, r.Nodes[3])
		nodes := slices.Clone(r.Nodes)
		for _, n := range nodes {
			r.Crash(n)
			restore(t, from[n.Options.Name], n, node.RestoreOptions{})
		}
		for _, n := range nodes {
			r.RunWith(n.Options)
		}
		for _, n := range r.Nodes {
			r.AwaitReady(n)
		}
		t.Log("whole after", r.AwaitWhole())
		retrieveAll(t, r, 60)
		checkEntries(t, r, 60)
	})
}

// The others are gone: who is told so serves what the backup has.
func TestRestoreAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Start(t, 1)
		insertAll(t, r, 60)
		old := r.Nodes[0]
		from := backup(t, old)
		change(t, old, 60, "w")
		r.Crash(old)
		incarnation := old.Store.Identity().Incarnation
		restore(t, from, old, node.RestoreOptions{Alone: true})
		again := r.RunWith(old.Options)
		r.AwaitReady(again)
		if again.Store.Identity().Incarnation == incarnation {
			t.Error("it makes the dots of its former life")
		}
		retrieveAll(t, r, 60)
		again = r.Restart(again) // the note is gone
		r.AwaitReady(again)
		r.AwaitReady(r.Add())
		r.AwaitWhole()
		retrieveAll(t, r, 60)
	})
}

// What the former life of a restored node sent is taken no more once it was
// said that it had not come; its next life is another matter.
func TestRecallFences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		from, to := r.Nodes[0].Status().Self, r.Nodes[1]
		former := from
		from.Incarnation++
		known, err := to.Recall(t.Context(), from)
		if err != nil || len(known.Members) != 2 {
			t.Fatal(known.Members, err)
		}
		held := 0
		for _, k := range known.Buckets {
			if k.State == replica.Held {
				held += int(k.Last) - int(k.First) + 1
			}
		}
		if held != to.Status().Buckets.Held {
			t.Errorf("%d buckets held", held)
		}
		b := keyspace.BucketOf(to.Status().Self.ID)
		head := node.Push{From: former, Epochs: []node.BucketEpoch{{Bucket: b, Epoch: 99}}}
		if err := to.Push(t.Context(), head, noPieces); node.KindOf(err) != node.Unavailable {
			t.Errorf("a hand-over of a former life: %v", err)
		}
		head.From = from
		if err := to.Push(t.Context(), head, noPieces); err != nil {
			t.Error(err)
		}
	})
}

func noPieces(func(value.Piece, error) bool) {}
