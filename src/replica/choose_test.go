package replica

import (
	"testing"

	"chord/keyspace"
)

func TestChooseFirst(t *testing.T) {
	alone := func(keyspace.ID) (before, after keyspace.ID, ok bool) { return }
	if got, want := Choose("r", "n", alone), keyspace.HashNode("r", "n", 0); got != want {
		t.Errorf("the first node of a ring chose %v, want its first identifier %v", got.Short(), want.Short())
	}
}

// One other node: the choice is the identifier nearest to the point opposite.
func TestChooseSplitsWidest(t *testing.T) {
	other := keyspace.HashNode("r", "other", 0)
	got := Choose("r", "n", func(keyspace.ID) (before, after keyspace.ID, ok bool) { return other, other, true })
	least := func(id keyspace.ID) keyspace.ID {
		a, b := other.Distance(id), id.Distance(other)
		if a.Compare(b) < 0 {
			return a
		}
		return b
	}
	for i := range keyspace.NodeChoices {
		if id := keyspace.HashNode("r", "n", i); least(id).Compare(least(got)) > 0 {
			t.Errorf("chose %v, but choice %d is farther from its neighbours", got.Short(), i)
		}
	}
}
