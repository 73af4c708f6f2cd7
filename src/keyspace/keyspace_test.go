package keyspace

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func drawID(t *rapid.T, label string) ID {
	if rapid.Bool().Draw(t, label+" near the wrap") {
		edge := ID{}
		if rapid.Bool().Draw(t, label+" below") {
			edge = ID{}.Distance(ID{}) // zero
			for i := range edge {
				edge[i] = 0xff
			}
		}
		edge[Size-1] ^= rapid.Byte().Draw(t, label)
		return edge
	}
	return ID(rapid.SliceOfN(rapid.Byte(), Size, Size).Draw(t, label))
}

func number(a ID) *big.Int { return new(big.Int).SetBytes(a[:]) }

var modulus = new(big.Int).Lsh(big.NewInt(1), Bits)

func TestDistanceIsSubtractionModulo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawID(t, "a"), drawID(t, "b")
		want := new(big.Int).Sub(number(b), number(a))
		want.Mod(want, modulus)
		if got := number(a.Distance(b)); got.Cmp(want) != 0 {
			t.Fatalf("distance %v, want %v", got, want)
		}
	})
}

func TestAddPowerIsAdditionModulo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, k := drawID(t, "a"), rapid.IntRange(0, Bits-1).Draw(t, "k")
		want := new(big.Int).Add(number(a), new(big.Int).Lsh(big.NewInt(1), uint(k)))
		want.Mod(want, modulus)
		if got := number(a.AddPower(k)); got.Cmp(want) != 0 {
			t.Fatalf("sum %v, want %v", got, want)
		}
		if d := a.Distance(a.AddPower(k)); d.Log2() != k {
			t.Fatalf("log2 of the distance is %d, want %d", d.Log2(), k)
		}
	})
}

// Zave's theorem on three points: every third point lies on exactly one side.
func TestBetweenSplitsTheCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawID(t, "a"), drawID(t, "b"), drawID(t, "c")
		if a != b && b != c && a != c && Between(a, b, c) == Between(c, b, a) {
			t.Fatalf("%v is in both or neither of (%v, %v) and (%v, %v)", b, a, c, c, a)
		}
		if Between(a, a, c) || Between(a, c, c) {
			t.Fatal("an open arc contains its own end")
		}
		if a != b && !Between(a, b, a) {
			t.Fatal("(a, a) is not the whole circle without a")
		}
	})
}

func TestArcContains(t *testing.T) {
	id := func(n byte) ID { return ID{Size - 1: n} }
	tests := []struct {
		start, end, at byte
		want           bool
	}{
		{10, 20, 10, false}, {10, 20, 11, true}, {10, 20, 20, true}, {10, 20, 21, false},
		{20, 10, 20, false}, {20, 10, 21, true}, {20, 10, 0, true}, {20, 10, 10, true}, {20, 10, 15, false},
		{10, 10, 10, true}, {10, 10, 11, true}, {10, 10, 9, true},
	}
	for _, c := range tests {
		arc := Arc{id(c.start), id(c.end)}
		if got := arc.Contains(id(c.at)); got != c.want {
			t.Errorf("%v contains %d: %v, want %v", arc, c.at, got, c.want)
		}
	}
}

func TestBucketsCoverTheCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawID(t, "a")
		b := BucketOf(a)
		if a.Compare(b.First()) < 0 || a.Compare(b.Last()) > 0 {
			t.Fatalf("%v is outside of bucket %d: %v to %v", a, b, b.First(), b.Last())
		}
		if next := b.Last().AddPower(0); next != (b + 1).First() {
			t.Fatalf("after bucket %d comes %v, want %v", b, next, (b + 1).First())
		}
	})
}

func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawID(t, "a")
		if b, err := Parse(a.String()); err != nil || b != a {
			t.Fatalf("%v parses as %v, %v", a, b, err)
		}
	})
	for _, bad := range []string{"", "xy", "00", "zz" + ID{}.String()[2:], ID{}.String() + "00"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q parses", bad)
		}
	}
	if got := (ID{0x58, 0x2d, 0xb7, 0xd6}).Short(); got != "58 2D B7 D6" {
		t.Errorf("short form %q", got)
	}
}

func TestHashesArePinned(t *testing.T) {
	// They are in every database and on every ring: they can never change.
	if got := HashKey([]byte("test")).String(); got != "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b" {
		t.Errorf("key: %s", got)
	}
	if got, want := HashNode("ring", "a", 3), HashKey([]byte("ring\x00a\x003")); got != want {
		t.Errorf("node: %s, want %s", got, want)
	}
}

func TestFraction(t *testing.T) {
	for hex, want := range map[string]float64{
		"0000000000000000000000000000000000000000": 0, "4000000000000000000000000000000000000000": 0.25,
		"c000000000000000000000000000000000000000": 0.75, "0080000000000000000000000000000000000000": 1.0 / 512,
	} {
		id, err := Parse(hex)
		if got := id.Fraction(); err != nil || got != want {
			t.Errorf("%s is at %v, want %v", hex, got, want)
		}
	}
}
