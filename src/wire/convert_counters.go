package wire

import (
	"math"
	"time"

	"chord/node"
	"chord/wire/chordpb"
)

func encodeCounters(c node.Counters) *chordpb.Counters {
	return &chordpb.Counters{
		Reads: c.Reads, Writes: c.Writes, Failed: c.Failed, Took: uint64(c.Took),
		Forwarded: c.Forwarded, Coordinated: c.Coordinated, CopyReads: c.CopyReads, CopyWrites: c.CopyWrites,
	}
}

// counters reads none of a node that does not count yet.
func (d *decoder) counters(m *chordpb.Counters) node.Counters {
	if m.GetTook() > math.MaxInt64 {
		d.fail(node.Invalid, "a time of %d nanoseconds", m.GetTook())
	}
	return node.Counters{
		Reads: m.GetReads(), Writes: m.GetWrites(), Failed: m.GetFailed(), Took: time.Duration(m.GetTook()),
		Forwarded: m.GetForwarded(), Coordinated: m.GetCoordinated(), CopyReads: m.GetCopyReads(), CopyWrites: m.GetCopyWrites(),
	}
}
