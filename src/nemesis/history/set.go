package history

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// life is what the history of a value says about when it has to be there.
type life struct {
	insert  Op
	removes []Op
	// acked is when its insert was acknowledged; never where it was not.
	acked time.Duration
	// doubtful is when the first remove began that may have taken it out.
	doubtful time.Duration
	// gone is when the first remove was acknowledged that had to take it out;
	// by says which.
	gone time.Duration
	by   Op
}

const never = time.Duration(math.MaxInt64)

// lives sorts the writes of a key by value. A remove that began before the
// insert was acknowledged need not have seen it; then the insert wins.
func lives(ops []Op) []*life {
	var all []*life
	of := make(map[ID]*life)
	for _, o := range ops {
		if o.Kind == Insert {
			l := &life{insert: o, acked: never, doubtful: never, gone: never}
			if o.Outcome == Done {
				l.acked = o.Return
			}
			of[o.Value] = l
			all = append(all, l)
		}
	}
	for _, o := range ops {
		l := of[o.Value]
		if o.Kind != Remove || l == nil || o.Outcome == Refused {
			continue
		}
		l.removes = append(l.removes, o)
		l.doubtful = min(l.doubtful, o.Call)
		if o.Outcome == Done && o.Call > l.acked && o.Return < l.gone {
			l.gone, l.by = o.Return, o
		}
	}
	slices.SortFunc(all, func(a, b *life) int { return cmp.Compare(a.acked, b.acked) })
	return all
}

func (l *life) history(read Op) []Op { return append(append([]Op{l.insert}, l.removes...), read) }

// checkSet judges the reads of a set: those in between by promise 4, the final
// ones by promises 1 to 3, for which there is no excuse but that of a remove
// which may not have seen what it should remove.
func checkSet(r *Result, in Input, key string, ops []Op) {
	all := lives(ops)
	of := make(map[ID]*life, len(all))
	for _, l := range all {
		of[l.insert.Value] = l
	}
	said := make(map[ID]bool) // what is not excused is reported once a value
	next, live := 0, []*life(nil)
	for _, o := range ops { // by call
		if o.Kind != Retrieve || o.Outcome != Done {
			continue
		}
		excused := !o.Final && anyTouches(in.Changing, o.Call, o.Return)
		r.Reads++
		if excused {
			r.Excused++
		}
		for ; next < len(all) && all[next].acked < o.Call; next++ {
			live = append(live, all[next])
		}
		live = slices.DeleteFunc(live, func(l *life) bool { return l.doubtful < o.Call })
		tell := func(v Violation) {
			if !said[v.Value] {
				said[v.Value] = !v.Excused
				r.add(v)
			}
		}
		saw := make(map[ID]bool, len(o.Saw))
		for _, v := range o.Saw {
			saw[v] = true
			if l := of[v]; l != nil && l.gone < o.Call {
				tell(back(in, key, l, o, excused))
			}
		}
		for _, l := range live {
			if !saw[l.insert.Value] && l.doubtful > o.Return {
				tell(missed(key, l, o, excused))
			}
		}
	}
}

func missed(key string, l *life, read Op, excused bool) Violation {
	v := Violation{Fault: Stale, Key: key, Value: l.insert.Value, Text: "acknowledged before the read began, and not seen", Excused: excused, History: l.history(read)}
	if read.Final {
		v.Fault, v.Text = Lost, "acknowledged, never removed, and gone"
	}
	return v
}

// back is about a value that was removed and is there. What was removed while
// groups changed is excused: the remove may have met a quorum that did not know
// the value.
func back(in Input, key string, l *life, read Op, excused bool) Violation {
	v := Violation{Fault: Stale, Key: key, Value: l.insert.Value, Text: "removed before the read began, and seen", Excused: excused, History: l.history(read)}
	if read.Final {
		v.Fault, v.Text = Undone, "its removal was acknowledged, and it is there"
		v.Excused = anyTouches(in.Changing, l.insert.Call, l.by.Return)
	}
	return v
}
