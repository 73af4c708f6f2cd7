package nemesis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"chord/nemesis/history"
)

// Workloads are the names of what clients can do.
var Workloads = []string{"set", "register", "large", "hot"}

// How many keys are in use at once, after how many writes one gives way to a
// new one, and how many unknown outcomes end a register: each doubles the
// search for an order.
const (
	keysAtOnce      = 32
	largeKeys       = 4
	writesPerKey    = 24
	writesPerLarge  = 6
	writesRegister  = 60
	writesHot       = 4000 // what failed removes leave behind makes its reads slower and slower
	unknownRegister = 4
	hotValues       = 64
)

// slot is a place for a key in use.
type slot struct {
	key     string
	writes  int
	unknown int
	there   []history.ID // what may be there, as far as its writers know
}

// workload draws operations for keys of one kind. It is safe for concurrent use.
type workload struct {
	name string

	mu    sync.Mutex
	slots []*slot
	keys  []string // all that were ever used
}

func newWorkload(name string) *workload {
	n := map[string]int{"set": keysAtOnce, "register": keysAtOnce, "large": largeKeys, "hot": 1}[name]
	w := &workload{name: name}
	for range n {
		s := &slot{}
		w.renew(s)
		w.slots = append(w.slots, s)
	}
	return w
}

// large reports whether its values are.
func (w *workload) large() bool { return w.name == "large" }

// renew gives a slot a new key.
func (w *workload) renew(s *slot) {
	*s = slot{key: fmt.Sprintf("%s-%d", w.name, len(w.keys))}
	w.keys = append(w.keys, s.key)
}

// draw returns an operation of that number, and the slot that has to be told
// what became of it.
func (w *workload) draw(r *rand.Rand, id history.ID) (history.Op, *slot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.slots[r.IntN(len(w.slots))]
	over := w.exhausted(s)
	if over && (!w.large() || len(s.there) == 0) {
		w.renew(s)
	}
	o := history.Op{ID: id, Key: s.key}
	p := r.Float64()
	switch {
	case over && len(s.there) > 0: // or a long run would have gigabytes to copy
		o.Kind, o.Value = history.Remove, s.there[0]
		s.there = s.there[1:]
	case w.name == "register" && p < 0.5:
		o.Kind, o.Value = history.Put, id
	case w.name == "register":
		o.Kind = history.Get
	case p < 0.35:
		o.Kind = history.Retrieve
	case len(s.there) > 0 && (p < 0.55 || len(s.there) >= hotValues):
		i := r.IntN(len(s.there))
		o.Kind, o.Value = history.Remove, s.there[i]
		s.there = slices.Delete(s.there, i, i+1)
	default:
		o.Kind, o.Value = history.Insert, id
	}
	if o.Kind.Writes() {
		s.writes++
	}
	return o, s
}

func (w *workload) exhausted(s *slot) bool {
	switch w.name {
	case "register":
		return s.writes >= writesRegister || s.unknown >= unknownRegister
	case "large":
		return s.writes >= writesPerLarge
	case "hot":
		return s.writes >= writesHot
	}
	return s.writes >= writesPerKey
}

// ended tells what became of an operation.
func (w *workload) ended(o history.Op, s *slot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.key != o.Key {
		return
	}
	if o.Kind == history.Insert && o.Outcome == history.Done {
		s.there = append(s.there, o.Value)
	}
	if o.Kind == history.Put && o.Outcome == history.Unknown {
		s.unknown++
	}
}

// used returns all keys that there ever were.
func (w *workload) used() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.keys)
}
