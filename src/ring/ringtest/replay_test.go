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
