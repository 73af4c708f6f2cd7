package console

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a piece of a line between blanks.
type word struct {
	text string
	// quoted is set where the first character was quoted: it then never names a
	// parameter, so that keys and values may begin with a dash.
	quoted bool
}

// name returns the parameter that w names: "key" for -key. A negative number
// names none.
func (w word) name() (string, bool) {
	if w.quoted || len(w.text) < 2 || w.text[0] != '-' || w.text[1] >= '0' && w.text[1] <= '9' {
		return "", false
	}
	return w.text[1:], true
}

// Errors of a line that cannot be cut into words.
var (
	errUnbalanced = errors.New("a quote is opened and not closed")
	errDangling   = errors.New("a backslash at the end of the line quotes nothing")
	errEscape     = errors.New(`a backslash between "double quotes" is followed by \ " n r t, or x and two hexadecimal digits`)
)

// split cuts a line into words as a shell does. Nothing has a meaning between
// 'single quotes'; a backslash outside quotes takes the meaning from the next
// character; between "double quotes" it also writes bytes: \n \r \t \x00. A
// line whose first character is # is a comment and has no words.
func split(line string) ([]word, error) {
	var words []word
	for {
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" || len(words) == 0 && line[0] == '#' {
			return words, nil
		}
		w := word{quoted: strings.IndexByte(`'"\`, line[0]) >= 0}
		var err error
		if w.text, line, err = next(line); err != nil {
			return nil, err
		}
		words = append(words, w)
	}
}

// next takes one word off the line, which begins with it.
func next(line string) (text, rest string, err error) {
	var b strings.Builder
	for line != "" {
		r, size := utf8.DecodeRuneInString(line)
		if unicode.IsSpace(r) {
			break
		}
		var piece string
		switch r {
		case '\'':
			piece, line, err = single(line[1:])
		case '"':
			piece, line, err = double(line[1:])
		case '\\':
			if len(line) == 1 {
				return "", "", errDangling
			}
			_, size = utf8.DecodeRuneInString(line[1:])
			piece, line = line[1:1+size], line[1+size:]
		default:
			piece, line = line[:size], line[size:]
		}
		if err != nil {
			return "", "", err
		}
		b.WriteString(piece)
	}
	return b.String(), line, nil
}

// single takes the text up to the closing single quote off the line.
func single(line string) (text, rest string, err error) {
	text, rest, closed := strings.Cut(line, "'")
	if !closed {
		return "", "", errUnbalanced
	}
	return text, rest, nil
}

// escapes are the letters that stand for a byte behind a backslash between
// double quotes, beside \x.
var escapes = map[byte]byte{'\\': '\\', '"': '"', 'n': '\n', 'r': '\r', 't': '\t'}

// double takes the text up to the closing double quote off the line, with its
// escapes resolved. The bytes that \x writes need not be UTF-8.
func double(line string) (text, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			return b.String(), line[i+1:], nil
		case line[i] != '\\':
			b.WriteByte(line[i])
		case i+1 == len(line):
			return "", "", errUnbalanced
		case line[i+1] == 'x':
			n, err := strconv.ParseUint(line[min(i+2, len(line)):min(i+4, len(line))], 16, 8)
			if err != nil || i+4 > len(line) {
				return "", "", errEscape
			}
			b.WriteByte(byte(n))
			i += 3
		default:
			c, ok := escapes[line[i+1]]
			if !ok {
				return "", "", errEscape
			}
			b.WriteByte(c)
			i++
		}
	}
	return "", "", errUnbalanced
}

// show returns text for the terminal: as it is where it is printable and could
// not be taken for something else in a list, else between double quotes, from
// which [split] reads the same bytes.
func show(text []byte) string {
	plain := len(text) > 0 && text[0] != ' ' && text[len(text)-1] != ' '
	var b strings.Builder
	for s := text; len(s) > 0; {
		r, size := utf8.DecodeRune(s)
		switch {
		case r == '\\' || r == '"':
			plain = false
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r):
			plain = false
			for _, c := range s[:size] {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			plain = plain && r != ','
			b.WriteRune(r)
		}
		s = s[size:]
	}
	if plain {
		return string(text)
	}
	return `"` + b.String() + `"`
}
