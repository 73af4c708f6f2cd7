package dashboard

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"chord/keyspace"
	"chord/node"
)

// pictureStyle is how the picture looks, on the page and alone.
//
//go:embed web/picture.css
var pictureStyle string

// Draw writes the ring as a node's status describes it, as an SVG picture that
// stands alone: the members on the circle, by state in colour and shape; outside
// of it the share of each, as thick as its load; inside the node's own pointers.
// It is light or dark as its viewer is. loads holds what other members said of
// themselves; who is not in it is drawn as unknown.
func Draw(w io.Writer, s node.Status, loads map[keyspace.ID]Load) error {
	var b strings.Builder
	members := places(s, loads)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%g %g %g %g" role="img" aria-labelledby="t d" class="picture alone">`+"\n", -viewWidth/2, -viewHeight/2, viewWidth, viewHeight)
	fmt.Fprintf(&b, "<title id=\"t\">Ring %s</title>\n<desc id=\"d\">%s</desc>\n", escape(s.Ring), escape(strings.Join(describe(members), ", ")))
	fmt.Fprintf(&b, "<style>%s</style>\n", pictureStyle)
	fmt.Fprintf(&b, `<circle class="circle" r="%g"/>`+"\n", radius)
	drawArcs(&b, members)
	for _, l := range links(s.View) {
		fmt.Fprintf(&b, `<path class="link %s" d="%s"/>`+"\n", l.Kind, l.Path)
	}
	drawMembers(&b, members)
	drawMiddle(&b, s.Ring, members)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// drawArcs draws the arcs of one level as one path: a ring of thousands is a few
// paths.
func drawArcs(b *strings.Builder, members []Member) {
	var paths [6]strings.Builder
	for _, m := range members {
		paths[m.Level].WriteString(m.Arc)
	}
	for l := range paths {
		if paths[l].Len() > 0 {
			fmt.Fprintf(b, `<path class="arc level%d" d="%s"/>`+"\n", l, paths[l].String())
		}
	}
}

// drawMembers draws a sign for each member, those that are not well over the
// others, and the labels. Where there are many, who is well is a tick.
func drawMembers(b *strings.Builder, members []Member) {
	many := len(members) > maxSigns
	if many {
		fmt.Fprintf(b, `<path class="ticks" d="%s"/>`+"\n", ticks(members))
	}
	for rank := 2; rank >= 0; rank-- {
		for _, m := range members {
			if labelRank(m) == rank && !(many && rank == 2) {
				fmt.Fprintf(b, `<path class="sign %s%s" transform="translate(%v)%s" d="%s"><title>%s</title></path>`+"\n",
					m.how(), selfClass(m), m.Point, scale(many), signs[m.how()], escape(m.Name+", "+m.how()))
			}
		}
	}
	for _, m := range members {
		if l := m.Label; l != nil {
			fmt.Fprintf(b, `<text class="label%s" x="%g" y="%g" text-anchor=%q>%s</text>`+"\n", selfClass(m), l.X, l.Y, l.Anchor, escape(l.Text))
		}
	}
}

// ticks returns the path of the marks of those that are well.
func ticks(members []Member) string {
	var b strings.Builder
	for _, m := range members {
		if labelRank(m) == 2 {
			fmt.Fprintf(&b, "M%vL%v", at(m.Angle, radius-5), at(m.Angle, radius+5))
		}
	}
	return b.String()
}

// scale makes signs smaller where there are many.
func scale(many bool) string {
	if many {
		return " scale(.7)"
	}
	return ""
}

func selfClass(m Member) string {
	if m.Self {
		return " self"
	}
	return ""
}

// maxSigns is for how many members each has a sign of its own; with more, those
// that are well are ticks.
const maxSigns = 96

// signs are the shapes of the states, for those who tell colours apart and those
// who do not.
var signs = map[string]string{
	"alive":   "M-11 0A11 11 0 1 1 11 0A11 11 0 1 1-11 0Z",
	"leaving": "M-12-10L13 0L-12 10Z",
	"joining": "M-11 0A11 11 0 1 1 11 0A11 11 0 1 1-11 0ZM-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z",
	"suspect": "M0-14L14 0L0 14L-14 0Z",
	"down":    "M-12-8L-8-12L0-4L8-12L12-8L4 0L12 8L8 12L0 4L-8 12L-12 8L-4 0Z",
}

// drawMiddle writes what is to be known first into the middle.
func drawMiddle(b *strings.Builder, ring string, members []Member) {
	lines := describe(members)
	fmt.Fprintf(b, `<text class="middle" y="%gem" text-anchor="middle"><tspan class="name">%s</tspan>`, -0.65*float64(len(lines)), escape(shorten(ring)))
	for _, line := range lines {
		fmt.Fprintf(b, `<tspan x="0" dy="1.3em">%s</tspan>`, escape(line))
	}
	b.WriteString("</text>\n")
}

// how is the state in the words of the picture: who is alive and holds nothing yet
// is joining.
func (m Member) how() string {
	if m.State == "alive" && !m.Serving {
		return "joining"
	}
	return m.State
}

// describe says in words how many members there are, and how.
func describe(members []Member) []string {
	count := map[string]int{}
	for _, m := range members {
		count[m.how()]++
	}
	parts := []string{plural(len(members), "member")}
	for _, state := range []string{"joining", "leaving", "suspect", "down"} {
		if count[state] > 0 {
			parts = append(parts, number(count[state])+" "+state)
		}
	}
	if len(parts) == 1 && len(members) > 0 {
		parts = append(parts, "all alive")
	}
	return parts
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder's writes do not fail
	return b.String()
}
