package gateway

// maxPattern bounds what a pattern may cost.
const maxPattern = 1 << 10

// matches reports whether a pattern of SCAN's MATCH fits all of s: * any bytes, ?
// one, [a-z] and [^a-z] one of a class, \ takes the next as it is. It takes time
// in proportion to the lengths multiplied, whatever the pattern.
func matches(pattern, s []byte) bool {
	star, again := -1, 0 // where to go on when what follows the last * does not fit
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, again = p, i
			p++
			continue
		}
		if p < len(pattern) {
			if next, ok := matchOne(pattern, p, s[i]); ok {
				p, i = next, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		again++
		p, i = star+1, again
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne compares one byte with what stands at p, and returns what follows.
func matchOne(pattern []byte, p int, c byte) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, pattern[p] == c
}

// matchClass reads a class up to its ], or to the end where there is none.
func matchClass(pattern []byte, p int, c byte) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		if pattern[p] == '\\' && p+1 < len(pattern) {
			p++
		}
		low, high := pattern[p], pattern[p]
		if p+2 < len(pattern) && pattern[p+1] == '-' && pattern[p+2] != ']' {
			high = pattern[p+2]
			p += 2
		}
		if low > high {
			low, high = high, low
		}
		ok = ok || low <= c && c <= high
	}
	return min(p+1, len(pattern)), ok != not
}
