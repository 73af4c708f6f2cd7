package main

import (
	"github.com/spf13/cobra"
)

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "completion bash|zsh|fish",
		Short:   "Print the completions for a shell",
		GroupID: groupSetup,
		Long:    `Prints a script that teaches a shell to complete chord's commands and options.`,
		Example: `  chord completion bash > /etc/bash_completion.d/chord
  chord completion zsh > "${fpath[1]}/_chord"
  chord completion fish > ~/.config/fish/completions/chord.fish`,
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			root, w := c.Root(), c.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(w, true)
			case "zsh":
				return root.GenZshCompletion(w)
			default:
				return root.GenFishCompletion(w, true)
			}
		},
	}
}
