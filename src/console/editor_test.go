package console

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// Keys of the tests below.
const (
	enter = "\r"
	tab   = "\t"
	up    = "\x1b[A"
	ctrlC = "\x03"
	ctrlD = "\x04"
	ctrlR = "\x12"
)

// typeKeys feeds keys to a shell on a terminal and returns the lines that came
// of them, as its history has them, and what stood on the screen.
func typeKeys(t *testing.T, keys string) (lines []string, screen string) {
	t.Helper()
	t.Setenv("TERM", "xterm")
	path := filepath.Join(t.TempDir(), "state", "history")
	var out strings.Builder
	net := &fakeNet{}
	s := New(Options{
		In: iotest.OneByteReader(strings.NewReader(keys)), Out: &out,
		Terminal: true, History: path, Remote: net, Local: net,
	})
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return loadHistory(path).lines, out.String()
}

func TestKeys(t *testing.T) {
	const nodes = "create -names a_bb_bc" + enter
	for _, c := range []struct{ name, keys, want string }{
		{"a command", "joi" + tab + enter, "joinN"},
		{"common letters of commands", "ins" + tab + "N" + enter, "insertN"},
		{"no such command", "xyz" + tab + enter, "xyz"},
		{"parameters", "insertN -k" + tab + "k -" + tab + "v" + enter, "insertN -key k -value v"},
		{"the only parameter", "retrieveN " + tab + "k" + enter, "retrieveN -key k"},
		{"parameters not given twice", "retrieveN -key k -" + tab + enter, "retrieveN -key k -"},
		{"no keys", "retrieveN -key " + tab + "k" + enter, "retrieveN -key k"},
		{"a node", nodes + "refs -node b" + tab + "b" + enter, "refs -node bb"},
		{"nodes", nodes + "crash -names a_bb_b" + tab + "c" + tab + enter, "crash -names a_bb_bc"},
		{"bootstraps", nodes + "create -names d -boot" + tab + "a" + tab + enter, "create -names d -bootstraps a"},
		{"help of a command", "help disp" + tab + enter, "help displaySystemOut"},
		{"a protocol", "cprotocol -t " + tab + enter, "cprotocol -t chord"},
		{"a file", "executeMacro -file testdata/loop" + tab + enter, "executeMacro -file testdata/loop.commands"},
		{"a directory", "executeMacro -file testd" + tab + "loo" + tab + enter, "executeMacro -file testdata/loop.commands"},
		{"in the middle", "refsN" + "\x01" + "joi" + tab + enter, "joinN refsN"},
		{"inside quotes", "insertN -key 'a -v" + tab + enter, "insertN -key 'a -v"},
		{"the last line", "show -count" + enter + "help" + enter + up + up + enter, "show -count"},
		{"a line that begins so", "show -count" + enter + "help" + enter + "sh" + ctrlR + enter, "show -count"},
		{"an older one", "show -count" + enter + "show" + enter + "sh" + ctrlR + ctrlR + enter, "show -count"},
		{"none older", "show" + enter + "help" + enter + "sh" + ctrlR + ctrlR + ctrlR + enter, "show"},
		{"given up", "garbage" + ctrlC + "show" + enter, "show"},
		{"given up twice", ctrlC + "x" + ctrlC + "show" + enter, "show"},
		{"an endless escape sequence", "\x1b[" + strings.Repeat("1", 300) + ctrlC + "show" + enter, "show"},
		{"broken UTF-8", "\xffshow" + enter, "show"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, screen := typeKeys(t, c.keys+ctrlD+"help"+enter)
			if len(lines) == 0 || lines[len(lines)-1] != c.want {
				t.Errorf("lines %q, want the last to be %q; on the screen:\n%q", lines, c.want, screen)
			}
		})
	}
}

func TestTabShowsChoices(t *testing.T) {
	_, screen := typeKeys(t, "create -names a_bb"+enter+"refs -node "+tab+enter+"insert -node a -"+tab+enter)
	for _, want := range []string{"a  bb\r\n", "-key  -value\r\n"} {
		if !strings.Contains(screen, want) {
			t.Errorf("on the screen stands %q, without %q", screen, want)
		}
	}
}

// Ctrl-C at the question of exit is a no, Ctrl-D a yes.
func TestExitOnATerminal(t *testing.T) {
	_, screen := typeKeys(t, "exit"+enter+ctrlC+"show"+enter)
	if !strings.Contains(screen, "Nodes in the order") {
		t.Errorf("Ctrl-C at the question ended the shell: %q", screen)
	}
	_, screen = typeKeys(t, "exit"+enter+ctrlD+"show"+enter)
	if strings.Contains(screen, "Nodes in the order") {
		t.Errorf("Ctrl-D at the question did not end the shell: %q", screen)
	}
}

func TestColours(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	if _, screen := typeKeys(t, "x"+enter); !strings.Contains(screen, bold) {
		t.Errorf("no colour on a terminal: %q", screen)
	}
	t.Setenv("NO_COLOR", "1")
	if _, screen := typeKeys(t, "leaveN"+enter); strings.Contains(screen, "\x1b[1") {
		t.Errorf("colour in spite of NO_COLOR: %q", screen)
	}
	if out := session(t, Options{In: strings.NewReader("leaveN\n")}); strings.Contains(out, "\x1b") {
		t.Errorf("colour without a terminal: %q", out)
	}
}

// A terminal that can nothing gets prompts, and lines as they are.
func TestDumbTerminal(t *testing.T) {
	t.Setenv("TERM", "dumb")
	var out strings.Builder
	s := New(Options{In: strings.NewReader("show\n"), Out: &out, Terminal: true})
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "oc > Nodes in the order of the ring:\n  none\noc > \n"; out.String() != want {
		t.Errorf("on the screen stands %q, want %q", &out, want)
	}
}

func TestHistoryFile(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"/s/chord/console-history":              {"XDG_STATE_HOME": "/s", "HOME": "/h"},
		"/h/.local/state/chord/console-history": {"XDG_STATE_HOME": "relative", "HOME": "/h"},
		"":                                      {},
	} {
		if got := HistoryFile(func(name string) string { return env[name] }); got != want {
			t.Errorf("%v: %q, want %q", env, got, want)
		}
	}
}

func TestHistoryIsBoundedAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "history")
	h := loadHistory(path)
	for i := range maxHistory + 10 {
		h.Add(fmt.Sprint("line ", i))
	}
	h.Add("")
	h.Add(" line 1009 ") // the same as the last
	if h.err != nil || h.Len() != maxHistory || h.At(0) != "line 1009" {
		t.Fatalf("%d lines, the last %q, %v", h.Len(), h.At(0), h.err)
	}
	checkPrivate(t, path)
	again := loadHistory(path)
	if again.err != nil || !slices.Equal(again.lines, h.lines) {
		t.Errorf("%d lines are read again, %v", again.Len(), again.err)
	}
	text, err := os.ReadFile(path)
	if n := strings.Count(string(text), "\n"); err != nil || n != maxHistory {
		t.Errorf("the file has %d lines, %v", n, err)
	}
	checkPrivate(t, path) // it was cut meanwhile
}

func checkPrivate(t *testing.T, path string) {
	t.Helper()
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, want mode %v (%v)", path, info, want, err)
		}
	}
}

// Two consoles at a time do not undo each other's lines.
func TestHistoryIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	a, b := loadHistory(path), loadHistory(path)
	a.Add("one")
	b.Add("two")
	a.Add("three")
	if got := loadHistory(path).lines; !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("the file has %q", got)
	}
}

// A history that cannot be kept is told at the end and stops nobody.
func TestHistoryThatCannotBeKept(t *testing.T) {
	h := loadHistory("/dev/null/history")
	h.Add("one")
	if h.err == nil || h.Len() != 1 {
		t.Errorf("%d lines, error %v", h.Len(), h.err)
	}
}
