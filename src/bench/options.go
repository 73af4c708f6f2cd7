package bench

import (
	"fmt"
	"slices"
	"time"
)

// Work is the kind of operations of a run.
type Work string

// The kinds of work.
const (
	Insert   Work = "insert"   // inserts at keys chosen at random
	Retrieve Work = "retrieve" // retrieves of keys that are there
	Mixed    Work = "mixed"    // both, see Options.Reads
	Hot      Work = "hot"      // inserts at one key, of a few values
	Large    Work = "large"    // inserts of values of 256 KiB
	Put      Work = "put"      // Insert with Options.Single
	Get      Work = "get"      // Retrieve with Options.Single
)

// Works returns all kinds of work.
func Works() []Work { return []Work{Insert, Retrieve, Put, Get, Mixed, Hot, Large} }

// reads reports whether the work needs its keys to be there before.
func (w Work) reads() bool { return w == Retrieve || w == Get || w == Mixed }

// valueSize is the size of values where none is given.
func (w Work) valueSize() int {
	if w == Large {
		return 256 << 10
	}
	return 100
}

// Options says what a run does. The zero values of most fields stand for what
// is usual, see [Options.WithDefaults].
type Options struct {
	Work       Work
	Clients    int           // operations at once, at most
	Duration   time.Duration // of the measuring; zero: until the operations are done
	Operations int           // to measure; zero: as many as the duration allows
	WarmUp     time.Duration // of the same work before, which is not measured
	Rate       float64       // operations a second of all clients (open loop); zero: as many as are answered
	Reads      float64       // share of retrieves in mixed work, 0 to 1
	Single     bool          // a key has one value: puts and gets in place of inserts and retrieves
	Keys       int           // different keys
	ValueSize  int           // bytes of a value
	Prefix     string        // of the keys
	Timeout    time.Duration // of one operation
	Sample     int           // acknowledged writes to read back, at most; negative: none
	Seed       uint64        // of the choice of keys

	// Progress, if it is not nil, hears what the run is at and the part of it
	// that is done, 0 to 1, some times a second from one goroutine.
	Progress func(phase string, done float64)
}

// WithDefaults returns the options with what was left out filled in.
func (o Options) WithDefaults() Options {
	fill(&o.Work, Insert)
	fill(&o.Clients, 64)
	if o.Operations == 0 {
		fill(&o.Duration, 10*time.Second)
	}
	fill(&o.Keys, 100_000)
	fill(&o.ValueSize, o.Work.valueSize())
	fill(&o.Prefix, "bench/")
	fill(&o.Timeout, 5*time.Second)
	fill(&o.Sample, 1000)
	if o.Work == Hot {
		o.Keys = 1
	}
	if o.Work == Put || o.Work == Get {
		o.Single = true
	}
	if o.Progress == nil {
		o.Progress = func(string, float64) {}
	}
	return o
}

func fill[T comparable](field *T, usual T) {
	var zero T
	if *field == zero {
		*field = usual
	}
}

// OptionError is an option that cannot be meant.
type OptionError struct{ Text, Remedy string }

func (e *OptionError) Error() string { return e.Text }

// Hint returns the remedy.
func (e *OptionError) Hint() string { return e.Remedy }

// Check returns an [*OptionError] where the options, filled in, cannot be meant.
func (o Options) Check() error {
	switch {
	case !slices.Contains(Works(), o.Work):
		return &OptionError{fmt.Sprintf("there is no work %q", o.Work), fmt.Sprintf("choose one of %v", Works())}
	case o.Clients < 1 || o.Clients > 100_000:
		return &OptionError{fmt.Sprintf("%d clients are out of range", o.Clients), "give a number from 1 to 100000"}
	case o.Reads < 0 || o.Reads > 1:
		return &OptionError{fmt.Sprintf("a share of reads of %v is out of range", o.Reads), "give a number from 0 to 1"}
	case o.ValueSize < minValue || o.ValueSize > 1<<20:
		return &OptionError{fmt.Sprintf("values of %d bytes are out of range", o.ValueSize), fmt.Sprintf("give a number from %d to %d (1 MiB)", minValue, 1<<20)}
	case o.Rate < 0 || o.Rate > 1e7:
		return &OptionError{fmt.Sprintf("a rate of %v is out of range", o.Rate), "give a number of operations a second, up to ten million, or 0 for as many as are answered"}
	case min(o.Keys, o.Operations, int(o.Duration), int(o.WarmUp), int(o.Timeout)) < 0:
		return &OptionError{"a number or a duration is negative", "give none below zero"}
	}
	return nil
}
