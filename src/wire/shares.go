package wire

import "sync"

// shares is room for so many at once, of which no one client takes all: alone it
// may have seven eighths, and where there are others its equal part, beside what
// nobody else wants of the first half.
type shares struct {
	room int

	mu   sync.Mutex
	all  int
	held map[string]int // by client; none is zero
}

func newShares(room int) *shares { return &shares{room: room, held: make(map[string]int)} }

// enter reports whether there is room for one more of a client, and takes it.
func (s *shares) enter(who string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= s.room || s.all >= s.room/2 && s.held[who] >= s.part(who) {
		return false
	}
	s.all++
	s.held[who]++
	return true
}

// part is how many one client may hold where room is scarce.
func (s *shares) part(who string) int {
	n := len(s.held)
	if s.held[who] == 0 {
		n++
	}
	if n == 1 {
		return s.room - s.room/8
	}
	return max(1, s.room/n)
}

// exit ends what enter began.
func (s *shares) exit(who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.held[who]--; s.held[who] == 0 {
		delete(s.held, who)
	}
}
