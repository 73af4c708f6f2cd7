package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readme is the README, seen from this directory.
const readme = "../../../README.md"

// scriptReadme: readme OLD=NEW... takes from the README what it tells people to
// type, with these texts replaced: the commands of "A ring on this machine" to
// shell, a line each, the lines of its console session to session.in, and the
// session as a whole to session.out.
func scriptReadme(ts *testscript.TestScript, neg bool, args []string) {
	content, err := os.ReadFile(readme)
	ts.Check(err)
	text := string(content)
	for _, arg := range args {
		old, replaced, _ := strings.Cut(arg, "=")
		text = strings.ReplaceAll(text, old, replaced)
	}
	var shell, typed, session strings.Builder
	inSession := false
	for line := range strings.Lines(text) {
		line, block := strings.CutPrefix(line, "    ")
		if command, ok := strings.CutPrefix(line, "go -C src run ./cmd/"); ok && block {
			shell.WriteString(command)
		}
		if inSession && block {
			session.WriteString(line)
			if _, command, ok := strings.Cut(line, "oc > "); ok {
				typed.WriteString(command)
			} else if _, answer, ok := strings.Cut(line, "(y/n) "); ok {
				typed.WriteString(answer)
			}
		}
		inSession = block && (inSession || line == "$ openchord-console\n")
	}
	for file, b := range map[string]*strings.Builder{"shell": &shell, "session.in": &typed, "session.out": &session} {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(b.String()), 0o600))
	}
}
