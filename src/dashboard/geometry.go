package dashboard

import (
	"fmt"
	"math"
	"strings"

	"chord/keyspace"
)

// The measures of the picture, in units of its view box. The centre of the
// circle is (0, 0); y grows downwards, as in SVG.
const (
	radius                = 300.0 // of the circle on which members stand
	arcInner              = 312.0 // where the arcs of load begin
	arcLeast              = 6.0   // how thick an arc is that holds nothing
	arcMost               = 46.0  // and one that holds much
	labelAt               = 376.0 // where labels begin
	gap                   = 0.5   // degrees left free at either end of an arc that is long enough
	viewWidth, viewHeight = 1120.0, 880.0
	fullTurn              = 360.0
	longArc               = 4 * gap
	maxLabels             = 24 // with more members only the marked ones are labelled
)

// Point is a place in the picture.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// angleOf returns where an identifier stands: degrees clockwise from the top.
func angleOf(id keyspace.ID) float64 { return fullTurn * fraction(id) }

// fraction returns the identifier as a part of the circle, 0 to 1.
func fraction(id keyspace.ID) float64 {
	f := 0.0
	for i := 7; i >= 0; i-- {
		f = (f + float64(id[i])) / 256
	}
	return f
}

// at returns the point at an angle and a distance from the centre.
func at(angle, r float64) Point {
	sin, cos := math.Sincos(angle * math.Pi / 180)
	return Point{round(r * sin), round(-r * cos)}
}

// round keeps a tenth of a unit, which is less than anybody sees.
func round(v float64) float64 { return math.Round(v*10)/10 + 0 } // + 0: no negative zero

func (p Point) String() string { return fmt.Sprintf("%g %g", p.X, p.Y) }

// sector returns the path of a piece of a band around the centre: clockwise over
// span degrees from an angle, between two radii.
func sector(from, span, inner, outer float64) string {
	if span >= longArc {
		from, span = from+gap/2, span-gap
	}
	if span <= fullTurn/2 {
		return half(from, span, inner, outer)
	}
	return half(from, span/2, inner, outer) + half(from+span/2, span/2, inner, outer)
}

// half is a sector of up to half of the circle.
func half(from, span, inner, outer float64) string {
	to := from + span
	return fmt.Sprintf("M%vA%g %g 0 0 1 %vL%vA%g %g 0 0 0 %vZ",
		at(from, inner), inner, inner, at(to, inner), at(to, outer), outer, outer, at(from, outer))
}

// chord returns the path from one angle to another through the inside of the
// circle: the farther, the nearer to the centre.
func chord(from, to float64) string {
	a, b := at(from, radius), at(to, radius)
	if a == b {
		return loop(from)
	}
	// The middle of the straight way, pulled towards the centre: by a third where
	// it crosses the circle, and by a little where the ends are neighbours.
	mid := Point{(a.X + b.X) / 2, (a.Y + b.Y) / 2}
	span := math.Hypot(b.X-a.X, b.Y-a.Y) / (2 * radius)
	pull := 0.94 - 0.6*span
	return fmt.Sprintf("M%vQ%v %v", a, Point{round(mid.X * pull), round(mid.Y * pull)}, b)
}

// loop is the way from a member to itself.
func loop(angle float64) string {
	return fmt.Sprintf("M%vC%v %v %v", at(angle, radius), at(angle-12, radius-70), at(angle+12, radius-70), at(angle, radius))
}

// thickness returns how far an arc reaches outwards: with the load relative to
// the mean, up to twice the mean. A load that is unknown is thin.
func thickness(relative float64) float64 {
	if relative < 0 {
		return arcLeast
	}
	return round(arcLeast + (arcMost-arcLeast)*min(relative, 2)/2)
}

// level is the class of a load relative to the mean: 1 (little) to 5 (more than
// twice the mean); 0 where it is unknown.
func level(relative float64) int {
	switch {
	case relative < 0:
		return 0
	case relative <= 0.5:
		return 1
	case relative <= 0.8:
		return 2
	case relative <= 1.25:
		return 3
	case relative <= 2:
		return 4
	}
	return 5
}

// anchor says on which side of its place a label stands, as SVG's text-anchor.
func anchor(angle float64) string {
	switch sin := math.Sin(angle * math.Pi / 180); {
	case sin > 0.2:
		return "start"
	case sin < -0.2:
		return "end"
	}
	return "middle"
}

// shorten cuts a label to what there is room for.
func shorten(s string) string {
	const most = 14
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimSpace(string(r[:most-1])) + "…"
}
