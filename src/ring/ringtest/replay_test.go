package ringtest

import (
	"flag"
	"testing"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "the seed that TestReplay replays")
	modeFlag  = flag.String("mode", "model", "the mode that TestReplay replays: model or wild")
	rulesFlag = flag.String("rules", "zave", "the rules that TestReplay replays: zave or published")
	seedsFlag = flag.Int("seeds", 0, "how many seeds to run, instead of the default")
)

func parseMode(s string) Mode {
	if s == Wild.String() {
		return Wild
	}
	return Model
}

func drawAs(seed uint64, mode Mode, rules string) Options {
	o := Draw(seed, mode)
	if rules == Published.String() {
		o.Rules = Published
	}
	return o
}

// TestReplay shows one seed again, with its last events.
func TestReplay(t *testing.T) {
	if *seedFlag == 0 {
		t.Skip("no -seed")
	}
	mode := parseMode(*modeFlag)
	r := Torment(drawAs(*seedFlag, mode, *rulesFlag), mode, events)
	t.Log(r)
	if r.Err != nil {
		t.Fail()
	}
}

// Every seed gives the same run, event by event, or nothing found could be seen
// again.
func TestSeedsReplayIdentically(t *testing.T) {
	hashes := map[uint64]bool{}
	for seed := range uint64(20) {
		for _, mode := range []Mode{Model, Wild} {
			a := Torment(Draw(seed, mode), mode, events)
			b := Torment(Draw(seed, mode), mode, events)
			if a.Hash != b.Hash || a.Events != b.Events {
				t.Errorf("seed %d, mode %v: two runs differ", seed, mode)
			}
			hashes[a.Hash] = true
		}
	}
	if len(hashes) != 40 {
		t.Errorf("%d different runs of 40", len(hashes))
	}
}
