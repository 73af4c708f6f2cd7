package value

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

// naive is the set as the textbook has it: all dots ever added and all ever
// removed, both growing without bound. It is what [Set] must be equal to.
type naive struct {
	added   map[Dot]string
	removed map[Dot]bool
}

func (n naive) drop(keep func(v string) bool) {
	for d, v := range n.added {
		if !keep(v) {
			n.removed[d] = true
		}
	}
}

func (n naive) insert(v string, d Dot) {
	n.drop(func(w string) bool { return w != v })
	n.added[d] = v
}

func (n naive) merge(o naive) {
	for d, v := range o.added {
		n.added[d] = v
	}
	for d := range o.removed {
		n.removed[d] = true
	}
}

func (n naive) values() map[string]bool {
	values := map[string]bool{}
	for d, v := range n.added {
		if !n.removed[d] {
			values[v] = true
		}
	}
	return values
}

// replica is a set beside its model.
type replica struct {
	set   Set
	model naive
	actor Actor
}

// world is some replicas of one key and the sequence numbers they use.
type world struct {
	replicas []*replica
	seq      map[Actor]uint64
}

func newWorld(n int) *world {
	w := &world{seq: map[Actor]uint64{}}
	for i := range n {
		actor := Actor{Node: keyspace.ID{byte(i % 2)}, Incarnation: uint64(i / 2)}
		w.replicas = append(w.replicas, &replica{model: naive{map[Dot]string{}, map[Dot]bool{}}, actor: actor})
	}
	return w
}

func (w *world) dot(a Actor) Dot {
	w.seq[a]++
	return Dot{a, w.seq[a]}
}

func drawValue(t *rapid.T) string { return fmt.Sprint("v", rapid.IntRange(0, 7).Draw(t, "value")) }

// act does one random thing to a replica and its model.
func (w *world) act(t *rapid.T, r *replica) {
	if rapid.IntRange(0, 4).Draw(t, "merge") > 0 {
		w.change(t, r)
		return
	}
	o := rapid.SampledFrom(w.replicas).Draw(t, "from")
	r.set.Merge(o.set)
	r.model.merge(o.model)
}

// change is what a user may do to a replica.
func (w *world) change(t *rapid.T, r *replica) {
	switch v := drawValue(t); rapid.IntRange(0, 7).Draw(t, "action") {
	case 0, 1, 2, 3:
		d := w.dot(r.actor)
		r.set.Insert([]byte(v), d)
		r.model.insert(v, d)
	case 4, 5:
		if r.set.Remove([]byte(v)) != r.model.values()[v] {
			t.Fatalf("remove of %s disagrees with the model", v)
		}
		r.model.drop(func(w string) bool { return w != v })
	case 6:
		d := w.dot(r.actor)
		r.model.drop(func(string) bool { return false })
		r.set.Put([]byte(v), d)
		r.model.insert(v, d)
	case 7:
		r.set.Clear()
		r.model.drop(func(string) bool { return false })
	}
}

func (w *world) run(t *rapid.T, steps int) {
	for range rapid.IntRange(0, steps).Draw(t, "steps") {
		w.act(t, rapid.SampledFrom(w.replicas).Draw(t, "replica"))
	}
}

// checkSet checks the invariants of a set.
func checkSet(t *rapid.T, s Set) {
	if _, err := (Piece{Context: s.Context, Elements: s.Elements}).Check(); err != nil {
		t.Fatalf("set out of order: %v", s)
	}
}

func checkReplica(t *rapid.T, r *replica) {
	checkSet(t, r.set)
	want := r.model.values()
	if got := r.set.Values(); len(got) != len(want) || slices.ContainsFunc(got, func(v []byte) bool { return !want[string(v)] }) {
		t.Fatalf("values %q, want %v", got, want)
	}
	if !r.set.Complete() {
		t.Fatal("a set that had no pieces is incomplete")
	}
}

// Equal to the model: what was inserted is there until a remove has seen it,
// what was removed stays away, and an insert at the same time wins.
func TestSetIsTheTextbookSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(4)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			r := rapid.SampledFrom(w.replicas).Draw(t, "replica")
			w.act(t, r)
			checkReplica(t, r)
		}
		for _, r := range w.replicas {
			for _, o := range w.replicas {
				r.set.Merge(o.set)
				r.model.merge(o.model)
			}
			checkReplica(t, r)
		}
	})
}
