package ringtest

import (
	"time"

	"chord/keyspace"
)

// Fail crashes a share of the nodes that are up, at the same moment, and returns
// which.
func (s *Sim) Fail(share float64) []int {
	up := s.Alive()
	s.rand.Shuffle(len(up), func(a, b int) { up[a], up[b] = up[b], up[a] })
	failed := up[:int(share*float64(len(up)))]
	for _, i := range failed {
		s.Crash(i)
	}
	return failed
}

// Churn has nodes that never were there join, and others go without a word, at
// random times: so many of each per second on average, until it is called again
// (as in Stoica et al., ToN 2003, section VI-F). Zero ends it.
func (s *Sim) Churn(rate float64) {
	s.churn++
	if rate == 0 {
		return
	}
	s.poisson(rate, s.churn, func() {
		if via := s.Random(); via >= 0 {
			s.Join(s.Add(), via)
		}
	})
	s.poisson(rate, s.churn, func() {
		if i := s.Random(); i >= 0 {
			s.Crash(i)
		}
	})
}

// poisson has do called at the times of a Poisson process while the churn is
// the one of that number.
func (s *Sim) poisson(rate float64, churn int, do func()) {
	s.After(time.Duration(s.rand.ExpFloat64()/rate*float64(time.Second)), func() {
		if s.churn == churn {
			do()
			s.poisson(rate, churn, do)
		}
	})
}

// Random returns a random member that is up; negative where it finds none.
func (s *Sim) Random() int {
	for range 100 * len(s.nodes) {
		i := s.rand.IntN(len(s.nodes))
		if s.nodes[i].up && s.nodes[i].member {
			return i
		}
	}
	return -1
}

// RandomID returns a random point of the circle.
func (s *Sim) RandomID() (id keyspace.ID) {
	for i := range id {
		id[i] = byte(s.rand.Uint32())
	}
	return id
}
