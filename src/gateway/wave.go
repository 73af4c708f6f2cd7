package gateway

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// access is what a command does to its key.
type access int

const (
	none   access = iota
	reads         // any number beside each other
	adds          // beside each other, where what they add differs
	writes        // beside nothing
)

// mark is a key that a call of the wave uses. Keys go by their hashes: two that
// share one wait for each other without need.
type mark struct {
	key, member uint64
	access      access
}

// wave is a run of calls that may run beside each other: no two of them in
// conflict.
type wave struct {
	marks []mark
	run   []*call
	done  sync.WaitGroup
}

var seed = maphash.MakeSeed()

// markOf returns what the call does, if it is to one key.
func (c *call) markOf() mark {
	m := mark{key: maphash.Bytes(seed, c.args[1]), access: c.cmd.access}
	if m.access == adds {
		if len(c.args) != 3 {
			m.access = writes
		} else {
			m.member = maphash.Bytes(seed, c.args[2])
		}
	}
	return m
}

func (m mark) conflicts(with mark) bool {
	switch {
	case m.key != with.key || m.access == reads && with.access == reads:
		return false
	case m.access == adds && with.access == adds:
		return m.member == with.member
	}
	return true
}

// join is false where the call must wait until the wave is over.
func (w *wave) join(c *call) bool {
	m := c.markOf()
	for _, other := range w.marks {
		if m.conflicts(other) {
			return false
		}
	}
	w.marks, w.run = append(w.marks, m), append(w.run, c)
	return true
}

// answer runs calls and writes their answers, in order.
func (c *conn) answer(calls []call) error {
	c.server.stats.commands.Add(uint64(len(calls)))
	for len(calls) > 0 && !c.quit {
		n := c.gatherWave(calls)
		c.wave.finish(c.server)
		if err := c.put(calls[:n]); err != nil {
			return err
		}
		calls = calls[n:]
	}
	return c.flush()
}

// gatherWave takes calls up to the first that must wait, answers those that are
// refused, and returns how many it took: one at least.
func (c *conn) gatherWave(calls []call) int {
	w := &c.wave
	w.marks, w.run = w.marks[:0], w.run[:0]
	for i := range calls {
		x := &calls[i]
		x.three = c.three
		alone := x.cmd != nil && x.cmd.alone(len(x.args))
		if alone && i > 0 {
			return i
		}
		if x.refused() {
			continue
		}
		c.last.Store(x.cmd)
		if alone {
			w.run = append(w.run, x)
			return 1
		}
		if !w.join(x) {
			return i
		}
	}
	return len(calls)
}

// finish runs the wave: the last call here, the others elsewhere.
func (w *wave) finish(s *Server) {
	if len(w.run) == 0 {
		return
	}
	last := len(w.run) - 1
	w.done.Add(last)
	for _, x := range w.run[:last] {
		s.workers.start(job{call: x, done: &w.done})
	}
	w.run[last].run()
	w.done.Wait()
	clear(w.run)
}

// put appends answers to what is to be written; large ones are written at once.
func (c *conn) put(calls []call) error {
	for i := range calls {
		x := &calls[i]
		var err error
		if len(c.out)+len(x.b) > writeBytes {
			if err = c.flush(); err == nil && len(x.b) > writeBytes {
				err = c.write(x.b)
				x.b = nil
			}
		}
		if x.held > 0 {
			c.server.memory.Give(c.host, x.held)
			x.held = 0
		}
		if err != nil {
			return err
		}
		c.out = append(c.out, x.b...)
	}
	return nil
}

// each runs part for 0 to n-1, some beside each other, and returns when all are
// done.
func (c *call) each(n int, part func(i int)) {
	var done sync.WaitGroup
	var broken atomic.Value
	safe := func(i int) {
		defer func() {
			if p := recover(); p != nil {
				broken.Store(fmt.Sprint(p))
			}
		}()
		part(i)
	}
	for at := 0; at < n; at += fan {
		end := min(at+fan, n)
		done.Add(end - at - 1)
		for i := at; i < end-1; i++ {
			c.conn.server.workers.start(job{part: safe, i: i, done: &done})
		}
		safe(end - 1)
		done.Wait()
	}
	if p := broken.Load(); p != nil {
		panic(p)
	}
}

// fan is how many operations of one command run beside each other.
const fan = 64
