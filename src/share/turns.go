package share

import (
	"context"
	"slices"
	"sync"
)

// Turns is for so many at once. Who finds no room waits, and those who wait come by
// turns, one of each client: nobody waits longer because another asks for more. It is
// safe for concurrent use.
//
// Invariant: who waits for something is in waiting, and in order stands each client
// of whom somebody waits, once; nobody waits while there is room.
type Turns struct {
	mu      sync.Mutex
	free    int
	waiting map[string][]chan struct{} // by client; closed is to have got room
	order   []string
}

// NewTurns returns turns for so many at once.
func NewTurns(room int) *Turns {
	return &Turns{free: room, waiting: make(map[string][]chan struct{})}
}

// Enter waits for room until ctx is over. Who has got it calls Exit.
func (t *Turns) Enter(ctx context.Context, who string) error {
	turn := t.queue(who)
	if turn == nil {
		return nil
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	if !t.leave(who, turn) {
		t.Exit() // it came in the same moment
	}
	return ctx.Err()
}

// queue takes room and returns nil, or returns what tells that there is some.
func (t *Turns) queue(who string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free > 0 {
		t.free--
		return nil
	}
	turn := make(chan struct{})
	if len(t.waiting[who]) == 0 {
		t.order = append(t.order, who)
	}
	t.waiting[who] = append(t.waiting[who], turn)
	return turn
}

// leave reports whether who waited had to wait still.
func (t *Turns) leave(who string, turn chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.waiting[who], turn)
	if i < 0 {
		return false
	}
	t.waiting[who] = slices.Delete(t.waiting[who], i, i+1)
	if len(t.waiting[who]) == 0 {
		delete(t.waiting, who)
		t.order = slices.DeleteFunc(t.order, func(w string) bool { return w == who })
	}
	return true
}

// Exit ends what Enter began.
func (t *Turns) Exit() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.order) == 0 {
		t.free++
		return
	}
	who := t.order[0]
	t.order = t.order[1:]
	close(t.waiting[who][0])
	if t.waiting[who] = t.waiting[who][1:]; len(t.waiting[who]) > 0 {
		t.order = append(t.order, who)
	} else {
		delete(t.waiting, who)
	}
}
