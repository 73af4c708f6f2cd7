package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// output is the form of the output: text for people, others for programs.
type output string

// outputFlag gives a command the flag --output, for text, JSON, and more forms
// where it has them.
func outputFlag(c *cobra.Command, more ...string) *output {
	o := output("text")
	forms := append([]string{"text", "json"}, more...)
	c.Flags().Var(&outputValue{&o, forms}, "output", "form of the output")
	c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp))
	return &o
}

func (o output) json() bool { return o == "json" }

// outputValue reads --output.
type outputValue struct {
	to    *output
	forms []string
}

// String returns the form.
func (v *outputValue) String() string {
	if v.to == nil {
		return ""
	}
	return string(*v.to)
}

// Type is what help texts print behind the flag.
func (v *outputValue) Type() string { return strings.Join(v.forms, "|") }

// Set takes one of the forms.
func (v *outputValue) Set(s string) error {
	if !slices.Contains(v.forms, s) {
		last := len(v.forms) - 1
		return wrongUsage("choose "+strings.Join(v.forms[:last], ", ")+" or "+v.forms[last], "output %q is not a form", s)
	}
	*v.to = output(s)
	return nil
}

// writeJSON writes v as indented JSON, with a newline behind it.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
