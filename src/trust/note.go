package trust

import (
	"sync"
	"time"
)

// Note counts a refusal, and says it in the log: of each reason once in a while,
// for who is refused may come again a thousand times.
func (s *Source) Note(from string, err error) {
	why := ReasonOf(err)
	s.refused.add(why)
	if more, say := s.quiet.say(why, time.Now()); say {
		s.log.Warn("refused", "from", from, "reason", string(why), "error", err.Error(), "unsaid", more)
	}
}

// The log says as many refusals of one reason in a row, and then one in each
// pause.
const (
	saidInARow = 5
	sayPause   = 10 * time.Second
)

// quiet keeps a log from being flooded.
type quiet struct {
	mu sync.Mutex
	of map[Reason]*said
}

type said struct {
	room   int // how many may still be said
	last   time.Time
	unsaid int
}

// say reports whether to say it, and how many were not said before.
func (q *quiet) say(why Reason, now time.Time) (unsaid int, yes bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil {
		q.of = make(map[Reason]*said)
	}
	s := q.of[why]
	if s == nil {
		s = &said{room: saidInARow, last: now}
		q.of[why] = s
	}
	if pauses := int(now.Sub(s.last) / sayPause); pauses > 0 {
		s.room, s.last = min(saidInARow, s.room+pauses), now
	}
	if s.room == 0 {
		s.unsaid++
		return 0, false
	}
	s.room--
	unsaid, s.unsaid = s.unsaid, 0
	return unsaid, true
}
