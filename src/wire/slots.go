package wire

import (
	"context"
	"errors"
)

var errCrowd = errors.New("wire: too many wait")

// slots bounds the operations that are not answered, and so what a slow other
// side makes this one keep. Large ones have slots of their own, so that neither
// kind is kept out by the other.
type slots struct{ small, large slot }

// slot is where operations of one kind find room. Who finds none waits; how many
// may wait is bounded where crowd is not nil, since they keep what they wait to
// send.
type slot struct{ room, crowd chan struct{} }

// newSlots lets any number of operations wait where crowd is 0; else so many for
// each one that has room. Then small ones wait in the queue of the exchange, where
// they keep their order, and large ones before it.
func (o Options) newSlots(crowd int) slots {
	small, large := maxStreams, maxLarge
	if o.slots > 0 {
		small, large = o.slots, o.slots
	}
	s := slots{small: slot{room: make(chan struct{}, small*(1+crowd))}, large: slot{room: make(chan struct{}, large)}}
	if crowd > 0 {
		s.small.crowd, s.large.crowd = make(chan struct{}), make(chan struct{}, large*crowd)
	}
	return s
}

func (s *slots) of(size int) slot {
	if size >= largeItem {
		return s.large
	}
	return s.small
}

// enter waits for room, or says why there is none: errCrowd, or ctx is over. Who
// has got it calls exit.
func (s slot) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil || s.tryEnter() {
		return err
	}
	if s.crowd != nil {
		select {
		case s.crowd <- struct{}{}:
			defer func() { <-s.crowd }()
		default:
			return errCrowd
		}
	}
	select {
	case s.room <- struct{}{}:
		if err := ctx.Err(); err != nil { // both at once
			s.exit()
			return err
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tryEnter is enter without the wait.
func (s slot) tryEnter() bool {
	select {
	case s.room <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slot) exit() { <-s.room }
