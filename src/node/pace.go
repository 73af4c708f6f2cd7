package node

import (
	"context"
	"sync"
	"time"
)

// pace bounds how many bytes a second come from other nodes to fill and mend
// copies, so that clients have the rest.
type pace struct {
	rate int64 // bytes a second

	mu   sync.Mutex
	free time.Time // when all that was counted has had its time
}

// paceBurst is how much may come at once.
const paceBurst = time.Second

// wait counts bytes and returns when it is their time.
func (p *pace) wait(ctx context.Context, bytes int) error {
	p.mu.Lock()
	now := time.Now()
	if earliest := now.Add(-paceBurst); p.free.Before(earliest) {
		p.free = earliest
	}
	p.free = p.free.Add(time.Duration(float64(bytes) / float64(p.rate) * float64(time.Second)))
	pause := p.free.Sub(now)
	p.mu.Unlock()
	if pause <= 0 {
		return nil
	}
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
