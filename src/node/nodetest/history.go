package nodetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"chord/node"
)

// Client is what a [History] watches.
type Client interface {
	Insert(ctx context.Context, key, value []byte) error
	Remove(ctx context.Context, key, value []byte) error
	Retrieve(ctx context.Context, key []byte) ([][]byte, error)
}

// RegisterClient is what a [History] watches where a key has one value.
type RegisterClient interface {
	Put(ctx context.Context, key, value []byte) error
	Get(ctx context.Context, key []byte) (value []byte, found bool, err error)
	Delete(ctx context.Context, key []byte) error
}

// History records operations on sets of values and what came of them, to check
// afterwards that they are linearizable. Its zero value is empty, and it is safe
// for concurrent use. A key is used as a set or, with Put, Get and Delete, as a
// register, not as both.
//
// An operation that failed with kind Unknown may have had its effect at any
// time since, or have none. With any other error it must have had none.
type History struct {
	mu     sync.Mutex
	now    int
	ops    []*operation
	errors map[node.Kind]int
}

type operation struct {
	kind       node.OpKind
	key, value string
	found      []string // of Retrieve, and of Get at most one
	call, end  int      // end is never for an unknown outcome
}

const never = int(^uint(0) >> 1)

// Insert has c insert a value.
func (h *History) Insert(ctx context.Context, c Client, key, value string) error {
	o := h.begin(node.Insert, key, value)
	return h.end(o, c.Insert(ctx, []byte(key), []byte(value)))
}

// Remove has c remove a value.
func (h *History) Remove(ctx context.Context, c Client, key, value string) error {
	o := h.begin(node.Remove, key, value)
	return h.end(o, c.Remove(ctx, []byte(key), []byte(value)))
}

// Retrieve has c retrieve a key's values.
func (h *History) Retrieve(ctx context.Context, c Client, key string) ([]string, error) {
	o := h.begin(node.Retrieve, key, "")
	values, err := c.Retrieve(ctx, []byte(key))
	for _, v := range values {
		o.found = append(o.found, string(v))
	}
	return o.found, h.end(o, err)
}

// Put has c put a value.
func (h *History) Put(ctx context.Context, c RegisterClient, key, value string) error {
	o := h.begin(node.Put, key, value)
	return h.end(o, c.Put(ctx, []byte(key), []byte(value)))
}

// Delete has c take all values out of a key.
func (h *History) Delete(ctx context.Context, c RegisterClient, key string) error {
	o := h.begin(node.Delete, key, "")
	return h.end(o, c.Delete(ctx, []byte(key)))
}

// Get has c get a key's value.
func (h *History) Get(ctx context.Context, c RegisterClient, key string) (value string, found bool, err error) {
	o := h.begin(node.Get, key, "")
	v, found, err := c.Get(ctx, []byte(key))
	if found {
		o.found = []string{string(v)}
	}
	return string(v), found, h.end(o, err)
}

// Errors returns how many operations ended with each kind of error.
func (h *History) Errors() map[node.Kind]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.errors
}

// Len returns how many operations had an answer, or may have had an effect.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ops)
}

func (h *History) begin(kind node.OpKind, key, value string) *operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now++
	return &operation{kind: kind, key: key, value: value, call: h.now, end: never}
}

func (h *History) end(o *operation, err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		if h.errors == nil {
			h.errors = map[node.Kind]int{}
		}
		h.errors[node.KindOf(err)]++
		if o.kind == node.Retrieve || o.kind == node.Get || node.KindOf(err) != node.Unknown {
			return err
		}
	} else {
		h.now++
		o.end = h.now
	}
	h.ops = append(h.ops, o)
	return err
}

// element is one value of one key. Each is an object of its own: a history is
// linearizable if those of all its objects are (Herlihy and Wing 1990).
type element struct{ key, value string }

// step is what an operation does to, or sees of, an element.
type step struct {
	read      bool
	present   bool // afterwards, or as seen
	call, end int
}

// Check returns an error if no order of the operations explains their answers.
func (h *History) Check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var sets, registers []*operation
	for _, o := range h.ops {
		if o.kind >= node.Put {
			registers = append(registers, o)
		} else {
			sets = append(sets, o)
		}
	}
	if err := checkSets(sets); err != nil {
		return err
	}
	return checkRegisters(registers)
}

func checkSets(ops []*operation) error {
	values := map[string]map[string]bool{}
	for _, o := range ops {
		if values[o.key] == nil {
			values[o.key] = map[string]bool{}
		}
		for _, v := range append(slices.Clone(o.found), o.value) {
			values[o.key][v] = true
		}
	}
	steps := map[element][]step{}
	for _, o := range ops {
		if o.kind != node.Retrieve {
			e := element{o.key, o.value}
			steps[e] = append(steps[e], step{present: o.kind == node.Insert, call: o.call, end: o.end})
			continue
		}
		for v := range values[o.key] {
			e := element{o.key, v}
			steps[e] = append(steps[e], step{read: true, present: slices.Contains(o.found, v), call: o.call, end: o.end})
		}
	}
	for e, s := range steps {
		slices.SortFunc(s, func(a, b step) int { return a.call - b.call })
		if !explained(s) {
			return fmt.Errorf("no order explains value %q of key %q: %+v", e.value, e.key, s)
		}
	}
	return nil
}

// explained searches an order of the steps in which each takes effect between
// its call and its end (the search of Wing and Gong 1993, with Lowe's memory of
// the states that led nowhere). Steps are sorted by their calls.
func explained(steps []step) bool {
	type state struct {
		done    string
		present bool
	}
	tried := map[state]bool{}
	var search func(done []byte, present bool) bool
	search = func(done []byte, present bool) bool {
		first := never // nothing that was called later can come before it
		for i, s := range steps {
			if done[i] == 0 {
				first = min(first, s.end)
			}
		}
		if first == never {
			return true
		}
		if at := (state{string(done), present}); tried[at] {
			return false
		} else {
			tried[at] = true
		}
		for i, s := range steps {
			if done[i] != 0 || s.call > first || s.read && s.present != present {
				continue
			}
			done[i] = 1
			ok := search(done, s.present)
			if done[i] = 0; ok {
				return true
			}
		}
		return false
	}
	return search(make([]byte, len(steps)), false)
}
