package terminal

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"chord/client"
	"chord/member"
	"chord/node"
)

var screens = map[string]Style{
	"80":    {Unicode: true, Width: 80, Height: 24},
	"140":   {Unicode: true, Width: 140, Height: 40},
	"40":    {Width: 40, Height: 10},
	"color": {Unicode: true, Colour: true, Width: 80, Height: 24},
	"plain": {},
}

// What rings of four and of nine look like, the nine with all kinds of trouble.
func TestRing(t *testing.T) {
	for name, style := range screens {
		for which, n := range map[string]int{"four": 4, "nine": 9} {
			var b strings.Builder
			if err := Ring(&b, style, survey(n, 0), noon); err != nil {
				t.Error(err)
			}
			golden(t, "ring-"+which+"-"+name+".txt", b.String())
			fits(t, name, style, b.String())
		}
	}
}

func TestStatus(t *testing.T) {
	for name, style := range screens {
		var b strings.Builder
		if err := Status(&b, style, status(), noon); err != nil {
			t.Error(err)
		}
		golden(t, "status-"+name+".txt", b.String())
	}
}

var sequences = regexp.MustCompile("\x1b\\[[0-9;]*m")

// fits fails where a line is wider than the screen, or would move the cursor. (The
// two lines below the table may: they are whole sentences.)
func fits(t *testing.T, name string, s Style, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(sequences.ReplaceAllString(line, ""), "\n")
		if clean(line) != line {
			t.Errorf("%s: a line has control characters: %q", name, line)
		}
		if s.Width > 0 && cells(line) > s.Width && !strings.HasPrefix(line, "quorums") && !strings.HasPrefix(line, "losses") {
			t.Errorf("%s: a line has %d cells: %q", name, cells(line), line)
		}
	}
}

// Sixty nodes, of any width of screen.
func TestManyNodesOnAnyScreen(t *testing.T) {
	for width := 4; width < 200; width += 19 {
		for _, unicode := range []bool{true, false} {
			s := Style{Unicode: unicode, Colour: unicode, Width: width, Height: 24}
			var b strings.Builder
			if err := Ring(&b, s, survey(60, 0), noon); err != nil {
				t.Error(err)
			}
			fits(t, "ring", s, b.String())
			if strings.Count(b.String(), "\n") < 60 {
				t.Error("nodes are missing")
			}
			top := NewTop(time.Second)
			top.Feed(survey(60, 0), nil, noon)
			for _, height := range []int{0, 1, 2, 3, 5, 9, 24, 80} {
				s.Height = height
				lines := top.Frame(s, noon)
				if len(lines) > height {
					t.Errorf("%d lines on a screen of %d", len(lines), height)
				}
				fits(t, "top", s, strings.Join(lines, "\n"))
			}
		}
	}
}

// The arcs of a ring make up the circle, each with a part of its own.
func TestStrip(t *testing.T) {
	s := Style{}
	for _, c := range []struct {
		from, to float64
		want     string
	}{
		{0, 0.5, "####...."}, {0.5, 1, "....####"}, {0.75, 0.25, "##....##"}, {0.3, 0.3, "########"}, {0.5, 0.5001, "....#..."}, {0.999, 1, ".......#"},
	} {
		if got := s.strip(c.from, c.to, 8); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestState(t *testing.T) {
	for want, m := range map[string]client.Surveyed{
		"alive":   {Member: member.Member{Serving: true}, Status: &node.Status{}},
		"joining": {Member: member.Member{}},
		"down":    {Member: member.Member{State: member.Down}},
		"left":    {Member: member.Member{State: member.Left}},
	} {
		if got, _, _ := (Style{}).state(m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestStyleOfNoTerminal(t *testing.T) {
	env := map[string]string{"LANG": "de_DE.utf8", "TERM": "xterm"}
	if got := StyleOf(&strings.Builder{}, func(k string) string { return env[k] }); got != (Style{Unicode: true}) {
		t.Errorf("%+v", got)
	}
	env["LC_ALL"] = "C"
	if got := StyleOf(&strings.Builder{}, func(k string) string { return env[k] }); got != (Style{}) {
		t.Errorf("%+v", got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1 000", 1234567: "1 234 567"} {
		if got := number(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 KiB", 1 << 20: "1.0 MiB", 150 << 20: "150 MiB", 1 << 63: "8.0 EiB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func TestSecurityText(t *testing.T) {
	for want, s := range map[string]node.Security{
		"off: nothing":             {},
		"prefer, until 2030-04-12": {Mode: "prefer", Expires: noon.Add(100 * 24 * time.Hour)},
		"require, EXPIRED 2030-01-02 11:00; 1 200 connections or requests refused": {Mode: "require", Expires: noon.Add(-time.Hour), Refused: 1200},
	} {
		if got := securityText(s, noon); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
