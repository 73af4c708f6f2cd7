package app

import (
	"fmt"
	"strings"
)

// Problem is something wrong with an option, and its remedy.
type Problem struct {
	Option string `json:"option"` // name of the option, or empty where it is about the file
	Where  string `json:"where"`  // flag, variable or file that says it
	Text   string `json:"problem"`
	Remedy string `json:"hint"`
}

// problem is a Problem of which the caller fills in whose it is.
func problem(text, hint string) *Problem { return &Problem{Text: text, Remedy: hint} }

// Error returns where the problem is and what it is.
func (p *Problem) Error() string {
	switch {
	case p.Where != "":
		return p.Where + ": " + p.Text
	case p.Option != "":
		return p.Option + ": " + p.Text
	}
	return p.Text
}

// Hint returns the remedy.
func (p *Problem) Hint() string { return p.Remedy }

// Problems is all that is wrong with a set of options. It is never empty.
type Problems []*Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// nearest returns a hint with the name that looks most like the given one.
func nearest(name string, names []string) string {
	best, least := "", 3 // more than two changes are another word
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return "the known options are listed by `chord options`"
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance counts the insertions, deletions and changes of a byte that make b
// out of a (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
