package floor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"chord/keyspace"
	"chord/nemesis/history"
	"chord/node"
	"chord/store"
)

// ending is the end of a fault.
type ending struct {
	at time.Time
	do func()
}

// until has do run after some time, or when all faults end.
func (w *world) until(d time.Duration, do func()) {
	w.pending = append(w.pending, ending{time.Now().Add(d), do})
}

// pass lets time go by, and ends the faults that end meanwhile.
func (w *world) pass(d time.Duration) {
	deadline := time.Now().Add(d)
	for {
		next := -1
		for i, e := range w.pending {
			if !e.at.After(deadline) && (next < 0 || e.at.Before(w.pending[next].at)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		e := w.pending[next]
		w.pending = slices.Delete(w.pending, next, next+1)
		time.Sleep(time.Until(e.at)) // in virtual time: the schedule
		e.do()
	}
	time.Sleep(time.Until(deadline)) // in virtual time: the schedule
	w.restartFailed()
}

func (w *world) endAll() {
	for _, e := range w.pending {
		e.do()
	}
	w.pending = nil
}

// await waits until a step is due.
func (w *world) await(s step) {
	if !s.next || len(w.pending) == 0 {
		w.pass(s.after)
		return
	}
	end := slices.MinFunc(w.pending, func(a, b ending) int { return a.at.Compare(b.at) }).at
	w.pass(time.Until(end) + s.after/100)
}

// carryOut does what a step says, as far as it can be done now.
func (w *world) carryOut(s step) {
	w.await(s)
	rng := rand.New(rand.NewPCG(s.seed, 0))
	calm := s.calm
	switch s.fault {
	case wipe, rot, restore, amnesia:
		calm = calm || !w.redundant
	case forget:
		calm = true
	}
	if calm && !w.calm() {
		return
	}
	up := w.running()
	if len(up) == 0 {
		return
	}
	h := up[s.host%len(up)]
	w.note("%s at %s for %v", s.fault, h.name, s.lasts)
	if w.do(s, h, up, rng) {
		w.faults[s.fault]++
	}
}

func (w *world) do(s step, h *host, up []*host, rng *rand.Rand) bool {
	switch s.fault {
	case kill, power, long:
		w.down(h, s.fault == power)
		w.until(s.lasts, func() { w.up(h) })
	case powerAll:
		for _, h := range up {
			w.down(h, true)
			w.until(time.Duration(rng.Int64N(int64(s.lasts)+1)), func() { w.up(h) })
		}
	case restart:
		n := h.run
		w.attach(h, nil)
		n.Crash()
		w.until(s.lasts/4, func() { w.up(h) })
	case stop:
		w.until(s.lasts, w.air.hold(h.addr))
	case split, oneWay, bridge:
		w.split(s, h, rng)
	case slowDisk:
		d := h.disk
		d.set(func(d *disk) { d.delay = time.Duration(1+rng.IntN(3000)) * time.Millisecond })
		w.until(s.lasts, func() { d.set(func(d *disk) { d.delay = 0 }) })
	case fullDisk:
		d := h.disk
		d.set(func(d *disk) { d.full = true })
		w.until(s.lasts, func() { d.set(func(d *disk) { d.full = false }) })
	case brokenDisk:
		h.disk.set(func(d *disk) { d.dead = true })
	case jump:
		h.skew.Add(int64((rng.NormFloat64()) * float64(time.Hour)))
	case shaky:
		w.air.set(func(a *air) { a.shaky = 0.02 + rng.Float64()/4 })
		w.until(s.lasts, func() { w.air.set(func(a *air) { a.shaky = 0 }) })
	default:
		return w.member(s, h, up, rng)
	}
	return true
}

func (w *world) split(s step, h *host, rng *rand.Rand) {
	side := map[*host]bool{h: true}
	for _, o := range w.hosts {
		if o != h && rng.IntN(3) == 0 {
			side[o] = true
		}
	}
	hub := w.hosts[rng.IntN(len(w.hosts))]
	both := rng.IntN(2) == 0
	change := func(cut bool) {
		for _, a := range w.hosts {
			for _, b := range w.hosts {
				if side[a] == side[b] || s.fault == bridge && (a == hub || b == hub) {
					continue
				}
				if s.fault != oneWay || side[a] == both {
					w.cut(a.addr, b.addr, cut)
				}
			}
		}
	}
	change(true)
	w.until(s.lasts, func() {
		change(false)
		w.note("healed")
	})
}

func (w *world) cut(from, to string, cut bool) {
	w.net.Cut(from, to, cut)
	if w.wires != nil {
		w.wires.cut(from, to, cut)
	}
}

// member changes who there is, or what is on a disk. The ring is whole.
func (w *world) member(s step, h *host, up []*host, rng *rand.Rand) bool {
	switch s.fault {
	case join:
		if len(up) > 5 {
			return false
		}
		w.changes()
		w.join()
	case leave:
		if len(up) < 3 || h.leaving {
			return false
		}
		w.changes()
		w.leave(h)
	case replace:
		if len(up) > 5 {
			return false
		}
		w.changes()
		for i := range 1 + rng.IntN(3) {
			w.join()
			w.leave(up[(s.host+i)%len(up)])
		}
	case wipe:
		w.changes()
		w.redundant = false
		w.down(h, true)
		h.dir, h.old = w.t.TempDir(), ""
		w.until(s.lasts, func() { w.up(h) })
	case rot:
		w.redundant = false
		w.down(h, false)
		if err := spoil(h.path(), rng); err != nil {
			w.t.Fatal(err)
		}
		w.until(s.lasts, func() { w.up(h) })
	case restore, amnesia:
		if h.old == "" && !w.copyOf(h) {
			return false
		}
		if w.pass(2 * s.lasts); h.run == nil {
			return false
		}
		w.changes()
		w.redundant = false
		w.down(h, true)
		if err := w.goBack(h, s.fault == restore); err != nil {
			w.t.Fatal(err)
		}
		h.old = ""
		w.until(s.lasts, func() { w.up(h) })
	case forget:
		return w.forget(h, up)
	}
	return true
}

func (w *world) join() {
	w.up(w.newHost(fmt.Sprint("n", len(w.hosts)), w.t.TempDir()))
}

func (w *world) leave(h *host) {
	if h.leaving {
		return
	}
	h.leaving = true
	go func(n interface{ Leave(context.Context) error }) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
		defer cancel()
		_ = n.Leave(ctx)
	}(h.run)
}

// copyOf makes a hot copy of a database.
func (w *world) copyOf(h *host) bool {
	path := filepath.Join(w.t.TempDir(), "old.db")
	f, err := os.Create(path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if _, err := h.run.Store.Copy(f); err != nil {
		w.note("no copy: %v", err)
		return false
	}
	h.old = path
	return true
}

// spoil flips bits in the rows of half of the keys in a database that nobody has open.
func spoil(path string, rng *rand.Rand) error {
	s, err := store.Open(path, store.Options{NoSync: true})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil { // what stood in the log is in the file
		return err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		items := tx.Bucket([]byte("items"))
		for _, key := range slices.Compact(slices.Clone(keys)) {
			id := keyspace.HashKey([]byte(key))
			row := bytes.Clone(items.Get(id[:]))
			if row == nil || rng.IntN(2) == 0 {
				continue
			}
			row[rng.IntN(len(row))] ^= 1 << rng.IntN(8)
			if err := items.Put(id[:], row); err != nil {
				return err
			}
		}
		return nil
	}), db.Close())
}

// goBack puts the old copy in the place of a database.
func (w *world) goBack(h *host, properly bool) error {
	if properly {
		_, err := node.Restore(h.old, h.path(), node.RestoreOptions{Replace: true}, nil)
		return err
	}
	b, err := os.ReadFile(h.old)
	for _, name := range []string{".log1", ".log2"} {
		os.Remove(h.path() + name)
	}
	return errors.Join(err, os.WriteFile(h.path(), b, 0o600))
}

// forgetter is a node that can be told that another one is gone for good.
type forgetter interface {
	Forget(ctx context.Context, name string) error
}

func (w *world) forget(h *host, up []*host) bool {
	if len(up) < 4 {
		return false
	}
	w.changes()
	w.redundant = false
	w.down(h, true)
	w.mu.Lock()
	h.dead = true
	w.mu.Unlock()
	by := w.running()[0]
	f, ok := any(by.run.Node).(forgetter)
	if !ok {
		return false
	}
	var err error
	for range 60 {
		ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
		err = f.Forget(ctx, h.name)
		cancel()
		if err == nil {
			return true
		}
		w.pass(5 * time.Second)
	}
	w.broken(history.Crashed, "%s cannot be forgotten: %v", h.name, err)
	return false
}
