package dashboard

import "math"

// Label is the name of a member beside its place.
type Label struct {
	Point
	Anchor string `json:"anchor"` // start, middle or end, as SVG's text-anchor
	Text   string `json:"text"`
}

// The size of labels, about, for it depends on the viewer's fonts.
const (
	labelWidth  = 12.5 // of a letter
	labelHeight = 26.0
	labelRows   = 3 // how far outwards a label may give way, in heights
)

// label names those members for whom there is room: the node itself first, then
// those that are not well, then the others where there are not too many.
func label(all []Member) {
	var taken []box
	for rank := range 3 {
		for i := range all {
			if m := &all[i]; labelRank(*m) == rank && (rank == 0 || len(all) <= maxLabels) {
				taken = m.label(taken)
			}
		}
	}
}

func labelRank(m Member) int {
	switch {
	case m.Self:
		return 0
	case m.State != "alive":
		return 1
	}
	return 2
}

// label puts the name outside of the arcs where no other one is, or nowhere.
func (m *Member) label(taken []box) []box {
	l := Label{Anchor: anchor(m.Angle), Text: shorten(m.Name)}
	for row := range labelRows {
		l.Point = at(m.Angle, labelAt+labelHeight*float64(row))
		l.Y = round(l.Y + 7) // the line on which letters stand
		if b := l.box(); !b.hits(taken) && b.inside() {
			m.Label = &l
			return append(taken, b)
		}
	}
	return taken
}

// box is what a label covers.
type box struct{ left, right, top, bottom float64 }

func (l Label) box() box {
	width := labelWidth * float64(len([]rune(l.Text)))
	b := box{left: l.X, top: l.Y - labelHeight + 5, bottom: l.Y + 5}
	switch l.Anchor {
	case "middle":
		b.left -= width / 2
	case "end":
		b.left -= width
	}
	b.right = b.left + width
	return b
}

func (b box) hits(others []box) bool {
	for _, o := range others {
		if b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom {
			return true
		}
	}
	return false
}

// inside reports whether the view box has the label whole.
func (b box) inside() bool {
	return math.Max(-b.left, b.right) <= viewWidth/2 && math.Max(-b.top, b.bottom) <= viewHeight/2
}
