package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/term"
)

// editor reads lines from a terminal, with x/term's line editing. The terminal
// is in raw mode only while a line is typed, so that Ctrl-C is a signal while a
// command runs, and output needs no care.
type editor struct {
	s       *Shell
	history *history
	t       *term.Terminal
	fd      int                        // of the terminal; -1 in tests without one
	cooked  atomic.Pointer[term.State] // to go back to; nil while not raw
	search  search
}

// search is where Ctrl-R stands: pressed again it goes on to older lines.
type search struct {
	start, found string
	at           int
}

// newEditor takes the terminal that the shell's input is.
func newEditor(s *Shell) *editor {
	e := &editor{s: s, history: loadHistory(s.o.History), fd: -1}
	if f, ok := s.o.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		e.fd = int(f.Fd())
	}
	e.reset()
	return e
}

// reset forgets the line that is being typed.
func (e *editor) reset() {
	e.t = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{in: e.s.o.In}, e.s.o.Out}, "")
	e.t.History = e.history
	e.t.AutoCompleteCallback = e.key
}

// read returns a typed line. The width of the terminal is that at its first key.
func (e *editor) read(prompt string) (string, error) {
	if e.fd >= 0 {
		cooked, err := term.MakeRaw(e.fd)
		if err != nil {
			return "", fmt.Errorf("terminal: %w", err)
		}
		e.cooked.Store(cooked)
		defer e.restore()
		if width, height, err := term.GetSize(e.fd); err == nil && width > 0 {
			e.t.SetSize(width, height)
		}
	}
	e.t.SetPrompt(prompt)
	line, err := e.t.ReadLine()
	switch {
	case errors.Is(err, errInterrupted):
		fmt.Fprint(e.s.o.Out, "^C\r\n")
		e.reset()
	case errors.Is(err, io.EOF):
		fmt.Fprint(e.s.o.Out, "\r\n")
	}
	return line, err
}

// restore ends raw mode, if it is on.
func (e *editor) restore() {
	if cooked := e.cooked.Swap(nil); cooked != nil {
		term.Restore(e.fd, cooked)
	}
}

// close is called while a line is typed where the context ended.
func (e *editor) close() error {
	e.restore()
	if e.history.err != nil {
		return fmt.Errorf("history: %w", e.history.err)
	}
	return nil
}

// keys is the keyboard. Ctrl-C becomes an error of its own, since x/term takes
// it for the end of input; what was typed behind it is dropped.
type keys struct {
	in      io.Reader
	pending error
}

func (k *keys) Read(p []byte) (int, error) {
	if k.pending != nil {
		return 0, k.pending
	}
	if len(p) == 0 { // an endless escape sequence fills x/term's buffer
		return 0, errInterrupted
	}
	n, err := k.in.Read(p)
	if i := bytes.IndexByte(p[:n], 0x03); i >= 0 {
		n, k.pending = i, errInterrupted
		if n == 0 {
			err = errInterrupted
		}
	}
	return n, err
}

// key acts on the keys that x/term leaves to us: Tab and Ctrl-R.
func (e *editor) key(line string, pos int, key rune) (string, int, bool) {
	switch key {
	case '\t':
		return e.tab(line, pos)
	case 'R' - '@':
		return e.back(line, pos)
	}
	return "", 0, false
}

// tab completes the word before the cursor as far as it is certain, and shows
// what it may become where it is not.
func (e *editor) tab(line string, pos int) (string, int, bool) {
	start, choices := e.s.choices(line[:pos])
	if len(choices) == 0 {
		return line, pos, true
	}
	common := choices[0]
	for _, c := range choices {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	if len(choices) == 1 {
		common = strings.TrimSuffix(common, " ") + " "
		if strings.HasSuffix(common, "/ ") {
			common = strings.TrimSuffix(common, " ") // a directory goes on
		}
	} else if start+len(common) == pos {
		fmt.Fprintln(e.t, strings.Join(choices, "  "))
	}
	return line[:start] + common + line[pos:], start + len(common), true
}

// back finds the newest line of the history that begins with what is typed.
func (e *editor) back(line string, _ int) (string, int, bool) {
	if line != e.search.found || e.search.found == "" {
		e.search = search{start: line, at: -1}
	}
	i, ok := e.history.find(e.search.start, e.search.at)
	if !ok {
		return line, len(line), true
	}
	e.search.at, e.search.found = i, e.history.At(i)
	return e.search.found, len(e.search.found), true
}
