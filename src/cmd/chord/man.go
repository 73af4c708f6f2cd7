package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"chord/app"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIRECTORY",
		Short:  "Write the man pages, one for each command",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := c.Root()
			root.DisableAutoGenTag = true // it would hold the date
			// The beginning of time, for builds that are the same every day.
			date := time.Unix(0, 0).UTC()
			return doc.GenManTree(root, &doc.GenManHeader{Title: "CHORD", Section: "1", Source: "chord " + version(), Manual: "Chord", Date: &date}, args[0])
		},
	}
}

func optionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "options",
		Short:   "List the options of a server, as Markdown",
		GroupID: groupSetup,
		Example: `  chord options > options.md`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return app.Reference(c.OutOrStdout()) },
	}
}
