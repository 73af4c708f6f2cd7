package history

import (
	"slices"
	"time"
)

// Calm is how long nothing may fail for the ring to be available again.
const Calm = time.Second

// Outage returns how long after from operations failed that should not have, or
// took longer than [Calm]: the time of the last failure before a stretch of [Calm] without one and with an
// operation that succeeded. The ops are in the order of their ends; expected
// says which failures do not count, as those through a node that is down. It is
// false where there is no such stretch before the end, or before until.
func Outage(ops []Op, from, until time.Duration, expected func(Op) bool) (time.Duration, bool) {
	i, _ := slices.BinarySearchFunc(ops, from, func(o Op, t time.Duration) int { return int(o.Return - t) })
	last, worked := from, false
	for _, o := range ops[i:] {
		if worked && o.Return > last+Calm {
			return last - from, true
		}
		if o.Return > until {
			break
		}
		switch {
		case o.Outcome == Done && o.Return-o.Call <= Calm:
			worked = true
		case !expected(o):
			last, worked = o.Return, false
		}
	}
	return last - from, false
}
