package floor

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chord/fault"
)

var (
	plant = flag.String("floor.fault", "", "which `faults` to plant, with commas between them, or all; needs -tags faults")
	limit = flag.Int("floor.limit", 500, "after how many `seeds` to give a planted fault up")
)

// quick are caught within few seeds: a test of the checks for every day.
var quick = []fault.Fault{fault.NoSync, fault.UnnumberedDots}

// among says which faults of the world show a planted one soonest.
var among = map[fault.Fault][]string{
	fault.AckBeforeCommit: {power, powerAll, slowDisk, wipe},
	fault.NoSync:          {power, powerAll},
	fault.WriteOne:        {wipe, power, kill, split, stop},
	fault.GapAsAck:        {wipe, kill, shaky, stop},
	fault.MergeOverGap:    {wipe, kill, split, stop, shaky},
	fault.BlindRemove:     {split, kill, oneWay, shaky, stop},
	fault.UnknownAsFailed: {split, stop, oneWay, shaky, slowDisk},
	fault.RemovedKept:     {kill, shaky},
	fault.UnnumberedDots:  {jump, kill},
	fault.DamageAsEmpty:   {rot, kill, split, stop, shaky},
	fault.NoStamp:         {replace, split, stop},
	fault.ReadOne:         {kill, shaky, stop, power},
	fault.NoWriteBack:     {oneWay, bridge, kill, shaky, stop},
	fault.PartialReads:    {wipe, restore, replace},
	fault.DownUnplaced:    {split, kill, long, oneWay},
	fault.LatestOfOne:     {split, kill, shaky, oneWay},
	fault.StaleCount:      {join, leave, wipe},
	fault.OneSource:       {wipe, restore, split, oneWay, stop},
	fault.ServeAtOnce:     {replace},
	fault.NoRepair:        {kill, split},
	fault.DropOnSend:      {replace, kill, shaky},
	fault.DropOnOne:       {replace, kill, shaky, wipe},
	fault.DropStale:       {replace, shaky, oneWay},
	fault.LeaveAtOnce:     {replace, leave},
	fault.NoGuard:         {amnesia, split, stop},
	fault.RestoreTrusted:  {restore, split, stop},
	fault.RestoreSameLife: {restore},
}

// Each planted fault must break a promise within some seeds.
func TestPlanted(t *testing.T) {
	if !fault.Enabled {
		t.Skip("needs -tags faults")
	}
	faults := quick
	switch *plant {
	case "":
	case "all":
		faults = fault.All
	default:
		faults = nil
		for name := range strings.SplitSeq(*plant, ",") {
			if !slices.Contains(fault.All, fault.Fault(name)) {
				t.Fatalf("no fault is called %q", name)
			}
			faults = append(faults, fault.Fault(name))
		}
	}
	defer fault.Plant("")
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			began := time.Now()
			for n := range *limit {
				if by := caught(t, f, uint64(n)); by != "" {
					t.Logf("FOUND %s: seed %d, the %d. one, after %v: %s", f, uint64(n), n+1, time.Since(began).Round(time.Second), by)
					return
				}
			}
			t.Errorf("%s: not found by %d seeds in %v", f, *limit, time.Since(began).Round(time.Second))
		})
	}
}

// caught runs a seed with a fault and returns what was broken.
func caught(t *testing.T, f fault.Fault, seed uint64) string {
	fault.Plant("") // templates are whole
	prepare(t, draw(seed, among[f]...).nodes)
	fault.Plant(f)
	p := draw(seed, among[f]...)
	p.wire = false
	_, found := run(t, p, newTotal())
	if len(found) == 0 {
		return ""
	}
	kinds := map[string]int{}
	for _, v := range found {
		kinds[string(v.Fault)]++
	}
	return fmt.Sprint(kinds, " ", found[0].Text)
}
