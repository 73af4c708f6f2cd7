package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
)

// Options says which experiments to make, and how large. Zero stands for the
// default of each.
type Options struct {
	// Experiments are some of [Names]; all where empty.
	Experiments []string
	// Seed decides everything that is left to chance.
	Seed uint64
	// Nodes is the size of the largest rings: of Path (rounded up to a power of
	// two), of Keys and of the keys lost. The papers' other experiments have 1,000
	// nodes, or Nodes where that is less. 10,000 by default.
	Nodes int
	// Keys is how many there are; a million by default.
	Keys int
	// Lookups is how many there are for each point; 10,000 by default.
	Lookups int
	// Quick makes all of it small, for a look: what is not set has a fraction of
	// its default, and repeats are few.
	Quick bool
	// Progress, where set, is called after each point, never twice at once.
	Progress func(done, total int)
}

// The experiments.
const (
	NamePath     = "path"
	NameKeys     = "keys"
	NameFailures = "failures"
	NameChurn    = "churn"
	NameMerge    = "merge"
)

// Names returns the names of all experiments, in the order of a report.
func Names() []string { return []string{NamePath, NameKeys, NameFailures, NameChurn, NameMerge} }

// The bounds of [Options].
const (
	MinNodes, MaxNodes     = 16, 1 << 16
	MinKeys, MaxKeys       = 100, 100_000_000
	MinLookups, MaxLookups = 10, 10_000_000
)

// OptionError says what is wrong with an option, and what would be right.
type OptionError struct{ Text, Remedy string }

// Error returns what is wrong.
func (e *OptionError) Error() string { return e.Text }

// Hint returns what would be right.
func (e *OptionError) Hint() string { return e.Remedy }

// Check returns an [*OptionError] where the options, with their defaults, cannot
// be meant.
func (o Options) Check() error {
	o = o.withDefaults()
	for _, name := range o.Experiments {
		if !slices.Contains(Names(), name) {
			return &OptionError{fmt.Sprintf("there is no experiment %q", name), fmt.Sprintf("choose one of %v", Names())}
		}
	}
	for _, b := range []struct {
		what           string
		is, least, top int
	}{{"nodes", o.Nodes, MinNodes, MaxNodes}, {"keys", o.Keys, MinKeys, MaxKeys}, {"lookups", o.Lookups, MinLookups, MaxLookups}} {
		if b.is < b.least || b.is > b.top {
			return &OptionError{fmt.Sprintf("%d %s are out of range", b.is, b.what), fmt.Sprintf("give a number from %d to %d", b.least, b.top)}
		}
	}
	return nil
}

func (o Options) withDefaults() Options {
	nodes, keys, lookups := 10_000, 1_000_000, 10_000
	if o.Quick {
		nodes, keys, lookups = 256, 20_000, 500
	}
	if o.Nodes == 0 {
		o.Nodes = nodes
	}
	if o.Keys == 0 {
		o.Keys = keys
	}
	if o.Lookups == 0 {
		o.Lookups = lookups
	}
	if len(o.Experiments) == 0 {
		o.Experiments = Names()
	}
	return o
}

// papersRing is the size of the rings in which the papers have nodes fail.
func (o Options) papersRing() int { return min(o.Nodes, 1000) }

// some returns n, or few where the run is quick.
func (o Options) some(n, few int) int {
	if o.Quick {
		return few
	}
	return n
}

// seed returns the seed of a point of an experiment.
func (o Options) seed(experiment string, point int) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, o.Seed, experiment, point)
	return h.Sum64()
}

func (o Options) rand(experiment string, point int) *rand.Rand {
	return rand.New(rand.NewPCG(o.seed(experiment, point), 0x73696d))
}
