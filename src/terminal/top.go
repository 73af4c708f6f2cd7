package terminal

import (
	"time"

	"chord/client"
	"chord/keyspace"
	"chord/node"
)

// Top is what a person watches: the members of a ring and what they do. It is fed
// surveys and keys, and gives frames; [Watch] brings it to a terminal. It is for
// one goroutine.
type Top struct {
	survey  client.Survey
	at      time.Time // of the survey
	err     error     // why there is none since
	every   time.Duration
	before  map[keyspace.ID]sample
	rates   map[keyspace.ID]rate
	history []float64 // operations a second of all, one a survey
	order   order
	reverse bool
	skip    int // rows above the first one shown
	paused  bool
	help    bool
}

// sample is what a member had done at some time.
type sample struct {
	node.Counters
	at    time.Time
	since time.Time // its process
}

// rate is what a member does, a second.
type rate struct {
	known                 bool
	reads, writes, failed float64
	took                  time.Duration // by ops operations
	ops                   uint64
}

// NewTop returns what is fed every so often.
func NewTop(every time.Duration) *Top {
	return &Top{every: every, before: map[keyspace.ID]sample{}, rates: map[keyspace.ID]rate{}}
}

// longestHistory is how many surveys the line of small bars shows, at most.
const longestHistory = 120

// Feed shows a survey from now on, or that there was none.
func (t *Top) Feed(s client.Survey, err error, now time.Time) {
	if t.err = err; err != nil {
		return
	}
	t.survey, t.at = s, now
	rates, before, all := map[keyspace.ID]rate{}, map[keyspace.ID]sample{}, 0.0
	for _, m := range s.Members {
		if m.Status == nil {
			continue
		}
		is := sample{m.Status.Done, now, m.Status.Since}
		rates[m.ID] = is.after(t.before[m.ID])
		before[m.ID] = is
		all += rates[m.ID].reads + rates[m.ID].writes
	}
	first := len(t.before) == 0
	t.rates, t.before = rates, before
	if first { // there is nothing to compare with
		return
	}
	t.history = append(t.history, all)
	t.history = t.history[max(0, len(t.history)-longestHistory):]
}

// after returns what was done since an earlier sample, unless the process is
// another one.
func (s sample) after(old sample) rate {
	seconds := s.at.Sub(old.at).Seconds()
	if old.at.IsZero() || !old.since.Equal(s.since) || seconds <= 0 {
		return rate{}
	}
	per := func(now, then uint64) float64 { return float64(now-min(now, then)) / seconds }
	done := s.Reads + s.Writes
	return rate{
		known: true, reads: per(s.Reads, old.Reads), writes: per(s.Writes, old.Writes), failed: per(s.Failed, old.Failed),
		took: s.Took - min(s.Took, old.Took), ops: done - min(done, old.Reads+old.Writes),
	}
}

// plus sums rates up.
func (r rate) plus(o rate) rate {
	return rate{
		r.known || o.known, r.reads + o.reads, r.writes + o.writes, r.failed + o.failed, r.took + o.took, r.ops + o.ops,
	}
}

// Key takes what was typed and reports whether that ends it.
func (t *Top) Key(key string) (quit bool) {
	switch key {
	case "q", "Q", "\x03", "\x04", "\x1b":
		return !t.closeHelp()
	case "s":
		t.order, t.skip = (t.order+1)%orders, 0
	case "S":
		t.order, t.skip = (t.order+orders-1)%orders, 0
	case "r":
		t.reverse, t.skip = !t.reverse, 0
	case "p", " ":
		t.paused = !t.paused
	case "?", "h":
		t.help = !t.help
	case "j", "\x1b[B", "\x1bOB":
		t.skip++
	case "k", "\x1b[A", "\x1bOA":
		t.skip--
	case "\x1b[6~":
		t.skip += 10
	case "\x1b[5~":
		t.skip -= 10
	case "g", "\x1b[H", "\x1b[1~":
		t.skip = 0
	}
	return false
}

func (t *Top) closeHelp() bool {
	was := t.help
	t.help = false
	return was
}

// Paused reports whether the person wants no new surveys now.
func (t *Top) Paused() bool { return t.paused }
