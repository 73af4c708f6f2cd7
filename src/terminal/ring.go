package terminal

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"chord/client"
	"chord/member"
	"chord/node"
)

// Ring writes what the members of a ring say of themselves: a line for each, in
// the order of their places, then what wants attention, and how many of them may
// be lost.
func Ring(w io.Writer, s Style, r client.Survey, now time.Time) error {
	b := bufio.NewWriter(w)
	lines := s.plainRing(r)
	if s.Width > 0 {
		lines = s.paintedRing(r)
	}
	for _, line := range lines {
		fmt.Fprintln(b, line)
	}
	if s.Width > 0 {
		for _, line := range s.attention(r, now) {
			fmt.Fprintln(b, line)
		}
	}
	fmt.Fprintf(b, "\n%s  %s\n", s.paint(dim, "quorums"), quorumText(r.Asked.Quorums, r.Asked.Members))
	fmt.Fprintf(b, "%s   %s\n", s.paint(dim, "losses"), s.paint(marginColour(r.Asked.Margin), marginText(r.Asked.Margin)))
	return b.Flush()
}

// plainRing is for tools: all columns, and what went wrong at the end of its line.
func (s Style) plainRing(r client.Survey) []string {
	columns := []column{{title: "PLACE"}, {title: "NAME"}, {title: "ADDRESS"}, {title: "STATE"}, {title: "SHARE"}, {title: "BUCKETS"}, {title: "KEYS"}, {title: "BYTES"}, {}}
	var rows [][]cell
	for _, m := range r.Members {
		buckets, keys, bytes, why := "?", "?", "?", ""
		if st := m.Status; st != nil {
			buckets, keys, bytes = fmt.Sprint(st.Buckets.Held), fmt.Sprint(st.Store.Keys), fmt.Sprint(st.Store.ValueBytes)
		}
		if m.Err != nil {
			why = clean(m.Err.Error())
		}
		rows = append(rows, []cell{
			{text: m.ID.Short()}, {text: clean(m.Name)}, {text: clean(m.Addr)}, {text: m.State.String()},
			{text: fmt.Sprintf("%.1f %%", 100*m.Share)}, {text: buckets}, {text: keys}, {text: bytes}, {text: why},
		})
	}
	return s.table(columns, rows)
}

// Bounds of the line on which arcs are drawn, in cells.
const (
	shortStrip = 8
	longStrip  = 32
)

// paintedRing is for a person: as many columns as there is room for, and the arcs
// as long as that leaves.
func (s Style) paintedRing(r client.Survey) []string {
	columns, rows := s.columns(r, shortStrip)
	widths := natural(columns, rows)
	for i, c := range columns {
		if c.least > 0 { // it gives way
			widths[i] = min(widths[i], 24)
		}
	}
	if room := s.Width - across(widths); room > 0 {
		columns, rows = s.columns(r, min(longStrip, shortStrip+room))
	}
	return append([]string{s.head(r), ""}, s.table(columns, rows)...)
}

func (s Style) columns(r client.Survey, strip int) ([]column, [][]cell) {
	columns := []column{{}, {title: "NAME", least: 6}, {title: "ADDRESS", least: 9}, {title: "STATE"}, {title: "ARC"}, {title: "SHARE", right: true},
		{title: "KEYS", right: true}, {title: "VALUES", right: true}, {title: "PLACE"}, {title: "COPIES", right: true}}
	if s.Width < 100 { // addresses in full are worth more
		columns = columns[:8]
	}
	var rows [][]cell
	for _, m := range r.Members {
		word, colour, sign := s.state(m)
		row := []cell{{sign, colour}, {clean(m.Name), s.self(m, r.Asked)}, {clean(m.Addr), plain}, {word, colour}, s.arc(m, colour, strip)}
		row = append(row, load(m)...)
		rows = append(rows, append(row, cell{m.ID.Short(), dim}, held(m)))
	}
	return columns, rows
}

// head is the first line: which ring, and how many are how.
func (s Style) head(r client.Survey) string {
	text := clean(r.Asked.Ring)
	rest := fmt.Sprintf("  %s", memberText(r.Asked.Members))
	return s.paint(bold, s.cut(text, s.Width)) + s.cut(rest, s.Width-cells(text))
}

// self makes the node that was asked stand out.
func (s Style) self(m client.Surveyed, asked node.Status) string {
	if m.ID == asked.Self.ID {
		return bold
	}
	return plain
}

// arc shows which piece of the circle a member owns. Who is down keeps its own.
func (s Style) arc(m client.Surveyed, colour string, n int) cell {
	if !m.Placed {
		return cell{strings.Repeat(s.or("·", "."), n), dim}
	}
	if colour == green {
		colour = cyan
	}
	return cell{s.strip(m.Arc.Start.Fraction(), m.Arc.End.Fraction(), n), colour}
}

func load(m client.Surveyed) []cell {
	share := "-"
	if m.Placed {
		share = fmt.Sprintf("%.1f %%", 100*m.Share)
	}
	if m.Status == nil {
		return []cell{{share, plain}, {"?", dim}, {"?", dim}}
	}
	return []cell{{share, plain}, {number(m.Status.Store.Keys), plain}, {size(m.Status.Store.ValueBytes), plain}}
}

func held(m client.Surveyed) cell {
	if m.Status == nil {
		return cell{"?", dim}
	}
	return cell{number(uint64(m.Status.Buckets.Held)), plain}
}

// attention says what is not as it should be, a line each.
func (s Style) attention(r client.Survey, now time.Time) (lines []string) {
	for _, m := range r.Members {
		for _, n := range s.troubles(m, now) {
			n.text = s.cut(clean(m.Name)+": "+n.text, s.Width-2)
			lines = append(lines, s.paint(n.colour, s.or("▸ ", "> ")+n.text))
		}
	}
	if len(lines) > 0 {
		lines = append([]string{""}, lines...)
	}
	return lines
}

// troubles of one member.
func (s Style) troubles(m client.Surveyed, now time.Time) (notes []cell) {
	if m.Err != nil && m.State < member.Left {
		notes = append(notes, cell{clean(m.Err.Error()), yellow})
	}
	st := m.Status
	if st == nil {
		return notes
	}
	if b := st.Buckets; b.Wanted > 0 {
		part := float64(b.Held) / float64(b.Held+b.Wanted)
		notes = append(notes, cell{fmt.Sprintf("%s to be filled  %s %.0f %%", number(uint64(b.Wanted)), s.gauge(part, 10), 100*part), cyan})
	}
	if b := st.Buckets; b.Moving > 0 {
		notes = append(notes, cell{number(uint64(b.Moving)) + " copies to be handed over", cyan})
	}
	if st.Ready.IsZero() {
		notes = append(notes, cell{"not ready: " + clean(st.Doing), yellow})
	}
	if text := strings.TrimPrefix(warnings(st.Store), "; "); text != "" {
		notes = append(notes, cell{text, red})
	}
	if colour := securityColour(st.Security, now); colour != plain {
		notes = append(notes, cell{"certificate " + expiryText(st.Security.Expires, now), colour})
	}
	if st.Repair.Damaged > 0 {
		notes = append(notes, cell{fmt.Sprintf("%d buckets had damaged rows: look at the disk", st.Repair.Damaged), red})
	}
	return notes
}
