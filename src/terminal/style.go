package terminal

import (
	"cmp"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Style says what can be shown.
type Style struct {
	Colour  bool
	Unicode bool // bars and signs beyond ASCII
	// Width and Height are in cells; zero: there is no end, for it is no terminal.
	Width, Height int
}

// StyleOf returns the style of who reads w, by the environment that getenv knows.
// NO_COLOR (https://no-color.org) and the terminal "dumb" have no colours.
func StyleOf(w io.Writer, getenv func(string) string) Style {
	locale := strings.ToUpper(cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")))
	s := Style{Unicode: strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8")}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.Colour = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	s.Width, s.Height, _ = term.GetSize(int(f.Fd()))
	if s.Width <= 0 {
		s.Width, s.Height = 80, 24
	}
	return s
}

// The colours, as SGR codes.
const (
	plain  = ""
	bold   = "1"
	dim    = "2"
	red    = "31;1"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	turned = "7"
)

func (s Style) paint(colour, text string) string {
	if !s.Colour || colour == plain || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// or returns the first where Unicode can be shown, else the second.
func (s Style) or(unicode, ascii string) string {
	if s.Unicode {
		return unicode
	}
	return ascii
}
