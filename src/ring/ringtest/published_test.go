package ringtest

import (
	"slices"
	"strconv"
	"testing"
)

// The negative control: the checker finds the broken and lost rings of the 2001
// rules (Zave, "Using lightweight modeling to understand Chord", 2012), where
// the corrected rules, with the very same seeds, break nothing.
func TestPublishedRulesBreak(t *testing.T) {
	n := seeds(400)
	broken, lost, zave := 0, 0, 0
	by := map[string]int{}
	for seed := 1; seed <= n; seed++ {
		o := drawAs(uint64(seed), Model, "published")
		r := Torment(o, Model, events)
		for _, i := range r.Broken {
			by[i]++
		}
		if slices.ContainsFunc(r.Broken, func(i string) bool { return slices.Contains([]string{"I1", "I3", "I4", "I5", "I6"}, i) }) {
			broken++
		}
		if !r.Healed {
			lost++
		}
		o.Rules = Zave
		if r := Torment(o, Model, events); r.Err != nil {
			zave++
			t.Error(r)
		}
	}
	t.Logf("of %s seeds the 2001 rules break %d (%v) and %d never heal; Zave's break %d", strconv.Itoa(n), broken, by, lost, zave)
	if broken < n/10 || lost < n/50 {
		t.Error("the checker misses what the literature reports")
	}
}
