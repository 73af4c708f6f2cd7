//go:build !faults

package fault

// Enabled tells whether the program has the faults at all.
const Enabled = false

// Planted reports whether the program has the fault.
func Planted(Fault) bool { return false }

// Plant does nothing here.
func Plant(Fault) {}
