package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each command is explained, with examples that can be typed.
func TestCommandsAreExplained(t *testing.T) {
	for _, c := range commands() {
		switch {
		case c.Hidden:
			continue
		case c.Short == "" || strings.HasSuffix(c.Short, "."):
			t.Errorf("%s: its line in the help is %q", c.Name(), c.Short)
		case c.GroupID == "":
			t.Errorf("%s stands under no heading", c.Name())
		case c.Example == "":
			t.Errorf("%s has no example", c.Name())
		}
	}
	examples := 0
	for _, c := range append(commands(), rootCommand()) {
		for line := range strings.Lines(c.Example) {
			if words := wordsOf(line); len(words) > 1 && words[0] == "chord" {
				checkExample(t, line, words[1:])
				examples++
			}
		}
	}
	if examples < len(commands()) {
		t.Errorf("only %d examples were found", examples)
	}
}

// wordsOf returns the words of the first command in a line of shell.
func wordsOf(line string) []string {
	line, _, _ = strings.Cut(line, " | ")
	line, _, _ = strings.Cut(line, " > ")
	line, _, _ = strings.Cut(line, " < ")
	line, _, _ = strings.Cut(line, "   ") // what follows is a remark
	words := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(strings.TrimSpace(line), -1)
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	return words
}

// checkExample reads a command line as far as running it.
func checkExample(t *testing.T, line string, words []string) {
	t.Helper()
	c, rest, err := rootCommand().Find(words)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil {
		err = c.ValidateArgs(c.Flags().Args())
	}
	if err != nil || !c.HasParent() {
		t.Errorf("the example %q is of no use: %v", strings.TrimSpace(line), err)
	}
}

// Each command has a man page with its examples.
func TestManPages(t *testing.T) {
	dir := t.TempDir()
	root := rootCommand()
	root.SetArgs([]string{"man", dir})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, c := range root.Commands() {
		if c.Hidden || !c.IsAvailableCommand() {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "chord-"+c.Name()+".1"))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(page), ".SH EXAMPLE") || !strings.Contains(string(page), c.Short) {
			t.Errorf("the page of %s has no example, or does not say what it does", c.Name())
		}
	}
}

// What a command prints can be had as JSON, but for those that run, that print
// lines of JSON anyway, or that print what is for another program.
func TestJSONEverywhere(t *testing.T) {
	others := map[string]bool{
		"server": true, "console": true, "demo": true, "top": true,
		"export": true, "import": true,
		"completion": true, "man": true, "metrics": true, "options": true, "help": true, "tls": true,
	}
	for _, c := range commands() {
		if f := c.Flags().Lookup("output"); f == nil && !others[c.Name()] && !c.Hidden {
			t.Errorf("%s has no --output", c.Name())
		} else if f != nil && !strings.HasPrefix(f.Value.Type(), "text|json") {
			t.Errorf("%s: --output %s", c.Name(), f.Value.Type())
		}
	}
}
