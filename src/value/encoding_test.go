package value

import (
	"bytes"
	"math"
	"testing"

	"chord/keyspace"
)

func FuzzDecodeDots(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	two := []Dot{{Seq: 1}, {Actor{keyspace.ID{1}, 2}, math.MaxUint64}}
	f.Add(AppendDots(nil, two))
	f.Add(AppendDots(nil, []Dot{two[1], two[0]}))
	f.Fuzz(func(t *testing.T, b []byte) {
		dots, rest, err := DecodeDots(b)
		if err == nil && !bytes.Equal(append(AppendDots(nil, dots), rest...), b) {
			t.Fatalf("%x is a second way to write %v", b, dots)
		}
		c, rest, err := DecodeContext(b)
		if err == nil && (!ascending(c, compareActors) || !bytes.Equal(append(AppendDots(nil, c), rest...), b)) {
			t.Fatalf("%x is no context: %v", b, c)
		}
	})
}

func FuzzDecodeElement(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 2})
	f.Add(AppendElement(nil, Element{Value: []byte("v"), Dots: []Dot{{Seq: 300}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeElement(b)
		if err == nil && (len(e.Dots) == 0 || !bytes.Equal(AppendElement(nil, e), b)) {
			t.Fatalf("%x is a second way to write %v", b, e)
		}
	})
}

func TestEncodingIsPinned(t *testing.T) {
	// It is in every database: it can only change with the format version.
	got := AppendElement(nil, Element{Value: []byte("v"), Dots: []Dot{{Actor{keyspace.ID{0xaa}, 2}, 300}}})
	want := append([]byte{1, 0xaa}, make([]byte, 19+7)...)
	want = append(want, 2, 0xac, 2, 'v')
	if !bytes.Equal(got, want) {
		t.Fatalf("%x, want %x", got, want)
	}
}

func TestTruncatedDotsAreRefused(t *testing.T) {
	b := AppendDots(nil, []Dot{{Seq: 1}, {Actor{Incarnation: 1}, 1 << 40}})
	for n := range b {
		if _, _, err := DecodeDots(b[:n]); err == nil {
			t.Errorf("%d of %d bytes decode", n, len(b))
		}
	}
	if dots, rest, err := DecodeDots(append(b, 7)); err != nil || len(dots) != 2 || len(rest) != 1 {
		t.Fatal(dots, rest, err)
	}
}
