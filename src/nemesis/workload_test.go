package nemesis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"chord/nemesis/history"
	"chord/node"
)

// What is read tells who wrote it, and shows any damage.
func TestValuesCarryTheirNumber(t *testing.T) {
	for _, large := range []bool{false, true} {
		for id := history.ID(1); id < 20; id++ {
			v := value(id, large)
			if got, strange := number(v); got != id || strange != "" {
				t.Fatalf("large %v: %d %q, want %d", large, got, strange, id)
			}
			if large && (len(v) < smallest || len(v) > largest) {
				t.Errorf("%d bytes", len(v))
			}
			if string(v) != string(value(id, large)) {
				t.Error("a value is not the same twice")
			}
		}
	}
	damaged := value(3, true)
	damaged[smallest/2] ^= 1
	for _, v := range [][]byte{nil, []byte("v"), []byte("x1"), []byte("v-1"), []byte("v1x"), damaged, damaged[:100], damaged[:5]} {
		if id, strange := number(v); strange == "" {
			t.Errorf("%.20q is taken for the value of %d", v, id)
		}
	}
}

// Values are unique, each is removed once at most and only where it was
// inserted, and no register gets so many unknown outcomes that no order can be
// found.
func TestWorkloadsCanBeJudged(t *testing.T) {
	for _, name := range Workloads {
		w, r := newWorkload(name), rand.New(rand.NewPCG(1, 1))
		inserted, removed, unknown := map[string]bool{}, map[history.ID]bool{}, map[string]int{}
		kinds := map[history.Kind]int{}
		for id := history.ID(1); id < 5000; id++ {
			o, s := w.draw(r, id)
			at := fmt.Sprint(o.Key, " ", o.Value)
			o.Outcome = []history.Outcome{history.Done, history.Done, history.Unknown, history.Refused}[r.IntN(4)]
			switch {
			case o.Kind == history.Insert:
				inserted[at] = true
			case o.Kind == history.Remove && (!inserted[at] || removed[o.Value]):
				t.Fatalf("%s: %v", name, o)
			case o.Kind == history.Remove:
				removed[o.Value] = true
			case o.Kind == history.Put && o.Outcome == history.Unknown:
				unknown[o.Key]++
			}
			kinds[o.Kind]++
			w.ended(o, s)
			if len(s.there) > hotValues {
				t.Fatalf("%s: %d values", name, len(s.there))
			}
		}
		for key, n := range unknown {
			if n > unknownRegister {
				t.Errorf("%s: %d unknown outcomes", key, n)
			}
		}
		if keys := len(w.used()); name != "hot" && keys < 50 || name == "hot" && keys != 1 || len(kinds) < 2 {
			t.Errorf("%s: %d keys, %v", name, keys, kinds)
		}
	}
}

// An outcome is refused only where the answer said that nothing was changed.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		kind history.Kind
		err  error
		want history.Outcome
	}{
		{history.Insert, nil, history.Done},
		{history.Insert, &node.Error{Kind: node.Unavailable}, history.Refused},
		{history.Insert, &node.Error{Kind: node.ReadOnly}, history.Refused},
		{history.Insert, &node.Error{Kind: node.Unknown}, history.Unknown},
		{history.Insert, &node.Error{Kind: node.Internal}, history.Unknown},
		{history.Put, &node.Error{Kind: node.Corrupt}, history.Unknown},
		{history.Insert, errors.New("?"), history.Unknown},
		{history.Retrieve, &node.Error{Kind: node.Unknown}, history.Refused},
	} {
		if got := outcome(c.kind, c.err); got != c.want {
			t.Errorf("%s, %v: %s, want %s", c.kind, c.err, got, c.want)
		}
	}
}
