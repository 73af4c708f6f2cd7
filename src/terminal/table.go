package terminal

import "strings"

// column is a column of a table.
type column struct {
	title string
	right bool
	least int // cells that it may be shrunk to where there is no room; 0: it is not
}

// cell is a text in a table, free of control characters, and its colour.
type cell struct{ text, colour string }

// table lays rows out under their titles, two cells apart. Where they do not fit it
// shrinks the columns that may be, the widest first, and leaves out the last ones if
// that is not enough. The first row returned holds the titles.
func (s Style) table(columns []column, rows [][]cell) []string {
	widths := s.fit(columns, rows)
	title := make([]cell, len(columns))
	for i, c := range columns {
		title[i] = cell{c.title, dim}
	}
	lines := []string{s.row(columns, widths, title)}
	for _, r := range rows {
		lines = append(lines, s.row(columns, widths, r))
	}
	return lines
}

// gap is what stands between two columns.
const gap = "  "

func (s Style) fit(columns []column, rows [][]cell) []int {
	widths := natural(columns, rows)
	for s.Width > 0 && across(widths) > s.Width {
		widest := -1
		for i, c := range columns[:len(widths)] {
			if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		switch {
		case widest >= 0:
			widths[widest]--
		case len(widths) > 1:
			widths = widths[:len(widths)-1]
		default:
			widths[0] = s.Width
		}
	}
	return widths
}

// natural returns how wide columns are where there is room.
func natural(columns []column, rows [][]cell) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = cells(c.title)
		for _, r := range rows {
			widths[i] = max(widths[i], cells(r[i].text))
		}
	}
	return widths
}

// across is how wide a line of such columns is.
func across(widths []int) int {
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total
}

func (s Style) row(columns []column, widths []int, r []cell) string {
	var b strings.Builder
	for i, w := range widths {
		text := pad(s.cut(r[i].text, w), w, columns[i].right)
		if i == len(widths)-1 {
			text = strings.TrimRight(text, " ")
		} else {
			text += gap
		}
		b.WriteString(s.paint(r[i].colour, text))
	}
	if s.Width == 0 {
		return strings.TrimRight(b.String(), " ")
	}
	return b.String()
}
