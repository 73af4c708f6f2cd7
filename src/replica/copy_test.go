package replica

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func drawCopy(t *rapid.T) Copy {
	c := Copy{
		State:   CopyState(rapid.IntRange(0, int(Synced)).Draw(t, "state")),
		Version: rapid.Uint64().Draw(t, "version"),
		Epoch:   rapid.Uint64().Draw(t, "epoch"),
	}
	if c.State == Former {
		c.Since = Stamp{rapid.Byte().Draw(t, "since")}
	}
	c.Doubted = c.State != Synced && rapid.Bool().Draw(t, "doubted")
	c, _ = c.Note(drawPeers(t)...)
	return c
}

func drawPeers(t *rapid.T) []keyspace.ID {
	var ids []keyspace.ID
	for _, n := range rapid.SliceOfN(rapid.Byte(), 0, 6).Draw(t, "peers") {
		ids = append(ids, keyspace.ID{n})
	}
	return ids
}

func TestCopiesSurviveTheDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCopy(t)
		got, err := DecodeCopy(c.Encode())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%+v became %+v: %v", c, got, err)
		}
	})
}

// Whoever was noted stays noted, and each change of the record shows.
func TestNote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, more := drawCopy(t), drawPeers(t)
		c.Version = 5
		before := slices.Clone(c.Peers)
		got, changed := c.Note(more...)
		if !slices.Equal(c.Peers, before) {
			t.Fatal("the old record's peers were written to")
		}
		for _, id := range append(more, before...) {
			if !got.Knows(id) {
				t.Fatalf("%v is not noted", id)
			}
		}
		if changed != (len(got.Peers) != len(before)) || changed != (got.Version > 5) || !slices.IsSortedFunc(got.Peers, keyspace.ID.Compare) {
			t.Fatalf("%+v with %v became %+v, %v", c, more, got, changed)
		}
		if f := got.Leave(Stamp{9}); f.State != Former || f.Since != (Stamp{9}) || f.Version <= got.Version || f.To(Partial).Since != (Stamp{}) {
			t.Fatalf("%+v became %+v", got, f)
		}
		if to := got.To(Partial); to.State != Partial || to.Version <= got.Version || !slices.Equal(to.Peers, got.Peers) {
			t.Fatalf("%+v became %+v", got, to)
		}
	})
}

func FuzzDecodeCopy(f *testing.F) {
	f.Add([]byte{})
	f.Add(Copy{}.Encode())
	c, _ := Copy{State: Synced, Version: 300, Epoch: 1}.Note(keyspace.ID{2}, keyspace.ID{1})
	f.Add(c.Encode())
	f.Add(c.Encode()[:30])
	f.Add(c.Leave(Stamp{7}).Encode())
	f.Add(c.Leave(Stamp{7}).Encode()[:8])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeCopy(b)
		if err == nil && !bytes.Equal(c.Encode(), b) {
			t.Fatalf("%x is a second way to write %+v", b, c)
		}
	})
}

func TestCopyIsPinned(t *testing.T) {
	// It is in every database: it can only change with the format version.
	c, _ := Copy{State: Partial, Version: 299, Epoch: 7}.Note(keyspace.ID{0xaa})
	want := append([]byte{3, 1, 0xac, 2, 7, 0xaa}, make([]byte, 19)...)
	if got := c.Encode(); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}
