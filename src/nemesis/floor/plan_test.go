package floor

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The faults. Those that need the ring whole before they come are in calm.
const (
	kill       = "kill"
	power      = "power cut"
	powerAll   = "power cut of all"
	restart    = "restart"
	stop       = "stop and continue"
	split      = "partition"
	oneWay     = "one-way partition"
	bridge     = "bridge partition"
	slowDisk   = "slow disk"
	fullDisk   = "full disk"
	brokenDisk = "disk error"
	jump       = "clock jump"
	shaky      = "shaky network"
	join       = "join"
	leave      = "leave"
	replace    = "replacement"
	wipe       = "lost disk"
	rot        = "damaged rows"
	restore    = "restore"
	amnesia    = "old copy in place"
	forget     = "forget"
	long       = "down for long"
)

// weights says how often each fault is drawn.
var weights = []struct {
	fault  string
	weight int
}{
	{kill, 14}, {power, 10}, {powerAll, 6}, {restart, 6}, {stop, 8}, {split, 10}, {oneWay, 5}, {bridge, 4},
	{slowDisk, 5}, {fullDisk, 4}, {brokenDisk, 4}, {jump, 6}, {shaky, 8}, {join, 5}, {leave, 4},
	{wipe, 5}, {rot, 4}, {replace, 5}, {restore, 4}, {amnesia, 5}, {forget, 2}, {long, 1},
}

// step is a fault of a schedule.
type step struct {
	after time.Duration // the step before
	next  bool          // or at the end of a fault, when nodes have much to mend
	calm  bool          // the ring is whole before
	fault string
	host  int // taken modulo those that there are
	lasts time.Duration
	seed  uint64 // of what else it needs
}

// plan is what a seed stands for.
type plan struct {
	seed    uint64
	nodes   int
	wire    bool // over the real protocol
	jitter  time.Duration
	clients int
	ops     int  // of each client
	ones    bool // some reads ask one copy
	steps   []step
}

func allBut(without ...string) (faults []string) {
	for _, w := range weights {
		if !slices.Contains(without, w.fault) {
			faults = append(faults, w.fault)
		}
	}
	return faults
}

// draw makes the plan of a seed, with faults from among those that are named, or
// from all.
func draw(seed uint64, among ...string) plan {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := plan{seed: seed, nodes: 3, clients: 3 + rng.IntN(2), ops: 60, wire: seed%8 == 7}
	if rng.IntN(4) == 0 {
		p.nodes = 5
	}
	if rng.IntN(2) == 0 {
		p.jitter = time.Duration(1+rng.IntN(50)) * time.Millisecond
	}
	weights := slices.Clone(weights)
	total := 0
	for i, w := range weights {
		if len(among) > 0 && !slices.Contains(among, w.fault) {
			weights[i].weight = 0
		}
		total += weights[i].weight
	}
	for range 4 + rng.IntN(5) {
		s := step{
			after: time.Duration(rng.ExpFloat64() * float64(4*time.Second)), host: rng.IntN(60),
			lasts: time.Duration(rng.ExpFloat64() * float64(6*time.Second)), seed: rng.Uint64(),
		}
		at := rng.IntN(total)
		for _, w := range weights {
			if at -= w.weight; at < 0 {
				s.fault = w.fault
				break
			}
		}
		if s.fault == long {
			s.lasts = 12 * time.Minute
		}
		p.steps = append(p.steps, s)
	}
	also := rand.New(rand.NewPCG(seed, 4))
	p.ones = true
	for i := range p.steps {
		p.steps[i].next, p.steps[i].calm = also.IntN(2) == 0, also.IntN(4) == 0
	}
	return p
}

// plain returns the plan as it was before its steps had next and calm and its clients
// asked single copies.
func (p plan) plain() plan {
	p.ones = false
	for i, s := range p.steps {
		p.steps[i].next, p.steps[i].calm = false, s.fault == amnesia
	}
	return p
}
