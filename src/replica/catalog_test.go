package replica

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

// Records of a bucket's life that arrive in any order leave the last one.
func TestCatalogKeepsTheLatest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Copy{}
		var life []Copy
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			c = c.To(CopyState(rapid.IntRange(0, int(Synced)).Draw(t, "state")))
			life = append(life, c)
		}
		l := NewCatalog(Copy{})
		for _, record := range rapid.Permutation(life).Draw(t, "order") {
			l.Set(7, record)
		}
		if got := l.At(7); got.State != c.State || got.Version != c.Version {
			t.Fatalf("the catalog has %+v, last was %+v", got, c)
		}
		total := 0
		for s := range Synced + 1 {
			total += l.Count(s)
		}
		if total != keyspace.Buckets || l.Count(c.State) == 0 {
			t.Fatalf("%d buckets in all, %d %s", total, l.Count(c.State), c.State)
		}
	})
}

func TestCatalogVersion(t *testing.T) {
	founder := NewCatalog(Copy{State: Synced, Version: 1})
	if founder.Count(Synced) != keyspace.Buckets {
		t.Fatal("a founder has not everything")
	}
	v := founder.Version()
	founder.Set(1, Copy{Version: 1})
	noted, _ := founder.At(2).Note(keyspace.ID{1})
	founder.Set(2, noted)
	if founder.Version() != v || founder.At(2).Version != 2 {
		t.Error("an old record, or one of the same state, counts as a change of a state")
	}
	founder.Set(1, Copy{Version: 2})
	if founder.Version() == v {
		t.Error("a new record counts as none")
	}
}

func TestWantedAndSurplusAgainstGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewCatalog(Copy{})
		for range rapid.IntRange(0, 40).Draw(t, "records") {
			l.Set(drawBucket(t), Copy{State: CopyState(rapid.IntRange(0, int(Synced)).Draw(t, "state")), Version: 1})
		}
		ms, self := drawMembers(t), keyspace.ID{5}
		if len(ms) > 0 && rapid.IntRange(0, 3).Draw(t, "a member") > 0 {
			self = ms[0].ID
		}
		p := NewPlacement(ms, drawQuorums(t))
		var wanted, surplus, leaving []keyspace.Bucket
		for i := range keyspace.Buckets {
			b := keyspace.Bucket(i)
			out := p.Len() > 0 && !p.Group(b).Contains(self)
			if at := l.At(b); at.State == Synced && out || at.State == Former {
				leaving = append(leaving, b)
			}
			switch g := p.Group(b); {
			case len(g.Members) == 0:
			case g.Contains(self) && l.At(b).State != Synced:
				wanted = append(wanted, b)
			case !g.Contains(self) && l.At(b).State != Missing:
				surplus = append(surplus, b)
			}
		}
		if got := l.Wanted(p, self); !slices.Equal(got, wanted) {
			t.Fatalf("%d are wanted, want %d", len(got), len(wanted))
		}
		var outside []Range
		p.Runs(func(r Range, g Group) {
			if !g.Contains(self) {
				outside = append(outside, r)
			}
		})
		if got := l.Leaving(outside); !slices.Equal(got, leaving) {
			t.Fatalf("leaving %v, want %v", got, leaving)
		}
		if got := l.Surplus(p, self); !slices.Equal(got, surplus) {
			t.Fatalf("surplus %v, want %v", got, surplus)
		}
	})
}
