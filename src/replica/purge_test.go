package replica

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/value"
)

func somePurge(id byte, epoch uint64) Purge {
	context := value.Context{{Actor: value.Actor{Node: keyspace.ID{id}, Incarnation: 1}, Seq: 5}}
	return Purge{ID: PurgeID{id}, Epoch: epoch, Keys: []Removed{{Key: []byte{id}, Context: context}}}
}

// A purge is confirmed once, and only in an epoch that is new.
func TestPrepare(t *testing.T) {
	s, ok, changed := Purges{Epoch: 3}.Prepare(somePurge(1, 4))
	if !ok || !changed || s.Epoch != 4 || len(s.Open) != 1 {
		t.Fatal(s, ok, changed)
	}
	if again, ok, changed := s.Prepare(somePurge(1, 4)); !ok || changed || !reflect.DeepEqual(again, s) {
		t.Error("repeated:", again, ok, changed)
	}
	for _, epoch := range []uint64{0, 3, 4} {
		if next, ok, _ := s.Prepare(somePurge(2, epoch)); ok || !reflect.DeepEqual(next, s) {
			t.Error("not new:", epoch, next, ok)
		}
	}
}

func TestFinishForgetsWhatWasConfirmed(t *testing.T) {
	s, _, _ := Purges{}.Prepare(somePurge(1, 1))
	s, _, _ = s.Prepare(somePurge(2, 2))
	s, _, _ = s.Prepare(somePurge(3, 3))
	next, forget := s.Finish(PurgeID{2})
	if len(forget) != 1 || forget[0].Key[0] != 2 || next.Epoch != 3 || len(next.Open) != 1 || next.Open[0].ID != (PurgeID{3}) {
		t.Error(next, forget)
	}
	if again, forget := next.Finish(PurgeID{2}); forget != nil || !reflect.DeepEqual(again, next) {
		t.Error("repeated:", again, forget)
	}
}

// An epoch rises with what is open in it, or where nothing is; never falls.
func TestCatchUp(t *testing.T) {
	other, _, _ := Purges{}.Prepare(somePurge(1, 7))
	s, merge := Purges{Epoch: 2}.CatchUp(other)
	if s.Epoch != 7 || len(merge) != 1 || len(s.Open) != 1 {
		t.Error(s, merge)
	}
	if _, ok, changed := s.Prepare(somePurge(1, 7)); !ok || changed {
		t.Error("who caught up has confirmed")
	}
	if next, merge := s.CatchUp(Purges{Epoch: 6, Open: []Purge{somePurge(2, 6)}}); merge != nil || !reflect.DeepEqual(next, s) {
		t.Error("an older one:", next, merge)
	}
	if next, merge := (Purges{}).CatchUp(Purges{Epoch: 9}); merge != nil || next.Epoch != 9 {
		t.Error("nothing is open:", next, merge)
	}
}

func TestPurgesSurviveTheDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Purges{Epoch: rapid.Uint64().Draw(t, "epoch")}
		for i := range rapid.IntRange(0, 3).Draw(t, "open") {
			s.Open = append(s.Open, somePurge(byte(i), rapid.Uint64().Draw(t, "epoch")))
		}
		b := s.Encode()
		if got, err := DecodePurges(s.Epoch, b); err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("%v became %v: %v", s, got, err)
		}
		if len(b) > 0 {
			if _, err := DecodePurges(0, b[:len(b)-1]); err == nil {
				t.Fatal("cut off, and not damaged")
			}
		}
	})
}

// All whom an answer names must confirm, and one refusal ends it.
func TestPurging(t *testing.T) {
	a, b, c := keyspace.ID{1}, keyspace.ID{2}, keyspace.ID{3}
	g := NewPurging(somePurge(1, 4), []keyspace.ID{b})
	if !slices.Equal(g.Missing(), []keyspace.ID{a, b}) {
		t.Fatal("the maker of a dot is a holder:", g.Missing())
	}
	g.Answer(a, true, 4, []keyspace.ID{b, c})
	g.Answer(b, true, 4, nil)
	if !slices.Equal(g.Missing(), []keyspace.ID{c}) {
		t.Error("the closure:", g.Missing())
	}
	g.Replace(c, []keyspace.ID{a, {9}})
	if !slices.Equal(g.Missing(), []keyspace.ID{{9}}) {
		t.Error("the census:", g.Missing())
	}
	g.Answer(a, false, 8, nil) // a repeated question, after the end
	if _, refused := g.Refused(); refused {
		t.Error("refused by one who had confirmed")
	}
	g.Answer(keyspace.ID{9}, false, 8, nil)
	if epoch, refused := g.Refused(); !refused || epoch != 8 {
		t.Error(epoch, refused)
	}
}
