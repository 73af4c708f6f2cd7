package sim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table is figures for people to read.
type Table struct {
	Title   string
	Columns []string
	Rows    [][]string
	// Notes say how to read it, and where the papers' figures come from.
	Notes []string
}

// String returns the table with aligned columns, each line with its newline.
func (t Table) String() string {
	width := make([]int, len(t.Columns))
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintln(&b, t.Title)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		line := ""
		for i, cell := range row {
			line += strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2) + cell
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	return b.String()
}

// Tables returns the tables of all experiments that were made.
func (r Report) Tables() (all []Table) {
	for _, e := range r.experiments() {
		for _, t := range e.tables() {
			if len(t.Rows) > 0 {
				all = append(all, t)
			}
		}
	}
	return all
}

// String returns all tables as text.
func (r Report) String() string {
	var parts []string
	for _, t := range r.Tables() {
		parts = append(parts, t.String())
	}
	return strings.Join(parts, "\n")
}

// num prints a figure with so many digits behind the point.
func num(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

// known prints a figure of a paper, and a dash where it has none.
func known(f *float64, digits int) string {
	if f == nil {
		return "–"
	}
	return num(*f, digits)
}

// spread prints a mean with the 1st and 99th percentile, as the papers do.
func spread(s Summary, digits int) string {
	return fmt.Sprintf("%s (%s, %s)", num(s.Mean, digits), num(s.P1, 0), num(s.P99, 0))
}

func percent(share float64) string { return num(100*share, 0) + " %" }
