package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"chord/app"
)

func checkConfigCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "check-config FILE",
		Short:   "Say what is wrong with a configuration file",
		GroupID: groupSetup,
		Long: `Reads a configuration file as a server would and lists all that is wrong with
it. Nothing else is touched: no name is looked up, no port opened.

Exit code: 0 where nothing is wrong, 1 otherwise.`,
		Example: `  chord check-config /etc/chord/node1.json
  chord check-config --output json node1.json`,
		Args: cobra.ExactArgs(1),
	}
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		problems, err := app.CheckFile(args[0])
		if one, ok := err.(*app.Problem); ok {
			problems, err = app.Problems{one}, nil
		}
		if err != nil {
			return err
		}
		if output.json() {
			err := writeJSON(c.OutOrStdout(), map[string]any{"file": args[0], "valid": len(problems) == 0, "problems": append(app.Problems{}, problems...)})
			if err == nil && len(problems) > 0 {
				err = &failure{code: exitFailed} // it has been said
			}
			return err
		}
		if len(problems) > 0 {
			complain(c.ErrOrStderr(), problems)
			return &failure{code: exitFailed}
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: nothing is wrong\n", args[0])
		return nil
	}
	return c
}
