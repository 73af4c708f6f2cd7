package ringtest

import (
	"os"
	"strconv"
	"testing"
)

// events is how long a seed is tormented.
const events = 2000

// seeds returns how many seeds to run: -seeds, $CHORD_SEEDS, or the default,
// less under the race detector.
func seeds(standard int) int {
	if *seedsFlag > 0 {
		return *seedsFlag
	}
	if n, err := strconv.Atoi(os.Getenv("CHORD_SEEDS")); err == nil {
		return n
	}
	return standard / slowdown
}

// torment runs seeds on both cores and returns the reports.
func TestModel(t *testing.T) { hold(t, Model, 1500) }
func TestWild(t *testing.T)  { hold(t, Wild, 300) }

func hold(t *testing.T, mode Mode, standard int) {
	n := seeds(standard)
	const parts = 4
	for part := range parts {
		t.Run(strconv.Itoa(part), func(t *testing.T) {
			t.Parallel()
			total, failures, worst := 0, 0, 0
			for seed := 1 + part; seed <= n; seed += parts {
				r := Torment(Draw(uint64(seed), mode), mode, events)
				if r.Err != nil {
					t.Fatal(r)
				}
				total, failures, worst = total+r.Events, failures+r.Failures, max(worst, r.Rounds)
			}
			t.Logf("%d events, %d failures, worst healing %d rounds", total, failures, worst)
		})
	}
}
