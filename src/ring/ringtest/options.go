package ringtest

import (
	"time"

	"chord/ring"
)

// Rules is what the nodes of a simulation follow.
type Rules int

const (
	// Zave is package ring: the corrected protocol.
	Zave Rules = iota
	// Published is the protocol as published in 2001: the negative control, with
	// which the checker shows that it can find fault.
	Published
)

// String returns the rules in lower case.
func (r Rules) String() string { return [...]string{"zave", "published"}[r] }

// Memory is what the nodes know of each other beside their pointers.
type Memory int

const (
	// Nothing: verdicts are perfect, nobody is remembered but for contacts.
	Nothing Memory = iota
	// Everybody: as Nothing, and every node is told its closest candidate out of
	// all that are up: a full, exact table that costs nothing to simulate.
	Everybody
	// Tables: each node has its own member.Table, which gives verdicts,
	// candidates and contacts, right or wrong.
	Tables
)

// String returns the memory in lower case.
func (m Memory) String() string { return [...]string{"nothing", "everybody", "tables"}[m] }

// Options says what a simulation is made of. The zero value of each has a use.
type Options struct {
	// Seed decides everything that is left to chance.
	Seed uint64
	// Nodes is how many there are, 0 to Nodes-1; [Sim.Add] makes more.
	Nodes int
	// Length is the most entries of a successor list; 16 where zero.
	Length int
	// Rings is how many separate rings [Ideal] makes, interleaved on the circle;
	// one where zero.
	Rings int
	// Rules is what the nodes follow.
	Rules Rules
	// Memory is what they know of each other.
	Memory Memory
	// NoCandidates keeps what is remembered from the ring: rings that were split
	// then never merge.
	NoCandidates bool
	// Fingers are kept, which lookups in rings beyond the length of a list need.
	Fingers bool
	// Check runs the checker after every event. All lists in the ring are looked
	// at after each change: for up to some 30 nodes.
	Check bool
	// Period is the time between two ticks of a node; one second where zero.
	Period time.Duration
	// Delay is the mean delay of a message; one in twenty takes ten times as
	// long. Ten milliseconds where zero.
	Delay time.Duration
	// Timeout is after what time a call has failed; half a second where zero.
	Timeout time.Duration
	// Loss and Duplicate are the shares of messages lost and of questions that
	// arrive twice.
	Loss, Duplicate float64

	make func(ring.Config) machine // for planted faults; package ring where nil
}

func (o Options) withDefaults() Options {
	if o.Length == 0 {
		o.Length = 16
	}
	if o.Rings == 0 {
		o.Rings = 1
	}
	if o.Period == 0 {
		o.Period = time.Second
	}
	if o.Delay == 0 {
		o.Delay = 10 * time.Millisecond
	}
	if o.Timeout == 0 {
		o.Timeout = 500 * time.Millisecond
	}
	return o
}
