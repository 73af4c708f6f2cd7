package store

import (
	"time"

	"chord/fault"
	"chord/value"
)

// lastSecond is when the clock is not believed any more: a number made of it
// would stand above all others until then.
var lastSecond = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// dot makes the name of an insert. Its number is the time in microseconds since
// 1970, so that of two inserts at two nodes the later has the larger one, as far
// as their clocks agree; but always more than the number before, whatever the
// clock does. It is stored in the transaction of the insert.
func (t *Tx) dot() value.Dot {
	t.sequence++
	if now := t.now(); now.Before(lastSecond) {
		t.sequence = max(t.sequence, uint64(max(now.UnixMicro(), 0)))
	}
	if fault.Planted(fault.UnnumberedDots) {
		t.sequence = uint64(t.now().UnixMilli() / 1000)
	}
	if t.first == 0 {
		t.first = t.sequence
	}
	return value.Dot{Actor: t.identity.Actor(), Seq: t.sequence}
}
