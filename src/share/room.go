// Package share divides among those who want it what there is, so that no one of them
// takes all: room for connections, memory and what is in flight, turns at operations,
// and how much may be asked for in a second; by client or by address.
package share

import "sync"

// Room is for so many at once, of which no one client takes all: alone it may have
// seven eighths, and where there are others its equal part, beside what nobody else
// wants of the first half. It is safe for concurrent use.
type Room struct {
	room int

	mu   sync.Mutex
	all  int
	held map[string]int // by client; none is zero
}

// New returns room for so many.
func New(room int) *Room { return &Room{room: room, held: make(map[string]int)} }

// Enter reports whether there is room for one more of a client, and takes it.
func (r *Room) Enter(who string) bool { return r.Take(who, 1) }

// Take is Enter for so many at once, all or none.
func (r *Room) Take(who string, n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all+n > r.room || r.all+n > r.room/2 && r.held[who]+n > r.part(who) {
		return false
	}
	r.all += n
	r.held[who] += n
	return true
}

// Held is how many there are.
func (r *Room) Held() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// Of is how many one client has.
func (r *Room) Of(who string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[who]
}

// part is how many one client may hold where room is scarce.
func (r *Room) part(who string) int {
	n := len(r.held)
	if r.held[who] == 0 {
		n++
	}
	if n == 1 {
		return r.room - r.room/8
	}
	return max(1, r.room/n)
}

// Exit ends what Enter began.
func (r *Room) Exit(who string) { r.Give(who, 1) }

// Give gives back so many of what was taken.
func (r *Room) Give(who string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all -= n
	if r.held[who] -= n; r.held[who] == 0 {
		delete(r.held, who)
	}
}
