package replica

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/member"
)

// Notes of a bucket's life that arrive in any order leave the last one.
func TestLedgerKeepsTheLatest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Found()
		life := []Holding{h}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			switch {
			case h.State == Held:
				h, _ = h.Freeze(node(2))
			case h.State == Handing && rapid.Bool().Draw(t, "taken back"):
				h, _ = h.TakeBack()
			case h.State == Handing:
				h = h.Confirm(h.Epoch)
			default:
				h, _ = h.Receive(node(2), h.Epoch+uint64(rapid.IntRange(1, 3).Draw(t, "hand-overs elsewhere")))
			}
			life = append(life, h)
		}
		l := NewLedger(Holding{})
		for _, note := range rapid.Permutation(life).Draw(t, "order") {
			l.Set(7, note)
		}
		if got := l.At(7); got != h {
			t.Fatalf("the ledger has %+v, last was %+v", got, h)
		}
		if l.Count(h.State) == 0 || l.Count(Absent) != keyspace.Buckets-1 {
			t.Fatalf("%d are %s, %d absent", l.Count(h.State), h.State, l.Count(Absent))
		}
	})
}

func TestLedgerVersion(t *testing.T) {
	l := NewLedger(Found())
	if l.Count(Held) != keyspace.Buckets || l.At(1234) != Found() {
		t.Fatal("a founder does not hold everything")
	}
	v := l.Version()
	l.Set(1, Holding{})
	if l.Version() != v {
		t.Error("an old note counts as a change")
	}
	l.Set(1, Holding{State: Handing, Epoch: 2})
	if l.Version() == v {
		t.Error("a new note counts as none")
	}
}

func TestBalanceAgainstOwners(t *testing.T) {
	ms := func(ids ...byte) (ms []member.Member) {
		for _, id := range ids {
			ms = append(ms, member.Member{ID: node(id), Serving: true})
		}
		return ms
	}
	rapid.Check(t, func(t *rapid.T) {
		l := NewLedger(Holding{})
		for range rapid.IntRange(0, 40).Draw(t, "notes") {
			h := Holding{State: State(rapid.IntRange(0, int(Held)).Draw(t, "state")), Epoch: 1, To: node(9)}
			l.Set(drawBucket(t), h)
		}
		self := node(5)
		p := NewPlacement(ms(rapid.SliceOfNDistinct(rapid.ByteRange(1, 250), 0, 5, rapid.ID).Draw(t, "members")...), Default)
		var wanted []keyspace.Bucket
		surplus := map[keyspace.ID][]keyspace.Bucket{}
		for i := range keyspace.Buckets {
			b := keyspace.Bucket(i)
			owner, ok := p.Owner(b)
			switch h := l.At(b); {
			case ok && h.State == Handing:
				surplus[h.To] = append(surplus[h.To], b)
			case ok && h.State == Held && owner != self:
				surplus[owner] = append(surplus[owner], b)
			}
			if ok && owner == self && l.At(b).State != Held {
				wanted = append(wanted, b)
			}
		}
		if got := l.Wanted(p, self); !slices.Equal(got, wanted) {
			t.Fatalf("%d are wanted, want %d", len(got), len(wanted))
		}
		if got := l.Surplus(p, self); !maps.EqualFunc(got, surplus, slices.Equal) {
			t.Fatalf("surplus %v, want %v", got, surplus)
		}
	})
}
