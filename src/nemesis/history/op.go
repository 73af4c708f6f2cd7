package history

import (
	"strconv"
	"time"
)

// Kind is what an operation does.
type Kind string

// The operations. Final ones are reads after everything was healed.
const (
	Insert   Kind = "insert"
	Remove   Kind = "remove"
	Retrieve Kind = "retrieve"
	Put      Kind = "put"
	Get      Kind = "get"
)

// Writes reports whether the operation changes something.
func (k Kind) Writes() bool { return k == Insert || k == Remove || k == Put }

// Outcome is what the client knows of the effect of its operation.
type Outcome string

// The outcomes.
const (
	// Done: it was acknowledged, or answered.
	Done Outcome = "done"
	// Refused: the answer was that nothing was changed.
	Refused Outcome = "refused"
	// Unknown: it may have had an effect, may have one later, or never.
	Unknown Outcome = "unknown"
)

// ID numbers the operations of a run from 1 on. A value is known by the ID of
// the operation that wrote it.
type ID uint64

// Op is one operation. Times are since the start of the run, by a clock that
// only goes forward.
type Op struct {
	ID      ID            `json:"id"`
	Worker  int           `json:"worker"`
	Node    int           `json:"node"`
	Kind    Kind          `json:"kind"`
	Key     string        `json:"key"`
	Value   ID            `json:"value,omitempty"` // of a write: what it writes or removes
	Call    time.Duration `json:"call"`
	Return  time.Duration `json:"return"`
	Outcome Outcome       `json:"outcome"`
	Error   string        `json:"error,omitempty"` // kind of the error, or empty
	Text    string        `json:"text,omitempty"`  // the error's own words
	Saw     []ID          `json:"saw,omitempty"`   // of a read
	// Strange is what a read returned that is no value of this run, or is not as
	// it was written.
	Strange []string `json:"strange,omitempty"`
	// Final: the operation came after everything was healed and had settled.
	Final bool `json:"final,omitempty"`
}

// String returns the operation in a line.
func (o Op) String() string {
	s := o.Call.String() + ".." + o.Return.String() + " node " + strconv.Itoa(o.Node) + " #" + strconv.FormatUint(uint64(o.ID), 10) +
		" " + string(o.Kind) + " " + o.Key
	if o.Kind.Writes() {
		s += " v" + strconv.FormatUint(uint64(o.Value), 10)
	}
	s += ": " + string(o.Outcome)
	if o.Error != "" {
		s += " (" + o.Error + ")"
	}
	if !o.Kind.Writes() && o.Outcome == Done {
		s += " saw"
		for _, v := range o.Saw {
			s += " v" + strconv.FormatUint(uint64(v), 10)
		}
	}
	return s
}

// Window is a stretch of time, both ends included.
type Window struct {
	From, To time.Duration
}

func (w Window) touches(from, to time.Duration) bool { return w.From <= to && from <= w.To }

func anyTouches(ws []Window, from, to time.Duration) bool {
	for _, w := range ws {
		if w.touches(from, to) {
			return true
		}
	}
	return false
}
