package wire

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// maxRates is of how many clients the rate is known. Of the others it begins
// anew.
const maxRates = 4096

// rates bounds how many operations a second each client may ask for. A nil one
// bounds nothing.
type rates struct {
	each rate.Limit

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// newRates returns nil where there is no bound.
func newRates(each int) *rates {
	if each <= 0 {
		return nil
	}
	return &rates{each: rate.Limit(each), all: make(map[string]*rate.Limiter)}
}

func (r *rates) of(who string) *rate.Limiter {
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
func (r *rates) drop() {
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

// allow reports whether a client may ask for one operation now.
func (r *rates) allow(who string) bool { return r == nil || r.of(who).Allow() }

// wait waits until a client may ask for one more.
func (r *rates) wait(ctx context.Context, who string) error {
	if r == nil {
		return nil
	}
	return r.of(who).Wait(ctx)
}
