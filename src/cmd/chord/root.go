package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// The headings of `chord help`.
const (
	groupRun   = "run"
	groupKeys  = "keys"
	groupRing  = "ring"
	groupSetup = "setup"
)

// commands are all there are; each has a file of its own.
func commands() []*cobra.Command {
	return []*cobra.Command{
		serverCommand(),
		consoleCommand(),
		demoCommand(),
		insertCommand(),
		retrieveCommand(),
		removeCommand(),
		putCommand(),
		getCommand(),
		deleteCommand(),
		lookupCommand(),
		benchCommand(),
		simulateCommand(),
		ringCommand(),
		statusCommand(),
		topCommand(),
		leaveCommand(),
		forgetCommand(),
		checkCommand(),
		backupCommand(),
		restoreCommand(),
		compactCommand(),
		exportCommand(),
		importCommand(),
		checkConfigCommand(),
		optionsCommand(),
		tlsCommand(),
		metricsCommand(),
		completionCommand(),
		manCommand(),
		versionCommand(),
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "chord",
		Short: "A ring of nodes that keeps keys with their sets of values",
		Long: `chord is a distributed hash table: a ring of nodes keeps keys, each with a set
of values, on disk. Every node answers for all of them.`,
		Example: `  chord server                             a node on this machine alone
  chord server test1 8001                  the first node of a ring
  chord server test2 8001 test1 8001       one more, which finds the ring through the first
  chord check-config /etc/chord/node1.json`,
		Version:           version(),
		Args:              noCommand,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },

		SuggestionsMinimumDistance: 2,
	}
	root.SetVersionTemplate("chord {{.Version}}\n")
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run a node:"},
		&cobra.Group{ID: groupKeys, Title: "Keys and values:"},
		&cobra.Group{ID: groupRing, Title: "The ring and its nodes:"},
		&cobra.Group{ID: groupSetup, Title: "Set up:"},
	)
	root.SetUsageFunc(usage)
	root.AddCommand(commands()...)
	root.SetHelpCommandGroupID(groupSetup)
	return root
}

// noCommand refuses what is no command, with those that look like it.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "`chord --help` lists the commands"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return wrongUsage(hint, "there is no command %q", args[0])
}
