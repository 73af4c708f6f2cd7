package share

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// maxRates is of how many clients the rate is known. Of the others it begins
// anew.
const maxRates = 4096

// Rates bounds how many operations a second each client may ask for. A nil one
// bounds nothing. It is safe for concurrent use.
type Rates struct {
	each rate.Limit

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// NewRates returns nil, for no bound, where each is zero.
func NewRates(each int) *Rates {
	if each <= 0 {
		return nil
	}
	return &Rates{each: rate.Limit(each), all: make(map[string]*rate.Limiter)}
}

func (r *Rates) of(who string) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.all[who]
	if l == nil {
		if len(r.all) >= maxRates {
			r.drop()
		}
		l = rate.NewLimiter(r.each, max(1, int(r.each))) // a second's worth at once
		r.all[who] = l
	}
	return l
}

// drop forgets those who asked for nothing for a second, else any one.
func (r *Rates) drop() {
	for who, l := range r.all {
		if l.Tokens() >= float64(l.Burst()) {
			delete(r.all, who)
		}
	}
	for who := range r.all {
		if len(r.all) < maxRates {
			return
		}
		delete(r.all, who)
	}
}

// Allow reports whether a client may ask for one operation now.
func (r *Rates) Allow(who string) bool { return r == nil || r.of(who).Allow() }

// Wait waits until a client may ask for one more, or ctx is over.
func (r *Rates) Wait(ctx context.Context, who string) error {
	if r == nil {
		return nil
	}
	return r.of(who).Wait(ctx)
}
