package node_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// purging is a ring that forgets removed keys after ten minutes.
func purging(t *testing.T, nodes, keys int) *nodetest.Ring {
	return purgingAfter(t, nodes, keys, 10*time.Minute)
}

func purgingAfter(t *testing.T, nodes, keys int, after time.Duration) *nodetest.Ring {
	r := nodetest.Start(t, 1)
	r.Adjust = func(c *node.Config) { c.PurgeAfter = after }
	for r.Nodes[0] = r.Restart(r.Nodes[0]); len(r.Nodes) < nodes; {
		r.AwaitReady(r.Add())
	}
	r.AwaitWhole()
	insertAll(t, r, keys)
	return r
}

func removeAll(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for i := range keys {
		if err := r.Nodes[0].Delete(t.Context(), key(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// rows counts what is remembered of the keys, values or none.
func rows(t *testing.T, r *nodetest.Ring, keys int) (count int) {
	t.Helper()
	for _, n := range r.Nodes {
		if err := n.Store.View(func(v *store.View) error {
			for i := range keys {
				d, err := v.Digest(key(i))
				if err != nil {
					return err
				}
				if !d.IsZero() {
					count++
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return count
}

func awaitForgotten(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for range 120 {
		if rows(t, r, keys) == 0 {
			return
		}
		time.Sleep(time.Minute) // in virtual time: a look at the condition
	}
	t.Fatalf("%d rows are left; %+v", rows(t, r, keys), r.Nodes[0].Status().Purge)
}

func allGone(t *testing.T, r *nodetest.Ring, keys int) {
	t.Helper()
	for _, n := range r.Nodes {
		for i := range keys {
			if got := content(t, n, key(i)); got != "" {
				t.Fatalf("%s has %q again at %s", key(i), got, n.Options.Name)
			}
		}
	}
}

// A removed key leaves nothing behind, and can be used again.
func TestRemovedKeysAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 12
		r := purging(t, 4, keys)
		removeAll(t, r, keys)
		if rows(t, r, keys) < 3*keys {
			t.Fatal("the removes must be remembered at first")
		}
		awaitForgotten(t, r, keys)
		insertAll(t, r, keys)
		for i := range keys {
			if got := content(t, r.Nodes[i%4], key(i)); got != "v" {
				t.Fatalf("%s: %q", key(i), got)
			}
		}
		r.AwaitWhole()
	})
}

// Who was down with the old values keeps all from forgetting, until it is back
// or forgotten itself.
func TestWhoIsDownBlocksThePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, forget := range []bool{false, true} {
			const keys = 12
			r := purging(t, 4, keys)
			gone := r.Nodes[2]
			r.Crash(gone)
			time.Sleep(time.Minute)
			removeAll(t, r, keys)
			time.Sleep(30 * time.Minute) // the others would have forgotten all after a quarter of an hour
			if rows(t, r, keys) == 0 {
				t.Fatal("forgotten though somebody who is down has the values")
			}
			blocked := false
			for _, n := range r.Nodes {
				blocked = blocked || len(n.Status().Purge.Blocked) > 0
			}
			if !blocked {
				t.Error("nobody says who blocks")
			}
			if forget {
				if err := r.Nodes[0].Forget(t.Context(), gone.Options.Name); err != nil {
					t.Fatal(err)
				}
			} else {
				r.AwaitReady(r.RunWith(gone.Options))
				r.AwaitWhole()
			}
			awaitForgotten(t, r, keys)
			allGone(t, r, keys)
			for len(r.Nodes) > 0 {
				r.Crash(r.Nodes[0])
			}
		}
	})
}

// A backup that is older than the purge brings nothing back, and loses nothing
// that the others have.
func TestABackupOlderThanThePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 12
		r := purging(t, 3, keys+1)
		old := r.Nodes[1]
		from := backup(t, old)
		removeAll(t, r, keys)
		awaitForgotten(t, r, keys)
		r.Crash(old)
		restore(t, from, old, node.RestoreOptions{})
		r.AwaitReady(r.RunWith(old.Options))
		r.AwaitWhole()
		allGone(t, r, keys)
		if n := rows(t, r, keys); n != 0 {
			t.Errorf("%d rows are back", n)
		}
		if got := content(t, r.Nodes[2], key(keys)); got != "v" {
			t.Errorf("what was never removed: %q", got)
		}
	})
}

// Who takes over an empty bucket from all who have it learns what was purged of it,
// or an old backup would bring it back.
func TestWhoTakesOverKnowsThePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 24
		r := purging(t, 5, keys)
		removeAll(t, r, keys)
		awaitForgotten(t, r, keys)
		stay := r.Nodes[3:]
		r.Net.Watch(func(c nodetest.Call) error { // nothing but the offers of those who leave
			if c.Name == "compare" && slices.ContainsFunc(stay, func(n *nodetest.Node) bool { return n.Options.Addr == c.From }) {
				return &node.Error{Kind: node.Unavailable, Text: "lost"}
			}
			return nil
		})
		knew := func(k []byte) (all bool) {
			return !slices.ContainsFunc(stay, func(n *nodetest.Node) bool { return noteOf(t, n, k).Epoch == 0 })
		}
		news := 0
		for i := range keys {
			if !knew(key(i)) {
				news++
			}
		}
		if news == 0 {
			t.Fatal("those who stay knew all purges before")
		}
		var leaving sync.WaitGroup
		for _, n := range slices.Clone(r.Nodes[:3]) {
			leaving.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if err := n.Leave(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		leaving.Wait()
		for i := range keys {
			if !knew(key(i)) {
				t.Errorf("the purge of %s is forgotten", key(i))
			}
		}
	})
}

// late is a ring in which two writes of one node to another are held up: of a key
// that is removed and forgotten meanwhile, and of another one of its bucket.
type late struct {
	*nodetest.Ring
	from, to, third *nodetest.Node
	gone, stays     []byte

	mu      sync.Mutex
	held    int
	release chan struct{} // the writes
	confirm chan struct{} // the third one's part in the purge
	behind  int
	resent  int
}

// newLate makes the sender the last of all nodes: of those who are asked to take
// part in a purge it is the last too, and the third the one before.
func newLate(t *testing.T) *late {
	l := &late{Ring: purgingAfter(t, 3, 0, time.Millisecond), release: make(chan struct{}), confirm: make(chan struct{})}
	nodes := slices.SortedFunc(slices.Values(l.Nodes), func(a, b *nodetest.Node) int {
		return a.Status().Self.ID.Compare(b.Status().Self.ID)
	})
	l.to, l.third, l.from = nodes[0], nodes[1], nodes[2]
	p := placementOf(l.from)
	first := make(map[keyspace.Bucket][]byte)
	for i := 0; l.gone == nil; i++ {
		b := keyspace.BucketOf(keyspace.HashKey(key(i)))
		if p.Group(b).Members[0] != l.from.Status().Self.ID {
			continue
		}
		if first[b] != nil {
			l.gone, l.stays = first[b], key(i)
		}
		first[b] = key(i)
	}
	l.Net.Watch(l.watch)
	return l
}

// watch holds up the first two writes, and lets nothing but writes and purges
// bring the receiver what it lacks.
func (l *late) watch(c nodetest.Call) error {
	l.mu.Lock()
	ours := c.From == l.from.Options.Addr && c.To == l.to.Options.Addr && c.Name == "write"
	hold := ours && c.Before && l.held < 2
	if hold {
		l.held++
	}
	if ours && !c.Before && c.Err != nil && node.KindOf(c.Err) == node.Behind {
		l.behind++
	} else if ours && !c.Before && c.Err == nil && l.behind > 0 {
		l.resent++
	}
	l.mu.Unlock()
	switch {
	case hold:
		<-l.release
	case c.Name == "purge" && c.Before && c.To == l.third.Options.Addr:
		<-l.confirm
	}
	return noRepair(c)
}

// counts returns how many writes were held up, refused, and sent again.
func (l *late) counts() (held, behind, resent int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held, l.behind, l.resent
}

func (l *late) epoch(t *testing.T, n *nodetest.Node) uint64 { return noteOf(t, n, l.gone).Epoch }

func (l *late) has(t *testing.T, n *nodetest.Node, key []byte) (ok bool) {
	t.Helper()
	if err := n.Store.View(func(v *store.View) (err error) {
		ok, err = v.Has(key, []byte("v"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ok
}

// A write that was on its way when its value was removed is not taken any more,
// whether the purge is through or has met the receiver alone; what is sent in its
// place comes from the store.
func TestALateWriteIsRefused(t *testing.T) {
	for _, through := range []bool{true, false} {
		t.Run(fmt.Sprint("through: ", through), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLate(t)
				for _, k := range [][]byte{l.gone, l.stays} {
					if err := l.from.Insert(t.Context(), k, []byte("v")); err != nil {
						t.Fatal(err)
					}
				}
				if err := l.from.Delete(t.Context(), l.gone); err != nil {
					t.Fatal(err)
				}
				if through {
					close(l.confirm)
				}
				await(t, "the purge has met the receiver", func() bool {
					forgotten := through && l.rows(t) == 0
					return l.epoch(t, l.to) > 0 && (forgotten || !through)
				})
				if held, _, _ := l.counts(); (l.epoch(t, l.from) == 0) == through || held != 2 || l.has(t, l.to, l.stays) {
					t.Fatal("the writes are not late", held)
				}
				close(l.release)
				time.Sleep(200 * time.Millisecond) // in virtual time: the writes arrive
				if _, behind, resent := l.counts(); behind != 2 || resent == 0 || !l.has(t, l.to, l.stays) || l.epoch(t, l.from) == 0 {
					t.Errorf("%d were refused, %d sent again; what stays has arrived: %v", behind, resent, l.has(t, l.to, l.stays))
				}
				if !through {
					close(l.confirm)
				}
				l.Net.Watch(nil)
				await(t, "all have forgotten", func() bool { return l.rows(t) == 0 })
				l.AwaitWhole()
				for _, n := range l.Nodes {
					if l.has(t, n, l.gone) || content(t, n, l.gone) != "" || content(t, n, l.stays) != "v" {
						t.Errorf("%s has %q and %q", n.Options.Name, content(t, n, l.gone), content(t, n, l.stays))
					}
				}
			})
		})
	}
}

// rows counts who remembers the removed key.
func (l *late) rows(t *testing.T) (count int) {
	t.Helper()
	for _, n := range l.Nodes {
		if err := n.Store.View(func(v *store.View) error {
			d, err := v.Digest(l.gone)
			if !d.IsZero() {
				count++
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return count
}

// Who left the group and could not hand its copy over has the old values still.
// The purge includes it, or waits for it where it is away.
func TestAFormerHolderTakesPart(t *testing.T) {
	for _, away := range []bool{false, true} {
		t.Run(fmt.Sprint("away: ", away), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const keys = 12
				r := purging(t, 3, keys)
				r.Net.Watch(func(c nodetest.Call) error {
					if c.Name == "take" {
						return &node.Error{Kind: node.Unavailable, Text: "lost"}
					}
					return nil
				})
				joined := r.Add()
				r.AwaitReady(joined)
				former := r.Nodes[1]
				await(t, "the new node has its copies", func() bool {
					return joined.Status().Buckets.Wanted == 0 && joined.Status().Self.Serving && former.Status().Buckets.Moving > 0
				})
				if n := rows(t, r, keys); n <= 3*keys {
					t.Fatal("nobody has a copy that it should not have:", n)
				}
				cut := func(cut bool) {
					for _, n := range r.Nodes {
						r.Net.Cut(n.Options.Addr, former.Options.Addr, cut && n != former)
						r.Net.Cut(former.Options.Addr, n.Options.Addr, cut && n != former)
					}
				}
				if away {
					cut(true)
					time.Sleep(time.Minute)
				}
				removeAll(t, r, keys)
				if away {
					time.Sleep(20 * time.Minute)
					if !slices.Contains(r.Nodes[0].Status().Purge.Blocked, former.Options.Name) && !slices.Contains(joined.Status().Purge.Blocked, former.Options.Name) {
						t.Error("nobody waits for who has an old copy")
					}
					r.Net.Watch(nil)
					cut(false)
				}
				awaitForgotten(t, r, keys)
				r.Net.Watch(nil)
				r.AwaitWhole()
				allGone(t, r, keys)
				if n := rows(t, r, keys); n != 0 {
					t.Errorf("%d rows are back", n)
				}
			})
		})
	}
}
