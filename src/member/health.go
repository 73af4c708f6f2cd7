package member

import "math/bits"

// windowSize is how many of the last probes tell the own health.
const windowSize = 8

// health is Lifeguard's local health: a node whose own probes fail is more
// likely ill than surrounded by the dead. One bit for each of the last probes
// of members believed alive, and for each control; set if it failed.
type health struct {
	bits  uint8
	doubt uint64 // tick since which half or more failed and none was answered
}

func (h *health) push(ok bool, now uint64) {
	before := h.ill()
	h.bits <<= 1
	if !ok {
		h.bits |= 1
	}
	if ok || h.ill() && !before {
		h.doubt = now
	}
}

// distrust counts all of the last probes as failed.
func (h *health) distrust(now uint64) { h.bits, h.doubt = 0xff, now }

func (h *health) failed() int { return bits.OnesCount8(h.bits) }
func (h *health) ill() bool   { return 2*h.failed() >= windowSize }

// doubting reports whether the table should blame itself and accuse nobody.
func (t *Table) doubting() bool { return t.window.ill() && !t.alone() }

// alone reports whether the doubt has lasted for its time without any answer.
// Then there is nothing left to tell a fault of the node from a disaster
// around it, of which a survivor must know in the end.
func (t *Table) alone() bool {
	return t.window.ill() && t.now-t.window.doubt >= uint64(t.c.DoubtFor)
}

// patience is the local health multiplier: how many rounds of a probe must
// fail before it accuses, and how much longer suspicions last.
func (t *Table) patience() int {
	if t.alone() {
		return 1
	}
	return 1 + t.window.failed()/2
}
