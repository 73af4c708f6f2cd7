package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"chord/node"
)

// Errors of the shell itself, by the moment they occur.
var (
	errInterrupted = errors.New("interrupted")
	errLate        = errors.New("no answer in time")
	errExit        = errors.New("exit") // ends the shell; never printed
)

// fault is an error that a person made or can mend, with what to do about it.
type fault struct {
	error
	hint string
	// plain is set where the text is one of OpenChord's own messages, which
	// stand in the output without "error:".
	plain bool
}

func (f *fault) Hint() string  { return f.hint }
func (f *fault) Unwrap() error { return f.error }

// misused returns a fault of grammar.
func misused(hint, format string, args ...any) error {
	return &fault{fmt.Errorf(format, args...), hint, true}
}

// refuse returns any other fault.
func refuse(hint, format string, args ...any) error {
	return &fault{fmt.Errorf(format, args...), hint, false}
}

// explain makes of the error of a command what a person is told.
func explain(ctx context.Context, c Command, err error) error {
	if _, ok := errors.AsType[*fault](err); ok || errors.Is(err, errExit) {
		return err
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errInterrupted):
		return refuse(unsure(c), "%s: interrupted", c.Name)
	case errors.Is(cause, errLate):
		return refuse(cmp.Or(remedy(err), unsure(c), c.late), "%s: no answer within %s", c.Name, c.limit)
	case cause != nil:
		return refuse(unsure(c), "%s: the console is ending", c.Name)
	case node.KindOf(err) == node.Unknown:
		return refuse(cmp.Or(remedy(err), unsure(c)), "%s: %w", c.Name, err)
	}
	return refuse(remedy(err), "%s: %w", c.Name, err)
}

// remedy returns what an error says can be done about it, or an empty string.
func remedy(err error) string {
	var r interface{ Hint() string }
	if !errors.As(err, &r) {
		return ""
	}
	return r.Hint()
}

// unsure returns what to say of a write that was not answered: it may or may
// not be in effect, which is not the same as having failed.
func unsure(c Command) string {
	if !c.write {
		return ""
	}
	return "it may or may not be in effect; doing it again does no harm"
}

// report prints an error and its remedy, and counts it. It goes to the same
// output as everything else, so that it stands where it belongs in a transcript.
func (s *Shell) report(err error) {
	s.failed++
	f, ok := errors.AsType[*fault](err)
	text := oneLine(err.Error())
	if !ok || !f.plain {
		text = s.paint(red, "error:") + " " + text
	}
	fmt.Fprintln(s.out, text)
	if hint := remedy(err); hint != "" {
		fmt.Fprintln(s.out, s.paint(bold, "hint:")+" "+oneLine(hint))
	}
}

// oneLine keeps what a message quotes, such as the text of an error that came
// from another host, from steering the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}
