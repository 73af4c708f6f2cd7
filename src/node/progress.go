package node

import (
	"sync"
	"time"
)

// Repair says what comparing copies came to since the process started.
type Repair struct {
	Compared    uint64    // buckets
	Keys, Bytes uint64    // fetched, to fill and to mend
	Round       time.Time // when all was compared last; zero: not yet
	Scrubbed    time.Time // when all rows were read last; zero: never
	Damaged     uint64    // buckets with damaged rows
}

type progress struct {
	mu sync.Mutex
	r  Repair
}

func (p *progress) change(f func(*Repair)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.r)
}

func (p *progress) fetched(pieces, bytes int) {
	p.change(func(r *Repair) { r.Keys, r.Bytes = r.Keys+uint64(pieces), r.Bytes+uint64(bytes) })
}

func (p *progress) compared(buckets int) { p.change(func(r *Repair) { r.Compared += uint64(buckets) }) }
func (p *progress) round(at time.Time)   { p.change(func(r *Repair) { r.Round = at }) }

func (p *progress) get() Repair {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.r
}
