package terminal

import "strings"

// strip draws the circle as a line of n cells, with the piece from one point to
// another on it, clockwise; both are parts of the circle. Where they are equal it
// is the whole.
func (s Style) strip(from, to float64, n int) string {
	halves := make([]bool, 2*n)
	mark := func(from, to float64) {
		first := min(int(from*float64(2*n)), 2*n-1)
		last := max(first, min(int(to*float64(2*n)+0.5)-1, 2*n-1)) // a small piece is seen, too
		for i := first; i <= last; i++ {
			halves[i] = true
		}
	}
	if from < to {
		mark(from, to)
	} else {
		mark(from, 1)
		mark(0, to)
	}
	var b strings.Builder
	for i := range n {
		switch left, right := halves[2*i], halves[2*i+1]; {
		case left && right:
			b.WriteString(s.or("█", "#"))
		case left:
			b.WriteString(s.or("▌", "#"))
		case right:
			b.WriteString(s.or("▐", "#"))
		default:
			b.WriteString(s.or("·", "."))
		}
	}
	return b.String()
}

// gauge draws a part of one as a bar of n cells.
func (s Style) gauge(part float64, n int) string {
	eighths := int(max(0, min(part, 1)) * float64(8*n))
	full, rest := eighths/8, eighths%8
	if !s.Unicode {
		return "[" + strings.Repeat("#", full) + strings.Repeat(".", n-full) + "]"
	}
	b := strings.Repeat("█", full)
	if rest > 0 {
		b += string([]rune("▏▎▍▌▋▊▉")[rest-1])
		full++
	}
	return b + strings.Repeat("░", n-full)
}

// spark draws numbers as a line of small bars, the largest as high as a line is.
func (s Style) spark(numbers []float64) string {
	most := 0.0
	for _, n := range numbers {
		most = max(most, n)
	}
	levels := []rune(s.or("▁▂▃▄▅▆▇█", "_.-:=+*#"))
	var b strings.Builder
	for _, n := range numbers {
		level := 0
		if most > 0 {
			level = min(int(n/most*float64(len(levels))), len(levels)-1)
		}
		b.WriteRune(levels[level])
	}
	return b.String()
}
