//go:build faults

package fault

import "sync/atomic"

// Enabled tells whether the program has the faults at all.
const Enabled = true

var planted atomic.Pointer[Fault]

// Planted reports whether the program has the fault.
func Planted(f Fault) bool {
	p := planted.Load()
	return p != nil && *p == f
}

// Plant gives the program this fault and no other; empty: none.
func Plant(f Fault) { planted.Store(&f) }
