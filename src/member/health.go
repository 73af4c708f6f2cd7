package member

import "math/bits"

// windowSize is how many of the last probes tell the own health.
const windowSize = 8

// health is Lifeguard's local health: a node whose own probes fail is more
// likely ill than surrounded by the dead. One bit for each of the last probes
// of members believed alive, and for each control; set if it failed.
type health struct {
	bits  uint8
	doubt uint64 // tick since which half or more failed
}

func (h *health) push(ok bool, now uint64) {
	before := h.ill()
	h.bits <<= 1
	if !ok {
		h.bits |= 1
	}
	if h.ill() && !before {
		h.doubt = now
	}
}

// distrust counts all of the last probes as failed.
func (h *health) distrust(now uint64) { h.bits, h.doubt = 0xff, now }

func (h *health) failed() int { return bits.OnesCount8(h.bits) }
func (h *health) ill() bool   { return 2*h.failed() >= windowSize }

// patience is the local health multiplier: how many rounds of a probe must
// fail before it accuses, and how much longer suspicions last.
func (h *health) patience() int { return 1 + h.failed()/2 }

// doubting reports whether the table should blame itself and accuse nobody.
// That ends after a time, or the survivors of a disaster would never know.
func (t *Table) doubting() bool {
	return t.window.ill() && t.now-t.window.doubt < uint64(t.c.DoubtFor)
}

// blind reports whether the doubt has lasted for its time without being
// relieved.
func (t *Table) blind() bool { return t.window.ill() && !t.doubting() }
