package node

import (
	"context"
	"slices"
	"sync"
)

// Sets from largeSet bytes on are read for clients so many at once that they stay
// below largeSets together, or one alone: else a few hundred requests for one large
// set fill the memory.
const (
	largeSet  = 32 << 10
	largeSets = 32 << 20
)

// budget is an amount that is shared, first come, first served. Who wants more than
// all gets all.
type budget struct {
	all int

	mu      sync.Mutex
	used    int
	waiting []*wish
}

type wish struct {
	amount  int
	granted chan struct{}
}

// take waits for an amount, and returns how to give it back.
func (b *budget) take(ctx context.Context, amount int) (back func(), err error) {
	w := &wish{min(amount, b.all), make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, w)
	b.grant()
	b.mu.Unlock()
	select {
	case <-w.granted:
		return func() { b.give(w) }, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	i := slices.Index(b.waiting, w)
	if i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
		b.grant()
	}
	b.mu.Unlock()
	if i < 0 { // granted in the same moment
		b.give(w)
	}
	return nil, storeError(ctx.Err())
}

func (b *budget) give(w *wish) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= w.amount
	b.grant()
}

// grant serves those who wait, in their order.
func (b *budget) grant() {
	for len(b.waiting) > 0 && b.used+b.waiting[0].amount <= b.all {
		w := b.waiting[0]
		b.waiting = slices.Delete(b.waiting, 0, 1)
		b.used += w.amount
		close(w.granted)
	}
}
