package dashboard

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func drawID(t *rapid.T, name string) keyspace.ID {
	return keyspace.ID(rapid.SliceOfN(rapid.Byte(), keyspace.Size, keyspace.Size).Draw(t, name))
}

func TestPlacesOnTheCircle(t *testing.T) {
	for _, c := range []struct {
		first byte
		want  Point
	}{{0, Point{0, -radius}}, {0x40, Point{radius, 0}}, {0x80, Point{0, radius}}, {0xc0, Point{-radius, 0}}} {
		if got := at(angleOf(keyspace.ID{c.first}), radius); got != c.want {
			t.Errorf("%x is at %v, want %v", c.first, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawID(t, "a"), drawID(t, "b")
		if a.Compare(b) < 0 && angleOf(a) > angleOf(b) {
			t.Fatalf("%s comes after %s", a, b)
		}
		if p := at(angleOf(a), radius); math.Abs(math.Hypot(p.X, p.Y)-radius) > 0.2 {
			t.Fatalf("%v is not on the circle", p)
		}
	})
}

// The paths are what a person can check with a compass.
func TestPaths(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{sector(0, 90, 100, 200), "M0.4 -100A100 100 0 0 1 100 -0.4L200 -0.9A200 200 0 0 0 0.9 -200Z"},
		{sector(10, 1, 100, 200), "M17.4 -98.5A100 100 0 0 1 19.1 -98.2L38.2 -196.3A200 200 0 0 0 34.7 -197Z"},
		{chord(0, 180), "M0 -300Q0 0 0 300"},
		{chord(90, 90), "M300 0C225 -47.8 225 47.8 300 0"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

func TestLevels(t *testing.T) {
	for relative, want := range map[float64]int{-1: 0, 0: 1, 0.5: 1, 0.7: 2, 1: 3, 1.5: 4, 2: 4, 3: 5} {
		if got := level(relative); got != want {
			t.Errorf("%g times the mean is of level %d, want %d", relative, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1, 10).Draw(t, "a"), rapid.Float64Range(-1, 10).Draw(t, "b")
		if a < b && (thickness(a) > thickness(b) || level(a) > level(b)) {
			t.Fatalf("%g is drawn as more than %g", a, b)
		}
	})
}

// No label covers another one, and each is in the picture.
func TestLabels(t *testing.T) {
	for seed := range uint64(20) {
		sim := simulate(1+int(seed), seed, false)
		var boxes []box
		for _, m := range places(sim.Status(), nil) {
			if m.Label == nil {
				if m.Self {
					t.Errorf("seed %d: the node itself has no label", seed)
				}
				continue
			}
			b := m.Label.box()
			if b.hits(boxes) || !b.inside() {
				t.Errorf("seed %d: the label of %s is on another one, or outside", seed, m.Name)
			}
			boxes = append(boxes, b)
		}
	}
}
