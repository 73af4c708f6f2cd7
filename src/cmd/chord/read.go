package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// reading is the value of --read: what a read asks.
type reading string

// readFlag gives a command the flag --read.
func readFlag(c *cobra.Command) *reading {
	r := reading("quorum")
	c.Flags().Var(&r, "read", "what is asked: as many copies as see every acknowledged write, or one, which may be stale")
	c.RegisterFlagCompletionFunc("read", cobra.FixedCompletions([]string{"quorum", "one"}, cobra.ShellCompDirectiveNoFileComp))
	return &r
}

// one reports whether a single copy is asked.
func (r reading) one() bool { return r == "one" }

// String returns what is asked.
func (r *reading) String() string { return string(*r) }

// Type is what help texts print behind the flag.
func (*reading) Type() string { return "quorum|one" }

// Set takes one of the two.
func (r *reading) Set(s string) error {
	if s != "quorum" && s != "one" {
		return wrongUsage("choose quorum or one", "%q cannot be read", s)
	}
	*r = reading(s)
	return nil
}

// found is what a read brought, and how it is printed.
type found struct {
	key    string
	values [][]byte
	raw    bool
	output output
	reading
}

// print prints the values one a line, and a key without any as [notFound].
func (f found) print(c *cobra.Command) error {
	w := c.OutOrStdout()
	if f.output.json() {
		if err := f.json(w); err != nil {
			return err
		}
	} else if f.one() {
		fmt.Fprintf(c.ErrOrStderr(), "%s one copy was read: it may lack what was acknowledged\n", paint(c.ErrOrStderr(), "33;1", "chord: warning:"))
	}
	switch {
	case len(f.values) == 0 && f.one():
		return notFound("the copy that was asked has no values of the key %q", f.key)
	case len(f.values) == 0:
		return notFound("the key %q has no values", f.key)
	case f.output.json():
		return nil
	case f.raw && len(f.values) > 1:
		return &failure{exitFailed, fmt.Sprintf("the key %q has %d values", f.key, len(f.values)), "leave out --raw to see them all"}
	case f.raw:
		_, err := w.Write(f.values[0])
		return err
	}
	for _, v := range f.values {
		if _, err := fmt.Fprintln(w, printable(w, v)); err != nil {
			return err
		}
	}
	return nil
}

func (f found) json(w io.Writer) error {
	printed := struct {
		Key        content   `json:"key"`
		Values     []content `json:"values"`
		MayBeStale bool      `json:"may_be_stale,omitempty"`
	}{contentOf([]byte(f.key)), []content{}, f.one()}
	for _, v := range f.values {
		printed.Values = append(printed.Values, contentOf(v))
	}
	return writeJSON(w, printed)
}

// printable returns a value for a line of output: as it is for a program, and
// without control characters for a terminal, which might obey them.
func printable(w io.Writer, v []byte) string {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return string(v)
	}
	return escape(v)
}
