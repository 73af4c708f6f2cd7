package trust

import (
	"fmt"
	"slices"
)

// Mode says who must use TLS. A ring moves from the first to the last without
// stopping, one step at a time with all nodes.
type Mode int

// The modes.
const (
	Off     Mode = iota // plain both ways
	Accept              // takes plain and TLS, calls plain
	Prefer              // takes plain and TLS, calls with TLS
	Require             // TLS both ways
)

// Modes are the names of the modes, in order.
var modes = []string{"off", "accept", "prefer", "require"}

// Modes returns the names of the modes.
func Modes() []string { return slices.Clone(modes) }

// String returns the mode's name.
func (m Mode) String() string { return modes[m] }

// ParseMode is the inverse of [Mode.String].
func ParseMode(s string) (Mode, error) {
	if i := slices.Index(modes, s); i >= 0 {
		return Mode(i), nil
	}
	return Off, fmt.Errorf("%q is not a mode: choose off, accept, prefer or require", s)
}
