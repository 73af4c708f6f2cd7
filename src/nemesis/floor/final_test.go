package floor

import (
	"fmt"
	"slices"
	"time"

	"chord/nemesis/history"
)

// checkFinal judges what the final reads saw by rules that need no order: they
// hold for values that come again, for delete and for registers too.
//
// A write is over when it was acknowledged; one of unknown outcome never is. A
// value has to be there that was acknowledged and that nothing took out which
// ended after it began. It must not be there if something was acknowledged that
// took it out and that began after all its inserts were over.
func checkFinal(ops []history.Op, change []history.Window) (found []history.Violation) {
	type element struct {
		key   string
		value history.ID
	}
	writes := make(map[string][]history.Op)
	values := make(map[element]bool)
	var final []history.Op
	for _, o := range ops {
		switch {
		case o.Final:
			if o.Outcome == history.Done {
				final = append(final, o)
			}
		case (o.Kind.Writes() || o.Kind == deletes) && o.Outcome != history.Refused:
			writes[o.Key] = append(writes[o.Key], o)
			if o.Kind != history.Remove && o.Kind != deletes {
				values[element{o.Key, o.Value}] = true
			}
		}
	}
	said := make(map[element]bool)
	for _, read := range final {
		for _, v := range read.Saw {
			values[element{read.Key, v}] = true
		}
		for e := range values {
			if e.key != read.Key || said[e] {
				continue
			}
			v := judge(writes[e.key], e.value, slices.Contains(read.Saw, e.value), read.Kind == history.Get, change)
			if v.Fault != "" {
				said[e] = true
				v.Key, v.Value = e.key, e.value
				v.History = append(v.History, read)
				found = append(found, v)
			}
		}
	}
	return found
}

// takesOut reports whether an operation takes a value out if it has seen it.
func takesOut(o history.Op, v history.ID) bool {
	switch o.Kind {
	case history.Remove:
		return o.Value == v
	case history.Put:
		return o.Value != v
	}
	return o.Kind == deletes
}

func over(o history.Op) bool { return o.Outcome == history.Done }

func judge(writes []history.Op, v history.ID, there, one bool, change []history.Window) history.Violation {
	var in, out []history.Op
	for _, o := range writes {
		switch {
		case takesOut(o, v):
			out = append(out, o)
		case o.Value == v:
			in = append(in, o)
		}
	}
	all := append(slices.Clone(in), out...)
	if there {
		if len(in) == 0 {
			return history.Violation{Fault: history.Surfaced, Text: "nobody wrote it, or its write was refused", History: all}
		}
		for _, r := range out {
			after := func(i history.Op) bool { return over(i) && i.Return < r.Call }
			if over(r) && all2(in, after) && !touched(in, r, change) {
				return history.Violation{Fault: history.Undone, Text: fmt.Sprintf("#%d took it out", r.ID), History: all}
			}
		}
		return history.Violation{}
	}
	for _, i := range in {
		excused := func(r history.Op) bool { return !over(r) || r.Return > i.Call }
		if over(i) && !slices.ContainsFunc(out, excused) {
			return history.Violation{Fault: history.Lost, Text: fmt.Sprintf("#%d was acknowledged", i.ID), History: all}
		}
	}
	return history.Violation{}
}

func all2(ops []history.Op, ok func(history.Op) bool) bool {
	return !slices.ContainsFunc(ops, func(o history.Op) bool { return !ok(o) })
}

// touched reports whether groups changed between the first insert and the end of
// the remove: it may have met members that did not know the value.
func touched(in []history.Op, r history.Op, change []history.Window) bool {
	for _, i := range in {
		for _, c := range change {
			if c.From <= r.Return && i.Call <= c.To {
				return true
			}
		}
	}
	return false
}

// checkSettled finds reads that missed what all copies once had, however weak the
// read and whatever became of the groups since: a copy that may lack it answers
// nobody.
func checkSettled(ops []history.Op, settled []time.Duration) (found []history.Violation) {
	taken := make(map[history.ID]time.Duration) // when the first remove began
	for _, o := range ops {
		if first, ok := taken[o.Value]; o.Kind == history.Remove && (!ok || o.Call < first) {
			taken[o.Value] = o.Call
		}
	}
	for _, read := range ops {
		i, _ := slices.BinarySearch(settled, read.Call)
		if i == 0 || read.Outcome != history.Done || read.Kind != history.Retrieve && read.Kind != one {
			continue
		}
		for _, o := range ops {
			first, removed := taken[o.Value]
			if o.Kind == history.Insert && o.Key == read.Key && over(o) && o.Return < settled[i-1] &&
				!slices.Contains(read.Saw, o.Value) && (!removed || first > read.Return) {
				found = append(found, history.Violation{
					Fault: history.Stale, Key: o.Key, Value: o.Value, Text: "all copies had it before this read began", History: []history.Op{o, read},
				})
			}
		}
	}
	return found
}

// checkOrder finds reads that missed what a read before them saw: a value is in
// effect at the latest when somebody has read it. It judges sets outside of the
// windows in which the promise does not hold.
func checkOrder(ops []history.Op, windows []history.Window) (found []history.Violation) {
	out := make(map[string]map[history.ID]history.Op) // the first that may take a value out
	for _, o := range ops {
		if o.Kind == history.Remove && o.Outcome != history.Refused {
			if out[o.Key] == nil {
				out[o.Key] = make(map[history.ID]history.Op)
			}
			if first, ok := out[o.Key][o.Value]; !ok || o.Call < first.Call {
				out[o.Key][o.Value] = o
			}
		}
	}
	for _, a := range ops {
		if a.Kind != history.Retrieve || a.Outcome != history.Done || mixed(a.Key) {
			continue
		}
		for _, b := range ops {
			if b.Kind != history.Retrieve || b.Outcome != history.Done || b.Key != a.Key || b.Call < a.Return || during(windows, a, b) {
				continue
			}
			for _, v := range a.Saw {
				if r, removed := out[a.Key][v]; !slices.Contains(b.Saw, v) && (!removed || r.Call > b.Return) {
					found = append(found, history.Violation{
						Fault: history.Stale, Key: a.Key, Value: v, Text: "a read before this one saw it", History: []history.Op{a, b},
					})
				}
			}
		}
	}
	return found
}

func during(windows []history.Window, a, b history.Op) bool {
	return slices.ContainsFunc(windows, func(w history.Window) bool { return w.From <= b.Return && a.Call <= w.To })
}
