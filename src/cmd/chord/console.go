package main

import (
	"cmp"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"chord/app"
	"chord/console"
)

func consoleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "console [COMMAND...]",
		Short:   "Type OpenChord's commands",
		GroupID: groupRun,
		Long: `A shell with the commands of OpenChord's console. With joinN it becomes a node of
a ring itself, with create it makes a simulated network inside this process.
Each argument is carried out as a command before the first line of input; help
lists all commands, and help COMMAND explains one.

A console that is a node keeps keys as any other, in the user's state directory,
and hands them over when it leaves or ends.`,
		Example: `  chord console
  chord console 'joinN -port 9000 -bootstrap test1:8001' refsN
  printf 'create -names a_b_c\nshow\nexit\ny\n' | openchord-console`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	r := &remoteMaker{}
	c.Flags().StringVar(&r.ring, "ring", app.Defaults().Ring, "name of the ring that joinN joins")
	c.Flags().StringVar(&r.host, "host", "", "name or address of this machine for the other nodes; default: 127.0.0.1 beside a ring on loopback, else the host's name")
	c.Flags().BoolVar(&r.insecure, "insecure", false, "let joinN use other than loopback addresses without TLS")
	r.files = securedFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		messages := &console.Messages{}
		r.logs = messages
		local, err := newLocalMaker(messages)
		if err != nil {
			return err
		}
		defer local.close()
		return console.New(console.Options{
			In: c.InOrStdin(), Out: c.OutOrStdout(), Terminal: isTerminalBoth(c.InOrStdin(), c.OutOrStdout()),
			Commands: args, History: console.HistoryFile(os.Getenv), Remote: r, Local: local, Messages: messages,
		}).Run(c.Context())
	}
	return c
}

func isTerminalBoth(in io.Reader, out io.Writer) bool {
	i, inOK := in.(*os.File)
	o, outOK := out.(*os.File)
	return inOK && outOK && isTerminal(i) && isTerminal(o)
}

// consoleData is the directory of the database of a console's node. It has a
// name that the next console with that place finds: keys that a killed console
// held come back with it.
func consoleData(ring, addr string) string {
	state := cmp.Or(os.Getenv("XDG_STATE_HOME"), filepath.Join(os.Getenv("HOME"), ".local", "state"))
	return filepath.Join(state, "chord", "consoles", filepath.Base(ring), addr)
}
