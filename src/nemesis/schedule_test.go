package nemesis

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The same seed gives the same schedule, and another one another.
func TestSchedulesReplay(t *testing.T) {
	names, _ := Faults()
	a, b, c := schedule(7, 5, names, time.Hour), schedule(7, 5, names, time.Hour), schedule(8, 5, names, time.Hour)
	if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) || len(a) < 100 {
		t.Errorf("%d, %d, %d steps", len(a), len(b), len(c))
	}
	for _, name := range names {
		if !slices.ContainsFunc(a, func(s Step) bool { return s.Fault == name }) {
			t.Errorf("no %s in an hour", name)
		}
	}
}

// A schedule asks nothing impossible: known hosts, each a victim of one fault at
// a time, and no company for what has to be alone.
func TestSchedulesArePossible(t *testing.T) {
	names, about := Faults()
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 7).Draw(t, "nodes")
		length := time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second
		steps := schedule(rapid.Uint64().Draw(t, "seed"), nodes, append(names, "none"), length)
		for i, s := range steps {
			f, known := faults[s.Fault]
			if !known || about[s.Fault] == "" || nodes < f.nodes || s.At < 0 || s.At > length || s.Length < f.shortest || s.Length > f.longest {
				t.Fatalf("%v", s)
			}
			if i > 0 && s.At < steps[i-1].At {
				t.Fatalf("%v comes after %v", s, steps[i-1])
			}
			all := append(slices.Clone(s.Victims), s.Others...)
			slices.Sort(all)
			if len(s.Victims) == 0 || len(all) != nodes || all[0] != 1 || all[nodes-1] != nodes || !f.all && nodes > 1 && 2*len(s.Victims) > nodes {
				t.Fatalf("%v of %d", s, nodes)
			}
			for _, other := range steps[:i] {
				if s.At < other.At+other.Length && !together(other, s) {
					t.Fatalf("%v happens during %v", s, other)
				}
			}
		}
	})
}
