package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// row is the first row of a table from some key on.
type row struct {
	table string
	from  []byte
}

// rowsOf returns the rows of a key with one value.
func rowsOf(key []byte) map[string]row {
	id := keyspace.HashKey(key)
	return map[string]row{
		"header":  {"items", id[:]},
		"element": {"items", append(id[:], 0)},
		"bucket":  {"buckets", id[:2]},
	}
}

// spoil flips the bits of a row's last byte in the database of a node that does
// not run.
func spoil(t *testing.T, n *nodetest.Node, r row) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(n.Options.Dir, "chord.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error {
		table := tx.Bucket([]byte(r.table))
		k, content := table.Cursor().Seek(r.from)
		if !bytes.HasPrefix(k, r.from[:2]) {
			t.Fatalf("no row of %s from %x on", r.table, r.from)
		}
		content = bytes.Clone(content)
		content[len(content)-1] ^= 0xff
		return table.Put(bytes.Clone(k), content)
	}); err != nil {
		t.Fatal(err)
	}
}

// position is how far the scrub came, as the database has it.
type position struct {
	Next keyspace.Bucket
	Last time.Time
}

// scrubNote changes that of a node that does not run, and returns what it is
// then.
func scrubNote(t *testing.T, n *nodetest.Node, change func(*position)) (p position) {
	t.Helper()
	s, err := store.Open(filepath.Join(n.Options.Dir, "chord.db"), store.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(t.Context(), store.Change{Do: func(tx *store.Tx) error {
		note, err := tx.Meta("scrub")
		if err == nil && note != nil { // nil: it stopped before it began
			err = json.Unmarshal(note, &p)
		}
		if err != nil {
			return err
		}
		change(&p)
		if note, err = json.Marshal(p); err != nil {
			return err
		}
		return tx.SetMeta("scrub", note)
	}}); err != nil {
		t.Fatal(err)
	}
	return p
}

// due lets the week since the last scrub be over.
func due(p *position) { p.Last = p.Last.Add(-8 * 24 * time.Hour) }

// within waits a minute at most until ok, and looks every so often.
func within(t *testing.T, what string, every time.Duration, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(every) { // in virtual time
		if time.Since(began) > time.Minute {
			t.Fatal("after a minute: not ", what)
		}
	}
}

// A row that was damaged is found by the scrub, by who asks for the key, or, that of
// a bucket, at the start. The answer is that of the other copies, this one is filled from them, and is whole
// again.
func TestDamageIsMended(t *testing.T) {
	for what, r := range rowsOf(key(7)) {
		for _, scrub := range []bool{true, false} {
			name := what + " met by a read"
			if scrub {
				name = what + " found by the scrub"
			}
			t.Run(name, func(t *testing.T) { damageIsMended(t, r, scrub) })
		}
	}
}

func damageIsMended(t *testing.T, damaged row, scrub bool) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 3)
		insertAll(t, r, 20)
		n := r.Nodes[1]
		r.Crash(n)
		if scrub {
			scrubNote(t, n, due)
		}
		spoil(t, n, damaged)
		n = r.RunWith(n.Options)
		atStart := damaged.table == "buckets" // it is met before anybody reads
		if !scrub && !atStart {
			r.AwaitReady(n)
			go mustHave(t, n, key(7), "v")
		}
		if !atStart {
			within(t, "partial", 100*time.Microsecond, func() bool { return n.Status().Buckets.Wanted == 1 })
		}
		r.AwaitReady(n)
		synctest.Wait()
		if got := n.Status().Repair.Damaged; got != 1 {
			t.Errorf("%d damaged buckets are told of", got)
		}
		r.AwaitWhole()
		got, err := n.Operate(t.Context(), node.Op{Kind: node.Retrieve, Key: key(7), One: true})
		if err != nil || len(got.Values) != 1 || string(got.Values[0]) != "v" {
			t.Errorf("from the copy that was mended: %q, %v", got.Values, err)
		}
		retrieveAll(t, r, 20)
		checkEntries(t, r, 20)
		r.Crash(n)
		if report, err := store.Check(n.Store.Stats().Path, nil, nil); err != nil {
			t.Errorf("its database in the end: %v, %v", report.Problems, err)
		}
	})
}

// Where nobody else has a copy, nothing of what was damaged is thrown away: who
// asks for it hears of it, and all else goes on.
func TestDamageOfTheOnlyCopy(t *testing.T) {
	for what, damaged := range rowsOf(key(7)) {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := nodetest.Whole(t, 1)
				insertAll(t, r, 20)
				n := r.Nodes[0]
				r.Crash(n)
				scrubNote(t, n, due)
				spoil(t, n, damaged)
				for range 2 { // nothing is mended away at a restart
					n = r.RunWith(n.Options)
					r.AwaitReady(n)
					within(t, "told of", time.Second, func() bool { return n.Status().Repair.Damaged > 0 })
					if got, err := n.Retrieve(t.Context(), key(7)); node.KindOf(err) != node.Corrupt {
						t.Errorf("the damaged key: %q, %v", got, err)
					}
					for i := range 20 {
						if i != 7 {
							mustHave(t, n, key(i), "v")
						}
					}
					if err := n.Insert(t.Context(), []byte("another"), []byte("v")); err != nil {
						t.Error(err)
					}
					r.Crash(n)
					scrubNote(t, n, due)
				}
			})
		})
	}
}

func mustHave(t *testing.T, n *nodetest.Node, key []byte, want string) {
	t.Helper()
	if got, err := n.Retrieve(t.Context(), key); err != nil || len(got) != 1 || string(got[0]) != want {
		t.Errorf("%s at %s: %q, %v", key, n.Options.Name, got, err)
	}
}

// Who leaves has what is damaged at the one that stays: it is asked for it, and can
// hand over.
func TestDamageBesideALeaver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 2)
		insertAll(t, r, 20)
		leaver, stays := r.Nodes[0], r.Nodes[1]
		r.Crash(stays)
		spoil(t, stays, rowsOf(key(7))["bucket"])
		left := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		go func() { left <- leaver.Leave(ctx) }()
		stays = r.RunWith(stays.Options)
		if err := <-left; err != nil {
			t.Fatal(err)
		}
		r.Crash(leaver)
		for i := range 20 {
			mustHave(t, stays, key(i), "v")
		}
	})
}

// A scrub that was interrupted goes on where it was, not from the beginning.
func TestScrubGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 1)
		n := r.Nodes[0]
		early := keyspace.Bucket(keyspace.Buckets - 1)
		var first []byte // the key that the scrub reads first
		for i := range 12 {
			if err := n.Insert(t.Context(), key(i), bytes.Repeat([]byte("v"), 300<<10)); err != nil {
				t.Fatal(err)
			}
			if b := keyspace.BucketOf(keyspace.HashKey(key(i))); b < early {
				early, first = b, key(i)
			}
		}
		r.Crash(n)
		scrubNote(t, n, due)
		n = r.RunWith(n.Options)
		time.Sleep(500 * time.Millisecond) // in virtual time: of the 900 that it takes
		r.Crash(n)
		half := scrubNote(t, n, func(*position) {})
		if half.Next <= early || time.Since(half.Last) < 7*24*time.Hour {
			t.Fatalf("in the middle: %+v", half)
		}
		spoil(t, n, rowsOf(first)["element"]) // behind it: the next scrub finds it
		n = r.RunWith(n.Options)
		r.AwaitReady(n)
		within(t, "at the end", time.Second, func() bool { return time.Since(n.Status().Repair.Scrubbed) < time.Hour })
		if got := n.Status().Repair.Damaged; got != 0 {
			t.Error("it began again")
		}
		r.Crash(n)
		if p := scrubNote(t, n, due); p.Next != 0 {
			t.Errorf("at the end: %+v", p)
		}
		n = r.RunWith(n.Options)
		within(t, "found", time.Second, func() bool { return n.Status().Repair.Damaged == 1 })
	})
}

// Who joins a ring of one does not make a damaged key an empty one.
func TestDamageOfTheOnlyCopyBesideAJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 1)
		insertAll(t, r, 20)
		n := r.Nodes[0]
		r.Crash(n)
		spoil(t, n, rowsOf(key(7))["element"])
		n = r.RunWith(n.Options)
		r.AwaitReady(n)
		r.Add()
		time.Sleep(time.Minute) // in virtual time: it would have joined long since
		for _, m := range r.Nodes {
			if got, err := m.Retrieve(t.Context(), key(7)); err == nil {
				t.Errorf("the damaged key at %s: %q", m.Options.Name, got)
			}
		}
		mustHave(t, n, key(8), "v")
	})
}
