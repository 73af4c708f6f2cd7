package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxHistory bounds the lines that are kept.
const maxHistory = 1000

// HistoryFile returns where typed lines are kept, in the XDG state directory of
// the user; empty where there is no such directory. getenv is [os.Getenv].
func HistoryFile(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home := getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "chord", "console-history")
}

// history holds the typed lines, the oldest first. Lines are appended to the
// file as they are typed, so that two consoles do not undo each other's; it is
// cut when a console starts. Its methods are those of x/term's History.
type history struct {
	path  string
	lines []string
	err   error // of the last write; told once, at the end
}

// loadHistory starts without lines where the file cannot be read.
func loadHistory(path string) *history {
	h := &history{path: path}
	if path == "" {
		return h
	}
	text, err := os.ReadFile(path)
	if err != nil {
		h.err = ignore(err, os.ErrNotExist)
		return h
	}
	h.lines = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	if extra := len(h.lines) - maxHistory; extra > 0 {
		h.lines = h.lines[extra:]
		h.err = h.rewrite()
	}
	return h
}

func (h *history) Len() int        { return len(h.lines) }
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

// Add keeps a line unless it is empty or the same as the last. A file that
// cannot be written stops nobody from typing.
func (h *history) Add(line string) {
	line = strings.TrimSpace(line)
	if line == "" || len(h.lines) > 0 && h.At(0) == line {
		return
	}
	h.lines = append(h.lines, line)
	if len(h.lines) > maxHistory {
		h.lines = h.lines[1:]
	}
	if h.path != "" && h.err == nil {
		h.err = h.append(line)
	}
}

func (h *history) append(line string) error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}

// rewrite replaces the file in one step.
func (h *history) rewrite() error {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".console-history-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(strings.Join(h.lines, "\n") + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), h.path)
}

// find returns the newest line that begins with start and is older than entry
// number after.
func (h *history) find(start string, after int) (int, bool) {
	for i := after + 1; i < h.Len(); i++ {
		if strings.HasPrefix(h.At(i), start) {
			return i, true
		}
	}
	return 0, false
}
