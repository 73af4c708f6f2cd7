package terminal

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// clean makes text of others fit to be printed.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

func cells(s string) int { return uniseg.StringWidth(s) }

// cut makes text no wider than n cells: its end gives way.
func (s Style) cut(text string, n int) string {
	if cells(text) <= n {
		return text
	}
	mark := s.or("…", "~")
	if n < 1 {
		return ""
	}
	kept, width := 0, 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if width+w > n-1 {
			break
		}
		kept, width = kept+len(cluster), width+w
	}
	return text[:kept] + mark
}

// wrap breaks text between words into lines of n cells, where there is an end of the
// line; a word that is longer stays whole.
func (s Style) wrap(text string, n int) (lines []string) {
	if s.Width == 0 || cells(text) <= n {
		return []string{text}
	}
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		if line != "" && cells(line)+1+cells(word) > n {
			lines, line = append(lines, line), word
			continue
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// pad fills text up to n cells.
func pad(text string, n int, right bool) string {
	space := strings.Repeat(" ", max(0, n-cells(text)))
	if right {
		return space + text
	}
	return text + space
}

// number writes n with a space between its thousands.
func number(n uint64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

// size writes a number of bytes in the unit that leaves a readable number.
func size(n uint64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, units[i])
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
