package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func ownCommands() []Command {
	return []Command{
		{Name: "wait", Group: groupConsole, Text: "waits before the next command",
			Example: "wait -millis 500", run: wait,
			Params: []Param{{Name: "millis", Value: "n", Text: "how long, in milliseconds", Required: true}}},
		{Name: "executeMacro", Group: groupConsole, Text: "runs the commands of a file, one a line",
			Example: "executeMacro -file macro.txt -times 2", run: macro,
			Params: []Param{
				{Name: "file", Value: "f", Text: "the file; lines that begin with # are comments", Required: true, complete: files},
				{Name: "times", Value: "n", Text: "how often, once where not given"},
			}},
		{Name: "displaySystemOut", Group: groupConsole, Text: "shows the messages of the running nodes",
			Example: "displaySystemOut -clear", limit: quick, run: displayMessages,
			Params: []Param{{Name: "clear", Text: "forget them instead"}}},
		{Name: "help", Group: groupConsole, Text: "lists the commands, or explains one, as -h after it does",
			Example: "help joinN", bare: "command", run: help,
			Params: []Param{{Name: "command", Value: "name", Text: "the command to explain", complete: commandNames}}},
		{Name: "exit", Group: groupConsole, Text: "leaves the ring and ends the console, if you say y",
			Example: "exit", run: exit},
	}
}

// parseNumber returns a parameter as a number from least to most.
func parseNumber(a args, name string, absent, least, most int) (int, error) {
	if !a.has(name) {
		return absent, nil
	}
	n, err := strconv.Atoi(a[name])
	if err != nil || n < least || n > most {
		return 0, refuse("", "%s is '%s', want a number from %d to %d", name, a[name], least, most)
	}
	return n, nil
}

// wait is for macros and pipes, which are faster than a ring that changes.
func wait(ctx context.Context, s *Shell, a args) error {
	const day = 24 * 60 * 60 * 1000
	millis, err := parseNumber(a, "millis", 0, 0, day)
	if err != nil {
		return err
	}
	select {
	case <-time.After(time.Duration(millis) * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// displayMessages has its name from the original, whose nodes print to the
// output of the process; ours keep theirs in [Messages].
func displayMessages(_ context.Context, s *Shell, a args) error {
	if a.has("clear") {
		s.o.Messages.clear()
		return nil
	}
	for _, line := range s.o.Messages.lines() {
		fmt.Fprintln(s.out, line)
	}
	return nil
}

const question = "Do you really want to shutdown? (y/n) "

// exit asks until it gets an answer; the end of input is a yes.
func exit(ctx context.Context, s *Shell, _ args) error {
	for {
		answer, err := s.read(ctx, question)
		switch {
		case errors.Is(err, errInterrupted):
			return nil
		case err != nil:
			return errExit
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return errExit
		case "n", "no":
			return nil
		}
	}
}

// maxDepth bounds macros that run macros.
const maxDepth = 16

// errDepth ends all macros around the one that is too deep: going on would run
// the others again and again.
var errDepth = errors.New("macros inside macros are too deep")

// macro runs a file as often as asked. It stops at Ctrl-C, at exit, and where
// macros are too deep, but not at commands that fail.
func macro(ctx context.Context, s *Shell, a args) error {
	times, err := parseNumber(a, "times", 1, 1, 1_000_000)
	if err != nil {
		return err
	}
	if s.depth == maxDepth {
		return refuse("a macro must not run itself", "%w", errDepth)
	}
	s.depth++
	defer func() { s.depth-- }()
	for range times {
		if err := s.runFile(ctx, a["file"]); err != nil {
			return err
		}
	}
	return nil
}

// runFile goes on after a command that failed, as the prompt does.
func (s *Shell) runFile(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return refuse("executeMacro -file takes a file with a command a line", "%w", err)
	}
	defer f.Close()
	for in := newReader(f); ; {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = s.execute(ctx, line)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// help prints what the table of commands says; nothing is written twice.
func help(_ context.Context, s *Shell, a args) error {
	if name, ok := a["command"]; ok {
		c, known := lookup(name)
		if !known {
			return misused(suggest(name), "Unknown command: '%s'", name)
		}
		c.help(s.out)
		return nil
	}
	for _, group := range []string{groupRemote, groupLocal, groupConsole} {
		fmt.Fprintln(s.out, s.paint(bold, group))
		for _, c := range Commands() {
			if c.Group == group {
				fmt.Fprintf(s.out, "  %-17s %s\n", c.Name, c.Text)
			}
		}
	}
	fmt.Fprintln(s.out, "-help after a command explains it with an example. Quote blanks: 'two words'.")
	return nil
}

// help explains one command: how it is typed, its parameters, an example.
func (c Command) help(w io.Writer) {
	fmt.Fprintf(w, "%s: %s.\n%s\n", c.Name, c.Text, c.usage())
	for _, p := range c.Params {
		fmt.Fprintf(w, "  %-20s %s\n", strings.TrimSpace("-"+p.Name+" "+p.Value), p.Text)
	}
	fmt.Fprintln(w, "example:", c.Example)
}

// suggest returns a hint for a command that does not exist: the one that differs
// in case only, or those that begin so, unless they are many.
func suggest(typed string) string {
	for _, c := range Commands() {
		if strings.EqualFold(c.Name, typed) {
			return "names are case sensitive: " + c.Name
		}
	}
	names := commandNames(nil, typed)
	if len(typed) > 1 && len(names) > 0 && len(names) < 5 {
		return "did you mean " + strings.Join(names, ", ") + "?"
	}
	return "help lists the commands"
}

// commandNames returns the commands that begin as typed, sorted.
func commandNames(_ *Shell, typed string) []string {
	var names []string
	for _, c := range Commands() {
		if strings.HasPrefix(c.Name, typed) {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}
