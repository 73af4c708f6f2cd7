package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// output is the value of --output: for people or for programs.
type output string

// outputFlag gives a command the flag --output.
func outputFlag(c *cobra.Command) *output {
	o := output("text")
	c.Flags().Var(&o, "output", "form of the output")
	c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return &o
}

func (o output) json() bool { return o == "json" }

// String returns the form.
func (o *output) String() string { return string(*o) }

// Type is what help texts print behind the flag.
func (*output) Type() string { return "text|json" }

// Set takes one of the two forms.
func (o *output) Set(s string) error {
	if s != "text" && s != "json" {
		return wrongUsage("choose text or json", "output %q is not a form", s)
	}
	*o = output(s)
	return nil
}

// writeJSON writes v as indented JSON, with a newline behind it.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
