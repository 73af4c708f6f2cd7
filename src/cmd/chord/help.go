package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"chord/app"
)

// usage writes how a command is used: like cobra's own, with the flags under
// their headings.
func usage(c *cobra.Command) error {
	w := c.OutOrStderr()
	fmt.Fprint(w, "Usage:\n")
	if c.HasParent() {
		fmt.Fprintf(w, "  %s\n", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND [OPTION...]\n", c.CommandPath())
	}
	if c.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	subcommands(w, c)
	flagGroups(w, c.LocalFlags())
	if c.HasAvailableInheritedFlags() {
		fmt.Fprintf(w, "\nFor all commands:\n%s", c.InheritedFlags().FlagUsages())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n`%s COMMAND --help` says more about a command.\n", c.CommandPath())
	}
	return nil
}

func subcommands(w io.Writer, c *cobra.Command) {
	titles := map[string]string{"": "Commands:"}
	order := []string{}
	for _, g := range c.Groups() {
		titles[g.ID] = g.Title
		order = append(order, g.ID)
	}
	for _, id := range append(order, "") {
		title := titles[id]
		for _, sub := range c.Commands() {
			if sub.GroupID != id || !sub.IsAvailableCommand() {
				continue
			}
			if title != "" {
				fmt.Fprintf(w, "\n%s\n", title)
				title = ""
			}
			fmt.Fprintf(w, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
		}
	}
}

// flagGroups writes flags by the heading that their annotation names, in the
// order in which the headings were first defined.
func flagGroups(w io.Writer, flags *pflag.FlagSet) {
	sets := map[string]*pflag.FlagSet{}
	var order []string
	flags.VisitAll(func(f *pflag.Flag) {
		heading := "Options"
		if g := f.Annotations[app.GroupAnnotation]; len(g) == 1 {
			heading = g[0]
		}
		if sets[heading] == nil {
			sets[heading] = pflag.NewFlagSet(heading, pflag.ContinueOnError)
			sets[heading].SortFlags = false
			order = append(order, heading)
		}
		sets[heading].AddFlag(f)
	})
	if i := slices.Index(order, "Options"); i >= 0 && len(order) > 1 { // what has no heading goes last
		order = append(slices.Delete(order, i, i+1), "Options")
	}
	for _, heading := range order {
		if text := sets[heading].FlagUsagesWrapped(100); strings.TrimSpace(text) != "" {
			fmt.Fprintf(w, "\n%s:\n%s", heading, text)
		}
	}
}
