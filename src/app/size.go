package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// The default of reserve: a share of the disk, or a fixed size where that is
// less. A disk that fills up to the last byte ends the process instead.
const (
	reserveShare = 20 // a twentieth
	reserveMost  = 256 << 20
)

// units are what sizes are written in.
var units = []struct {
	name  string
	bytes uint64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

// size reads a number of bytes with its unit; nothing is less than zero.
func size(field func(*Options) **uint64) func(*Options, string) error {
	return func(o *Options, s string) error {
		if *field(o) = nil; s == "" {
			return nil
		}
		n, ok := parseSize(s)
		if !ok {
			return problem(fmt.Sprintf("%q is not a size", s), `write a whole number with its unit, KiB, MiB, GiB or TiB, such as "256MiB", or 0`)
		}
		*field(o) = &n
		return nil
	}
}

func parseSize(s string) (uint64, bool) {
	if s == "0" {
		return 0, true
	}
	for _, u := range units {
		if number, ok := strings.CutSuffix(s, u.name); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
			return n * u.bytes, err == nil && n <= math.MaxUint64/u.bytes
		}
	}
	return 0, false
}

// sizeText writes a number of bytes in the largest unit that divides it.
func sizeText(n uint64) string {
	for i := len(units) - 1; i >= 0; i-- {
		if u := units[i]; n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatUint(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatUint(n, 10)
}

// reserve returns how many bytes of the disk that holds dir inserts leave free.
func (o Options) reserve(dir string) uint64 {
	if o.Reserve != nil {
		return *o.Reserve
	}
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return reserveMost
	}
	return min(reserveMost, s.Blocks*uint64(s.Bsize)/reserveShare)
}
