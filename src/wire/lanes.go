package wire

import "slices"

// Bounds of one message of an exchange.
const (
	batchCount = 512       // operations or results
	batchBytes = 256 << 10 // together, of those that share a message
	largeItem  = 64 << 10  // from this size on, an item has a message of its own
)

// lanes is a queue of what goes into the messages of a stream. Large items have
// a lane of their own and take turns with messages of small ones, so that a
// small item waits for one large one at most, and no large one waits for ever.
// The zero value is empty.
type lanes[T comparable] struct {
	small, large []sized[T]
	bytes        int  // of all
	largeNext    bool // whose turn it is
}

type sized[T any] struct {
	item T
	size int
}

func (l *lanes[T]) len() int { return len(l.small) + len(l.large) }

func (l *lanes[T]) lane(size int) *[]sized[T] {
	if size >= largeItem {
		return &l.large
	}
	return &l.small
}

func (l *lanes[T]) put(item T, size int) {
	lane := l.lane(size)
	*lane = append(*lane, sized[T]{item, size})
	l.bytes += size
}

// putBack puts items, in their order, before all others.
func (l *lanes[T]) putBack(items []sized[T]) {
	for _, s := range slices.Backward(items) {
		lane := l.lane(s.size)
		*lane = slices.Insert(*lane, 0, s)
		l.bytes += s.size
	}
}

// drop takes an item out wherever it stands.
func (l *lanes[T]) drop(item T, size int) {
	lane := l.lane(size)
	if i := slices.Index(*lane, sized[T]{item, size}); i >= 0 {
		*lane = slices.Delete(*lane, i, i+1)
		l.bytes -= size
	}
}

// next appends the items of the next message to into and takes them out.
func (l *lanes[T]) next(into []T) []T {
	lane, n := &l.small, l.fitting()
	if n == 0 || l.largeNext && len(l.large) > 0 {
		lane, n = &l.large, min(1, len(l.large))
	}
	l.largeNext = lane == &l.small
	for _, s := range (*lane)[:n] {
		into = append(into, s.item)
		l.bytes -= s.size
	}
	*lane = slices.Delete(*lane, 0, n)
	return into
}

// fitting returns how many of the small items share the next message.
func (l *lanes[T]) fitting() int {
	bytes := 0
	for i, s := range l.small {
		if bytes += s.size; i == batchCount || i > 0 && bytes > batchBytes {
			return i
		}
	}
	return len(l.small)
}
