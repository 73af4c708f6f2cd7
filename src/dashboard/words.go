package dashboard

import "fmt"

// powers names a run of fingers by the distances that they span.
func powers(from, to int) string {
	if from == to {
		return fmt.Sprintf("2^%d", from)
	}
	return fmt.Sprintf("2^%d to 2^%d", from, to)
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// number writes thousands apart.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
