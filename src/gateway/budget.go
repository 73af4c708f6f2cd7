package gateway

import (
	"errors"
	"sync/atomic"
)

// maxBuffers is how many bytes the buffers of all connections may take beside
// the first of each.
const maxBuffers = 256 << 20

var errBudget = errors.New("gateway: the buffers of all connections together are full")

// budget is memory that connections share. It is safe for concurrent use.
type budget struct {
	limit int64
	taken atomic.Int64
}

// take is false where so much is not left.
func (b *budget) take(n int) bool {
	if b.taken.Add(int64(n)) <= b.limit {
		return true
	}
	b.taken.Add(int64(-n))
	return false
}

func (b *budget) give(n int) { b.taken.Add(int64(-n)) }
