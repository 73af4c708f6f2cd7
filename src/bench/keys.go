package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

const (
	// minValue is room for what tells one value from another.
	minValue = 8
	// hotValues is how many different values hot work inserts at its key.
	hotValues = 16
)

// place is a key and one of its values, by number.
type place struct{ key, value int }

// content makes the keys and values of a run.
type content struct {
	prefix string
	filler []byte // of values, the same for all: they are judged by their first bytes
	single bool   // see Options.Single
}

func newContent(o Options) content {
	// Not compressible, and the same in every run.
	filler := make([]byte, o.ValueSize)
	rand.NewChaCha8([32]byte{1}).Read(filler)
	return content{o.Prefix, filler, o.Single}
}

func (c content) key(p place) []byte { return fmt.Appendf(nil, "%s%010d", c.prefix, p.key) }

func (c content) value(p place) []byte {
	v := slices.Clone(c.filler)
	binary.BigEndian.PutUint64(v, uint64(p.key)<<8|uint64(p.value))
	return v
}

// pick chooses where the next operation goes.
func pick(o Options, r *rand.Rand) place {
	if o.Work == Hot {
		return place{0, r.IntN(hotValues)}
	}
	return place{key: r.IntN(o.Keys)}
}
