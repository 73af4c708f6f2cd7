package gateway

import (
	"sync"
	"sync/atomic"
	"time"
)

// stats counts since the server was made.
type stats struct {
	connections, rejected, denied atomic.Uint64
	commands, hits, misses        atomic.Uint64
	in, out                       atomic.Uint64 // bytes

	mu   sync.Mutex // guards what follows
	at   time.Time
	seen uint64  // commands at that time
	rate float64 // commands a second before it
}

// Stats is what a server has counted since it was made.
type Stats struct {
	Clients                       int // connections now
	Connections, Rejected, Denied uint64
	Commands, Hits, Misses        uint64
	In, Out                       uint64 // bytes
}

// Stats returns what was counted.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	n := len(s.conns)
	s.mu.Unlock()
	return Stats{
		Clients: n, Connections: s.stats.connections.Load(), Rejected: s.stats.rejected.Load(), Denied: s.stats.denied.Load(),
		Commands: s.stats.commands.Load(), Hits: s.stats.hits.Load(), Misses: s.stats.misses.Load(),
		In: s.stats.in.Load(), Out: s.stats.out.Load(),
	}
}

// perSecond returns how many commands there were a second, since somebody asked
// last, or in the quarter of a second before that.
func (s *stats) perSecond(now, began time.Time) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.IsZero() {
		s.at = began
	}
	if took := now.Sub(s.at); took >= 250*time.Millisecond {
		n := s.commands.Load()
		s.rate = float64(n-s.seen) / took.Seconds()
		s.at, s.seen = now, n
	}
	return s.rate
}
