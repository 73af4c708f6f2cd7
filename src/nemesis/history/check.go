package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Fault names a promise that was broken.
type Fault string

// The faults.
const (
	// Lost: an acknowledged value that nobody removed is gone.
	Lost Fault = "lost"
	// Undone: a value is there whose removal was acknowledged.
	Undone Fault = "undone"
	// Surfaced: a write is in effect that was refused.
	Surfaced Fault = "surfaced"
	// Invented: a value that nobody wrote, or had written by then, or that is not
	// as it was written.
	Invented Fault = "invented"
	// Stale: a read did not see what was acknowledged before it began.
	Stale Fault = "stale"
	// Disordered: puts and gets of a key fit no order.
	Disordered Fault = "disordered"
	// Diverged: copies differ, or there are too few or too many.
	Diverged Fault = "diverged"
	// Unreadable: a key could not be read after everything was healed.
	Unreadable Fault = "unreadable"
	// Crashed: a process ended by itself where it should not have.
	Crashed Fault = "crashed"
)

// Violation is a broken promise and how it came to be.
type Violation struct {
	Fault Fault
	Key   string `json:",omitempty"`
	Value ID     `json:",omitempty"`
	Text  string
	// Excused: it happened while the group changed, where the promise does not hold.
	Excused bool `json:",omitempty"`
	// History is what was done with the value, or with the key.
	History []Op `json:",omitempty"`
}

// Input is what there is to judge.
type Input struct {
	Ops []Op
	// Changing is when groups changed: nodes came, went, or lost what they had. A
	// partition changes none, for who is down counts.
	Changing []Window
	// Patience bounds the search for an order of a register's operations, for
	// each key.
	Patience time.Duration
}

// Result is the verdict.
type Result struct {
	Violations []Violation
	// Reads is how many reads were judged by what they had to see, Excused how
	// many of them touch a window.
	Reads, Excused int
	// Registers is how many keys were searched for an order, Undecided for how many
	// the search took too long.
	Registers, Undecided int
}

// Broken returns the violations that are not excused.
func (r Result) Broken() []Violation {
	return slices.DeleteFunc(slices.Clone(r.Violations), func(v Violation) bool { return v.Excused })
}

func (r *Result) add(v Violation) { r.Violations = append(r.Violations, v) }

// Check judges a history.
func Check(in Input) Result {
	var r Result
	byKey := make(map[string][]Op)
	for _, o := range in.Ops {
		byKey[o.Key] = append(byKey[o.Key], o)
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		ops := byKey[key]
		slices.SortFunc(ops, func(a, b Op) int { return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.ID, b.ID)) })
		checkValues(&r, key, ops)
		if slices.ContainsFunc(ops, func(o Op) bool { return o.Kind == Put || o.Kind == Get }) {
			checkRegister(&r, in, key, ops)
		} else {
			checkSet(&r, in, key, ops)
		}
	}
	return r
}

// checkValues finds what no write can explain, and what cannot be read at all.
func checkValues(r *Result, key string, ops []Op) {
	written := make(map[ID]Op)
	for _, o := range ops {
		if o.Kind == Insert || o.Kind == Put {
			written[o.Value] = o
		}
	}
	said := make(map[ID]bool)
	unread, read := []Op(nil), false
	for _, o := range ops {
		if o.Final && !o.Kind.Writes() {
			read = read || o.Outcome == Done
			if o.Outcome != Done {
				unread = append(unread, o)
			}
		}
		for _, s := range o.Strange {
			r.add(Violation{Fault: Invented, Key: key, Text: fmt.Sprintf("%q is no value of this run", s), History: []Op{o}})
		}
		for _, v := range o.Saw {
			if w, ok := written[v]; (!ok || w.Call > o.Return || w.Outcome == Refused) && !said[v] {
				said[v] = true
				r.add(unexplained(key, v, w, ok, o))
			}
		}
	}
	if len(unread) > 0 && !read {
		r.add(Violation{Fault: Unreadable, Key: key, Text: "no node gives it after everything was healed", History: unread[:1]})
	}
}

func unexplained(key string, v ID, w Op, ok bool, seen Op) Violation {
	switch {
	case !ok:
		return Violation{Fault: Invented, Key: key, Value: v, Text: "nobody wrote it to this key", History: []Op{seen}}
	case w.Outcome == Refused:
		return Violation{Fault: Surfaced, Key: key, Value: v, Text: "its write was refused (" + w.Error + ") and it is there", History: []Op{w, seen}}
	default:
		return Violation{Fault: Invented, Key: key, Value: v, Text: "seen before it was written", History: []Op{w, seen}}
	}
}
