package gateway

import "bytes"

// isHTTP reports whether a line begins as in HTTP. A page in a browser may send a
// request to any port of its machine: what follows, in the body, are not commands
// of anybody who may give them.
func isHTTP(word []byte) bool {
	return bytes.EqualFold(word, []byte("POST")) || bytes.EqualFold(word, []byte("Host:"))
}

// splitInline cuts a line that somebody typed into arguments: words, or texts in
// quotes without escapes. Spans count from the beginning of the line.
func splitInline(line []byte) (spans []span, err error) {
	for i := 0; i < len(line); {
		switch c := line[i]; c {
		case ' ', '\t', '\r':
			i++
		case '"', '\'':
			end := i + 1
			for end < len(line) && line[end] != c {
				end++
			}
			if end == len(line) || end+1 < len(line) && line[end+1] != ' ' && line[end+1] != '\t' {
				return nil, malformed("unbalanced quotes in request")
			}
			spans = append(spans, span{i + 1, end})
			i = end + 1
		default:
			end := i
			for end < len(line) && line[end] != ' ' && line[end] != '\t' && line[end] != '\r' {
				end++
			}
			spans = append(spans, span{i, end})
			i = end
		}
	}
	return spans, nil
}
