package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chord/client"
	"chord/member"
)

// Frame returns the lines of the screen, as many as it has at most, each no wider
// than it is.
func (t *Top) Frame(s Style, now time.Time) []string {
	if t.help {
		return s.fill(t.helpText(s))
	}
	head := t.head(s, now)
	lines := append(head, "")
	notes := t.notes(s, now)
	room := max(1, s.Height-len(head)-len(notes)-3) // a line above, the titles, the keys
	lines = append(lines, t.rows(s, room)...)
	lines = append(lines, notes...)
	for len(lines) < s.Height-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:min(len(lines), max(0, s.Height-1))], t.foot(s))
	return s.fill(lines)
}

// fill cuts what is too much for the screen.
func (s Style) fill(lines []string) []string { return lines[:min(len(lines), s.Height)] }

// head says how the ring is, and what it does as a whole.
func (t *Top) head(s Style, now time.Time) []string {
	sum, keys, bytes := rate{}, uint64(0), uint64(0)
	for _, m := range t.survey.Members {
		sum = sum.plus(t.rates[m.ID])
		if m.Status != nil {
			keys, bytes = keys+m.Status.Store.Keys, bytes+m.Status.Store.ValueBytes
		}
	}
	asked := t.survey.Asked
	doing := fmt.Sprintf("reads %s/s  writes %s/s  failed %s/s  latency %s", sum.text(sum.reads), sum.text(sum.writes), sum.text(sum.failed), latency(sum.took, sum.ops))
	holds := fmt.Sprintf("copies of keys %s, %s of values; %s", number(keys), size(bytes), quorumText(asked.Quorums, asked.Members))
	bars := t.history[max(0, len(t.history)-max(0, min(longestHistory, s.Width-26))):]
	return []string{
		t.title(s, now),
		s.paint(plain, s.cut(doing, s.Width)),
		s.paint(dim, s.cut(holds, s.Width)),
		s.paint(dim, "losses ") + s.paint(marginColour(asked.Margin), s.cut(marginText(asked.Margin), s.Width-7)),
		s.bars(bars),
	}
}

// bars shows how busy the ring was lately.
func (s Style) bars(operations []float64) string {
	if len(operations) == 0 {
		return ""
	}
	text := s.cut(fmt.Sprintf("  up to %.0f operations/s", slices.Max(operations)), max(0, s.Width-len(operations)))
	return s.paint(cyan, s.spark(operations)) + s.paint(dim, text)
}

// title is the first line: the ring on the left, the time on the right.
func (t *Top) title(s Style, now time.Time) string {
	right := now.Format("15:04:05")
	switch {
	case t.err != nil:
		right = "no answer since " + t.at.Format("15:04:05")
		if t.at.IsZero() {
			right = "no answer yet"
		}
	case t.paused:
		right = "paused at " + t.at.Format("15:04:05")
	}
	right = s.cut(right, max(0, s.Width-1))
	name := s.cut("chord top  "+clean(t.survey.Asked.Ring), max(0, s.Width-cells(right)-2))
	middle := s.cut("  "+memberText(t.survey.Asked.Members), max(0, s.Width-cells(name)-cells(right)-1))
	space := max(1, s.Width-cells(name)-cells(middle)-cells(right))
	colour := dim
	if t.err != nil {
		colour = red
	}
	return s.paint(bold, name) + middle + strings.Repeat(" ", space) + s.paint(colour, right)
}

// text writes a number a second, once two samples are there to tell it from.
func (r rate) text(n float64) string {
	switch {
	case !r.known:
		return "-"
	case n > 0 && n < 10:
		return fmt.Sprintf("%.1f", n)
	}
	return number(uint64(n + 0.5))
}

// rows is the table of the members, of which as many are shown as there is room
// for.
func (t *Top) rows(s Style, room int) []string {
	columns := []column{{}, {title: "NAME", least: 6}, {title: "STATE"}, {title: "READS/S", right: true}, {title: "WRITES/S", right: true}, {title: "FAILED/S", right: true},
		{title: "LATENCY", right: true}, {title: "KEYS", right: true}, {title: "VALUES", right: true}}
	wide := s.Width >= 96
	if wide {
		columns = append(columns, column{title: "ARC"}, column{title: "ADDRESS", least: 9})
	}
	members := t.sorted()
	t.skip = max(0, min(t.skip, len(members)-room))
	var rows [][]cell
	for _, m := range members {
		row := t.row(s, m)
		if wide {
			_, colour, _ := s.state(m)
			row = append(row, s.arc(m, colour, min(24, s.Width-84)), cell{clean(m.Addr), dim})
		}
		rows = append(rows, row)
	}
	lines := s.table(columns, rows)
	return append(lines[:1:1], lines[1+t.skip:min(len(lines), 1+t.skip+room)]...)
}

func (t *Top) row(s Style, m client.Surveyed) []cell {
	word, colour, sign := s.state(m)
	r := t.rates[m.ID]
	failed := dim
	if r.failed > 0 {
		failed = red
	}
	row := []cell{{sign, colour}, {clean(m.Name), s.self(m, t.survey.Asked)}, {word, colour},
		{r.text(r.reads), plain}, {r.text(r.writes), plain}, {r.text(r.failed), failed}, {latency(r.took, r.ops), plain}}
	if m.Status == nil {
		return append(row, cell{"?", dim}, cell{"?", dim})
	}
	return append(row, cell{number(m.Status.Store.Keys), plain}, cell{size(m.Status.Store.ValueBytes), plain})
}

// mostNotes is how many lines of what wants attention are shown.
const mostNotes = 6

func (t *Top) notes(s Style, now time.Time) (lines []string) {
	if t.err != nil {
		lines = []string{"", s.paint(red, s.cut(clean(t.err.Error()), s.Width))}
	}
	lines = append(lines, s.attention(t.survey, now)...)
	if most := min(mostNotes, s.Height/3); len(lines) > most && most > 1 {
		more := len(lines) - most + 1
		lines = append(lines[:most-1], s.paint(dim, s.cut(fmt.Sprintf("  and %d more", more), s.Width)))
	}
	return lines
}

func (t *Top) foot(s Style) string {
	turn := ""
	if t.reverse {
		turn = ", reversed"
	}
	hidden := ""
	if n := len(t.survey.Members); n > 0 && t.skip > 0 {
		hidden = fmt.Sprintf("  from %d of %d", t.skip+1, n)
	}
	text := fmt.Sprintf(" q quit  s sort by %s%s  r reverse  p pause  ? help%s ", orderNames[t.order], turn, hidden)
	return s.paint(turned, pad(s.cut(text, s.Width), s.Width, false))
}

func (t *Top) helpText(s Style) []string {
	lines := []string{
		"chord top", "",
		"q, Ctrl-C    quit",
		"s, S         sort by the next thing, the one before",
		"r            reverse the order",
		"p, space     pause, go on",
		"arrows, j k  scroll; Page Up and Down by ten, g to the top",
		"?            this text, and back", "",
		"Rates are of operations that clients asked a node for, whoever carried them out: means of the time between two looks (" + t.every.String() +
			"). Latency is the mean of what ended in it. Keys and values are those of the copies that a node has.", "",
		"States: " + member.Alive.String() + ", joining, " + member.Suspect.String() + " (does not answer others), " + member.Down.String() + ", " + member.Leaving.String() + ", " + member.Left.String() + ".",
	}
	var shown []string
	for _, l := range lines {
		shown = append(shown, s.wrap(l, s.Width)...)
	}
	return shown
}
