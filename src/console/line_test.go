package console

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string // parameters as they are, quoted words behind a +
		err  error
	}{
		{"", nil, nil},
		{" \t ", nil, nil},
		{"# insertN 'open", nil, nil},
		{"a #b", []string{"a", "#b"}, nil},
		{"insertN  -key k\t-value v", []string{"insertN", "-key", "k", "-value", "v"}, nil},
		{`'-key' "-key" \-key`, []string{"+-key", "+-key", "+-key"}, nil},
		{`a'b c'"d e"\ f`, []string{"ab cd e f"}, nil},
		{`'' ""`, []string{"+", "+"}, nil},
		{`'a\b"c'`, []string{`+a\b"c`}, nil},
		{`"\x41\n\t\r\\\""`, []string{"+A\n\t\r\\\""}, nil},
		{`"\xfF"`, []string{"+\xff"}, nil},
		{`\ключ`, []string{"+ключ"}, nil},
		{"a\u00a0b", []string{"a", "b"}, nil},
		{`'a`, nil, errUnbalanced},
		{`"a`, nil, errUnbalanced},
		{`"a\`, nil, errUnbalanced},
		{`"a\"`, nil, errUnbalanced},
		{`a\`, nil, errDangling},
		{`"\q"`, nil, errEscape},
		{`"\x"`, nil, errEscape},
		{`"\x4"`, nil, errEscape},
		{`"\x+1"`, nil, errEscape},
	} {
		words, err := split(c.line)
		var got []string
		for _, w := range words {
			if w.quoted {
				w.text = "+" + w.text
			}
			got = append(got, w.text)
		}
		if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
			t.Errorf("split(%q) = %q, %v, want %q, %v", c.line, got, err, c.want, c.err)
		}
	}
}

func TestWordNames(t *testing.T) {
	for text, want := range map[string]string{"-key": "key", "-h": "h", "--x": "-x", "-": "", "": "", "key": "", "-1": "", "-1a": ""} {
		if got, ok := (word{text: text}).name(); got != want || ok != (want != "") {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
		if _, ok := (word{text: text, quoted: true}).name(); ok {
			t.Errorf("%q names a parameter although it is quoted", text)
		}
	}
}

// What is shown can be typed again, alone or in a list, and steers no terminal.
func checkShow(t interface{ Fatalf(string, ...any) }, text []byte) {
	shown := show(text)
	for _, r := range shown {
		if !unicode.IsPrint(r) {
			t.Fatalf("%q is shown as %q, with %q in it", text, shown, r)
		}
	}
	if !strings.HasPrefix(shown, `"`) {
		if shown != string(text) || strings.Contains(shown, ",") {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		return
	}
	words, err := split("x " + shown)
	if err != nil || len(words) != 2 || words[1].text != string(text) || !words[1].quoted {
		t.Fatalf("%q is shown as %s, which reads as %v, %v", text, shown, words, err)
	}
}

func TestShowIsTheInverseOfSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkShow(t, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		checkShow(t, []byte(rapid.String().Draw(t, "text")))
	})
}

func TestShow(t *testing.T) {
	for text, want := range map[string]string{
		"v1": "v1", "two words": "two words", "it's": "it's", "значение": "значение",
		"": `""`, " v": `" v"`, "v ": `"v "`, "a,b": `"a,b"`, `a\b`: `"a\\b"`, `"`: `"\""`,
		"\x1b[2J": `"\x1b[2J"`, "\xff": `"\xff"`, "\u202e": `"\xe2\x80\xae"`,
	} {
		if got := show([]byte(text)); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
}

// No line brings the parser down, and what it takes for a command is bound or
// refused with a message.
func FuzzLine(f *testing.F) {
	for _, c := range Commands() {
		f.Add(c.Example)
		f.Add(c.Name + " -x y -x")
	}
	for _, line := range []string{`insertN -key "\x00" -value 'a b`, `help a b`, `create -names a_`, "wait -millis -1", `\`, `"\x`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		checkShow(t, []byte(line))
		words, err := split(line)
		if err != nil || len(words) == 0 {
			return
		}
		c, ok := lookup(words[0].text)
		if !ok {
			suggest(words[0].text)
			return
		}
		a, err := c.bind(words[1:])
		if (a == nil) == (err == nil) {
			t.Fatalf("%q binds to %v with error %v", line, a, err)
		}
		for name := range a {
			if _, ok := c.param(name); !ok {
				t.Fatalf("%q binds the unknown parameter %q", line, name)
			}
		}
	})
}
