package history

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// play makes a history out of operations that follow each other, a second apart
// and half a second long; what is set before stays.
func play(ops ...Op) []Op {
	for i := range ops {
		o := &ops[i]
		if o.Call == 0 {
			o.Call = time.Duration(i+1) * time.Second
		}
		if o.Return == 0 {
			o.Return = o.Call + time.Second/2
		}
		if o.Outcome == "" {
			o.Outcome = Done
		}
		if o.Key == "" {
			o.Key = "k"
		}
		o.ID = ID(1000 + i)
	}
	return ops
}

func insert(v ID) Op              { return Op{Kind: Insert, Value: v} }
func remove(v ID) Op              { return Op{Kind: Remove, Value: v} }
func put(v ID) Op                 { return Op{Kind: Put, Value: v} }
func get(v ...ID) Op              { return Op{Kind: Get, Saw: v} }
func read(saw ...ID) Op           { return Op{Kind: Retrieve, Saw: saw} }
func final(o Op) Op               { o.Final = true; return o }
func as(outcome Outcome, o Op) Op { o.Outcome = outcome; return o }
func during(from, to time.Duration, o Op) Op {
	o.Call, o.Return = from, to
	return o
}

func TestHistories(t *testing.T) {
	sometime := []Window{{0, time.Hour}}
	for name, c := range map[string]struct {
		ops     []Op
		in      Input
		broken  Fault // none where empty
		excused Fault
	}{
		"nothing":                        {},
		"seen":                           {ops: play(insert(1), read(1), insert(2), read(1, 2), remove(1), final(read(2)))},
		"lost":                           {ops: play(insert(1), insert(2), final(read(2))), broken: Lost},
		"lost in a change":               {ops: play(insert(1), final(read())), in: Input{Changing: sometime}, broken: Lost},
		"unknown and gone":               {ops: play(as(Unknown, insert(1)), final(read()))},
		"unknown and there":              {ops: play(as(Unknown, insert(1)), read(), final(read(1)))},
		"refused and gone":               {ops: play(as(Refused, insert(1)), final(read()))},
		"refused and there":              {ops: play(as(Refused, insert(1)), final(read(1))), broken: Surfaced},
		"removed":                        {ops: play(insert(1), remove(1), final(read()))},
		"undone":                         {ops: play(insert(1), remove(1), read(), final(read(1))), broken: Undone},
		"undone while the group changed": {ops: play(insert(1), remove(1), final(read(1))), in: Input{Changing: sometime}, excused: Undone},
		"remove unknown, gone":           {ops: play(insert(1), as(Unknown, remove(1)), final(read()))},
		"remove unknown, there":          {ops: play(insert(1), as(Unknown, remove(1)), final(read(1)))},
		"remove refused, gone":           {ops: play(insert(1), as(Refused, remove(1)), final(read())), broken: Lost},
		"concurrent insert wins":         {ops: play(during(1, 9, insert(1)), during(5, 6, remove(1)), final(read(1)))},
		"concurrent insert loses":        {ops: play(during(1, 9, insert(1)), during(5, 6, remove(1)), final(read()))},
		"insert unknown, removed, back":  {ops: play(as(Unknown, insert(1)), remove(1), read(), final(read(1)))},
		"invented":                       {ops: play(insert(1), read(1, 7)), broken: Invented},
		"of another key":                 {ops: play(insert(1), Op{Kind: Insert, Value: 7, Key: "other"}, read(1, 7)), broken: Invented},
		"seen before written":            {ops: play(read(1), insert(1)), broken: Invented},
		"seen while written":             {ops: play(during(5, 9, insert(1)), during(1, 6, read(1)))},
		"damaged":                        {ops: play(insert(1), Op{Kind: Retrieve, Saw: []ID{1}, Strange: []string{"?"}}), broken: Invented},
		"stale":                          {ops: play(insert(1), read(), final(read(1))), broken: Stale},
		"stale in a change":              {ops: play(insert(1), read(), final(read(1))), in: Input{Changing: sometime}, excused: Stale},
		"stale after a change":           {ops: play(insert(1), read(), final(read(1))), in: Input{Changing: []Window{{0, time.Second}}}, broken: Stale},
		"read while written":             {ops: play(during(1, 9, insert(1)), during(5, 20, read()), final(read(1)))},
		"read while removed":             {ops: play(insert(1), during(5e9, 9e9, remove(1)), during(6e9, 8e9, read()), during(1e10, 2e10, final(read())))},
		"removed and seen":               {ops: play(insert(1), remove(1), read(1), final(read())), broken: Stale},
		"unreadable":                     {ops: play(insert(1), as(Refused, final(read()))), broken: Unreadable},
		"readable elsewhere":             {ops: play(insert(1), as(Refused, final(read())), final(read(1)))},
		"register":                       {ops: play(get(), put(1), get(1), put(2), get(2), final(get(2)))},
		"register goes back":             {ops: play(put(1), put(2), get(2), get(1)), broken: Disordered},
		"register goes back, excused":    {ops: play(put(1), put(2), get(1)), in: Input{Changing: sometime}, excused: Disordered},
		"register forgets":               {ops: play(put(1), final(get())), broken: Disordered},
		"register, unknown put late":     {ops: play(put(1), as(Unknown, put(2)), get(1), get(2), get(2))},
		"register, unknown put twice":    {ops: play(put(1), as(Unknown, put(2)), get(2), put(3), get(3), get(2)), broken: Disordered},
		"register, refused put":          {ops: play(put(1), as(Refused, put(2)), get(1))},
		"register, refused put seen":     {ops: play(put(1), as(Refused, put(2)), get(2)), broken: Surfaced},
		"register, concurrent puts":      {ops: play(during(1, 9, put(1)), during(2, 8, put(2)), during(10, 11, get(1)))},
		"register, concurrent, unstable": {ops: play(during(1, 9, put(1)), during(2, 8, put(2)), during(10, 11, get(1)), during(12, 13, get(2))), broken: Disordered},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Ops, c.in.Patience = c.ops, time.Second
			r := Check(c.in)
			var broken, excused []Fault
			for _, v := range r.Violations {
				if v.Excused {
					excused = append(excused, v.Fault)
				} else {
					broken = append(broken, v.Fault)
				}
			}
			if (len(broken) > 0) != (c.broken != "") || c.broken != "" && !slices.Contains(broken, c.broken) {
				t.Errorf("broken %q, want %q: %+v", broken, c.broken, r.Violations)
			}
			if (len(excused) > 0) != (c.excused != "") || c.excused != "" && !slices.Contains(excused, c.excused) {
				t.Errorf("excused %q, want %q", excused, c.excused)
			}
		})
	}
}

// What is reported carries what was done with the value, for people to read.
func TestViolationTellsItsHistory(t *testing.T) {
	r := Check(Input{Ops: play(insert(1), as(Refused, remove(1)), final(read()))})
	if b := r.Broken(); len(b) != 1 || len(b[0].History) != 2 || b[0].Value != 1 || b[0].Key != "k" {
		t.Errorf("%+v", r)
	}
}

// model answers as a store that does all at once, somewhere between the call
// and the return of each operation; it may lose the answer.
func model(t *rapid.T) []Op {
	state, removed := map[ID]bool{}, map[ID]bool{}
	var reg ID
	var ops []Op
	now := time.Duration(0)
	for i := range rapid.IntRange(0, 60).Draw(t, "ops") {
		now += time.Duration(rapid.IntRange(1, 5).Draw(t, "gap"))
		o := Op{ID: ID(i + 1), Call: now - time.Duration(rapid.IntRange(0, 20).Draw(t, "before")), Return: now + time.Duration(rapid.IntRange(0, 20).Draw(t, "after"))}
		o.Outcome = rapid.SampledFrom([]Outcome{Done, Done, Done, Refused, Unknown}).Draw(t, "outcome")
		o.Kind = rapid.SampledFrom([]Kind{Insert, Remove, Retrieve, Put, Get}).Draw(t, "kind")
		takes := o.Outcome == Done || o.Outcome == Unknown && rapid.Bool().Draw(t, "takes")
		o.Key, o.Value = "set", o.ID
		switch o.Kind {
		case Remove:
			o.Value = ID(rapid.IntRange(1, i+1).Draw(t, "value"))
			if takes {
				delete(state, o.Value)
				removed[o.Value] = true
			}
		case Insert:
			if takes {
				state[o.Value] = true
			}
		case Put:
			o.Key = "register"
			if takes {
				reg = o.Value
			}
		case Retrieve, Get:
			o.Value = 0
			if o.Kind == Get {
				o.Key = "register"
			}
			if o.Outcome == Done && o.Kind == Get && reg != 0 {
				o.Saw = []ID{reg}
			}
			for v := range state {
				if o.Outcome == Done && o.Kind == Retrieve {
					o.Saw = append(o.Saw, v)
				}
			}
		}
		ops = append(ops, o)
	}
	now += 100
	var all []ID
	for v := range state {
		all = append(all, v)
	}
	return append(ops, Op{ID: 999, Kind: Retrieve, Key: "set", Saw: all, Call: now, Return: now + 1, Outcome: Done, Final: true})
}

// No honest store is accused, and one that loses a value is.
func TestModelIsNotAccused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := model(t)
		if r := Check(Input{Ops: slices.Clone(ops), Patience: time.Minute}); len(r.Violations) > 0 || r.Undecided > 0 {
			t.Fatalf("%+v\n%v", r.Violations, ops)
		}
		end := &ops[len(ops)-1]
		for i, v := range end.Saw {
			safe := !slices.ContainsFunc(ops, func(o Op) bool {
				return o.Value == v && (o.Kind == Remove && o.Outcome != Refused || o.Outcome == Unknown)
			})
			if !safe {
				continue
			}
			end.Saw = slices.Delete(end.Saw, i, i+1)
			r := Check(Input{Ops: ops, Patience: time.Minute})
			if len(r.Broken()) == 0 || r.Broken()[0].Fault != Lost {
				t.Fatalf("v%d is gone and nobody says so: %+v", v, r)
			}
			break
		}
	})
}

func TestCopies(t *testing.T) {
	same := map[string][]ID{"a": {1, 2}, "b": {3}, "empty": nil}
	for name, c := range map[string]struct {
		c      Copies
		copies int
		want   int
	}{
		"equal":      {Copies{"1": same, "2": same, "3": same}, 3, 0},
		"any order":  {Copies{"1": {"a": {1, 2}}, "2": {"a": {2, 1}}}, 2, 0},
		"too few":    {Copies{"1": same, "2": same}, 3, 2},
		"too many":   {Copies{"1": same, "2": same}, 1, 2},
		"differ":     {Copies{"1": {"a": {1}}, "2": {"a": {2}}}, 2, 1},
		"spread out": {Copies{"1": {"a": {1}}, "2": {"b": {2}}}, 1, 0},
	} {
		if got := c.c.Differences(c.copies); len(got) != c.want {
			t.Errorf("%s: %d differences, want %d: %v", name, len(got), c.want, got)
		}
	}
}

func TestOutage(t *testing.T) {
	var ops []Op
	for at := time.Duration(0); at < 10*time.Second; at += 100 * time.Millisecond {
		o := Op{Call: at, Return: at, Outcome: Done}
		if at >= 2*time.Second && at < 4*time.Second && at%(200*time.Millisecond) == 0 {
			o.Outcome = Refused
		}
		ops = append(ops, o)
	}
	none := func(Op) bool { return false }
	if d, ok := Outage(ops, 2*time.Second, never, none); !ok || d != 1800*time.Millisecond {
		t.Errorf("got %v %v", d, ok)
	}
	if d, ok := Outage(ops, 5*time.Second, never, none); !ok || d != 0 {
		t.Errorf("without failures: %v %v", d, ok)
	}
	if d, ok := Outage(ops, 2*time.Second, never, func(Op) bool { return true }); !ok || d != 0 {
		t.Errorf("expected failures count: %v %v", d, ok)
	}
	slow := slices.Clone(ops)
	slow[30].Call, slow[30].Outcome = slow[30].Return-2*time.Second, Done
	if d, ok := Outage(slow[:], 2500*time.Millisecond, never, func(o Op) bool { return o.Outcome != Done }); !ok || d != 500*time.Millisecond {
		t.Errorf("slowness does not count: %v %v", d, ok)
	}
	if _, ok := Outage(ops, 2*time.Second, 3*time.Second, none); ok {
		t.Error("available although it ended before")
	}
	if _, ok := Outage(ops, 9500*time.Millisecond, never, none); ok {
		t.Error("available although the history ends")
	}
}

func TestLogWritesLines(t *testing.T) {
	var b bytes.Buffer
	l := NewLog(&b)
	for range 3 {
		l.Add(Op{ID: l.Next(), Kind: Insert, Key: "k", Value: 1, Call: l.Now(), Outcome: Done})
	}
	if err := l.Flush(); err != nil || strings.Count(b.String(), "\n") != 3 || len(l.Ops()) != 3 {
		t.Fatalf("%v: %q", err, b.String())
	}
	var o Op
	if err := json.Unmarshal(b.Bytes()[:bytes.IndexByte(b.Bytes(), '\n')], &o); err != nil || o.String() != l.Ops()[0].String() {
		t.Errorf("%v: %+v", err, o)
	}
}
