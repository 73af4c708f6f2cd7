package value

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func merged(sets ...Set) Set {
	var m Set
	for _, s := range sets {
		m.Merge(s)
	}
	return m
}

func same(a, b Set) bool {
	return a.Context.Equal(b.Context) && slices.EqualFunc(a.Elements, b.Elements, func(a, b Element) bool {
		return string(a.Value) == string(b.Value) && slices.Equal(a.Dots, b.Dots)
	})
}

// drawSets returns the sets of a random history; some lack pieces of others.
func drawSets(t *rapid.T) []Set {
	w := newWorld(4)
	w.run(t, 40)
	var sets []Set
	for _, r := range w.replicas {
		s := r.set
		pieces := rapid.SampledFrom(w.replicas).Draw(t, "pieces of").set.Pieces(nil, 60)
		for _, p := range pieces[:rapid.IntRange(0, len(pieces)).Draw(t, "pieces")] {
			s.MergePiece(p)
		}
		sets = append(sets, s)
	}
	return sets
}

func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := drawSets(t)
		a, b, c := sets[0], sets[1], sets[2]
		if !same(merged(a, b), merged(b, a)) {
			t.Fatalf("not commutative:\n%v\n%v", a, b)
		}
		if !same(merged(merged(a, b), c), merged(a, merged(b, c))) {
			t.Fatalf("not associative:\n%v\n%v\n%v", a, b, c)
		}
		if !same(merged(a, a), a) {
			t.Fatalf("not idempotent: %v", a)
		}
		ab := merged(a, b)
		if ab.Merge(a) || ab.Merge(b) {
			t.Fatal("a merge of what is known reports a change")
		}
		for _, s := range []Set{ab, a, b, c} {
			checkSet(t, s)
		}
	})
}

func TestInsertWinsOverARemoveThatHasNotSeenIt(t *testing.T) {
	var a, b Set
	a.Insert([]byte("v"), Dot{Seq: 1})
	b.Merge(a)
	a.Remove([]byte("v"))
	b.Insert([]byte("v"), Dot{Actor{Incarnation: 1}, 1})
	a.Merge(b)
	if len(a.Values()) != 1 {
		t.Fatal("the remove won")
	}
	b.Remove([]byte("v"))
	old := a
	a.Merge(b)
	if a.Merge(old); len(a.Values()) != 0 {
		t.Fatal("a remove that has seen the insert came undone")
	}
}

// What it was before is never changed under the feet of who holds a copy.
func TestSetsDoNotShareWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(3)
		w.run(t, 20)
		before := w.replicas[0].set
		deep := Set{slices.Clone(before.Context), slices.Clone(before.Elements)}
		w.run(t, 10)
		if !reflect.DeepEqual(before.Context, deep.Context) || !reflect.DeepEqual(before.Elements, deep.Elements) {
			t.Fatal("a copy of a set changed with the original")
		}
	})
}

func TestPiecesMergeAsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := drawSets(t)
		got, from := sets[0], sets[1]
		size := rapid.IntRange(0, 400).Draw(t, "size")
		for _, p := range from.Pieces([]byte("k"), size) {
			if _, err := p.Check(); err != nil || p.Size() > size && len(p.Elements) > 1 {
				t.Fatalf("piece %v: %v, size %d", p, err, p.Size())
			}
			got.MergePiece(p)
		}
		if want := merged(sets[0], from); !same(got, want) {
			t.Fatalf("pieces of %d bytes give\n%v, the whole\n%v", size, got, want)
		}
	})
}

// The journey breaks off after any piece; the sender goes on changing; others
// merge with what has arrived. Once all pieces of a second journey are there,
// the receiver is what it would be without the first.
func TestJourneyThatBreaksOffLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(4)
		w.run(t, 40)
		from, to, third := w.replicas[0], w.replicas[1], w.replicas[2]
		to2, third2 := to.set, third.set // what they would be without the first journey
		pieces := from.set.Pieces(nil, 60)
		for _, p := range pieces[:rapid.IntRange(0, len(pieces)-1).Draw(t, "arrived")] {
			to.set.MergePiece(p)
		}
		third.set.Merge(to.set)
		for range rapid.IntRange(0, 10).Draw(t, "changes meanwhile") {
			w.change(t, from)
		}
		for _, p := range from.set.Pieces(nil, 60) {
			to.set.MergePiece(p)
		}
		if want := merged(to2, from.set); !same(to.set, want) {
			t.Fatalf("receiver\n%v, want\n%v", to.set, want)
		}
		third.set.Merge(from.set)
		if want := merged(third2, to2, from.set); !same(third.set, want) {
			t.Fatalf("third\n%v, want\n%v", third.set, want)
		}
		to.model.merge(from.model)
		checkReplica(t, to)
	})
}

func TestMalformedPieces(t *testing.T) {
	var s Set
	for i, v := range []string{"a", "b", "c"} {
		s.Insert([]byte(v), Dot{Seq: uint64(i + 1)})
	}
	good := func() Piece { return Piece{Context: s.Context, Elements: slices.Clone(s.Elements)} }
	if _, err := good().Check(); err != nil {
		t.Fatal(err)
	}
	bad := map[string]func(p *Piece){
		"order":        func(p *Piece) { slices.Reverse(p.Elements) },
		"twice":        func(p *Piece) { p.Elements = append(p.Elements, p.Elements[2]) },
		"before":       func(p *Piece) { p.From = Hash(p.Elements[0].Value) },
		"after":        func(p *Piece) { p.To = Hash(p.Elements[1].Value) },
		"no dots":      func(p *Piece) { p.Elements[0].Dots = nil },
		"zero dot":     func(p *Piece) { p.Elements[0].Dots = []Dot{{}} },
		"equal dots":   func(p *Piece) { p.Elements[0].Dots = []Dot{{Seq: 1}, {Seq: 1}} },
		"actor twice":  func(p *Piece) { p.Context = Context{{Seq: 1}, {Seq: 2}} },
		"unborn actor": func(p *Piece) { p.Context = Context{{}} },
	}
	for name, spoil := range bad {
		p := good()
		if spoil(&p); func() error { _, err := p.Check(); return err }() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
