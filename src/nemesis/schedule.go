package nemesis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Step is one fault of a schedule.
type Step struct {
	At, Length time.Duration
	Fault      string
	// Victims are the hosts that it happens to, from 1 on.
	Victims []int
	// Others are hosts on the other side of a partition, where it has sides.
	Others []int `json:",omitempty"`
}

// String returns the step in a line.
func (s Step) String() string {
	return fmt.Sprintf("%8s %-9s %v for %v", s.At.Round(time.Millisecond), s.Fault, s.Victims, s.Length.Round(time.Millisecond))
}

// schedule draws the faults of a run. Three in four follow the one before with a
// pause between them; the others begin while it lasts, on other hosts.
func schedule(seed uint64, nodes int, names []string, length time.Duration) []Step {
	r := rand.New(rand.NewPCG(seed, 1))
	var usable []string
	for _, name := range names {
		if f, ok := faults[name]; ok && nodes >= f.nodes && f.longest <= length/2 {
			usable = append(usable, name)
		}
	}
	if len(usable) == 0 {
		return nil
	}
	var steps []Step
	for at := time.Second; ; {
		s := drawStep(r, nodes, usable)
		s.At = at
		if n := len(steps); n > 0 && r.IntN(4) == 0 {
			early := steps[n-1].At + steps[n-1].Length/2
			if !slices.ContainsFunc(steps, func(o Step) bool { return early < o.At+o.Length && !together(o, s) }) {
				s.At = early
			}
		}
		at = max(at, s.At+s.Length) + between(r, 500*time.Millisecond, 3*time.Second)
		if at > length {
			return steps
		}
		steps = append(steps, s)
	}
}

func drawStep(r *rand.Rand, nodes int, usable []string) Step {
	s := Step{Fault: usable[r.IntN(len(usable))]}
	f := faults[s.Fault]
	s.Length = between(r, f.shortest, f.longest)
	order := r.Perm(nodes)
	for i := range order {
		order[i]++
	}
	n := 1
	switch {
	case f.all:
		n = nodes
	case f.several && nodes > 2:
		n = 1 + r.IntN(nodes/2)
	}
	s.Victims, s.Others = order[:n:n], order[n:]
	slices.Sort(s.Victims)
	slices.Sort(s.Others)
	return s
}

// together reports whether two steps may happen at the same time.
func together(a, b Step) bool {
	f, g := faults[a.Fault], faults[b.Fault]
	if f.alone || g.alone || f.partitions && g.partitions {
		return false
	}
	return !slices.ContainsFunc(a.Victims, func(v int) bool { return slices.Contains(b.Victims, v) })
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}
