package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"chord/app"
)

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNotFound = 3
)

// failure is an error that decides about the exit code and may have a remedy.
type failure struct {
	code int
	text string
	hint string
}

func (f *failure) Error() string { return f.text }
func (f *failure) Hint() string  { return f.hint }

// wrongUsage returns the error of a command line that cannot be meant.
func wrongUsage(hint, format string, args ...any) error {
	return &failure{exitUsage, fmt.Sprintf(format, args...), hint}
}

// notFound returns the error of a command that found nothing.
func notFound(format string, args ...any) error {
	return &failure{exitNotFound, fmt.Sprintf(format, args...), ""}
}

// usageError is what cobra says of a command line, with a hint and the exit
// code.
func usageError(c *cobra.Command, err error) error {
	if _, ok := errors.AsType[*failure](err); ok {
		return err
	}
	return &failure{exitUsage, err.Error(), fmt.Sprintf("`%s --help` shows how it is used", c.CommandPath())}
}

func exitCode(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	if _, ok := errors.AsType[app.Problems](err); ok {
		return exitUsage
	}
	return exitFailed
}

// complain writes an error and its hint, or all that were joined.
func complain(w io.Writer, err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			complain(w, one)
		}
		return
	}
	text := strings.TrimSuffix(err.Error(), "\n")
	if text != "" {
		fmt.Fprintf(w, "%s %s\n", paint(w, "31;1", "chord: error:"), text)
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintf(w, "%s %s\n", paint(w, "36", "chord: hint:"), hinted.Hint())
	}
}

// paint colours text where w is a terminal whose user did not say no
// (https://no-color.org).
func paint(w io.Writer, colour, text string) string {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
