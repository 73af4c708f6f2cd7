// Command chord is a node of a Chord ring and what is used around it: see
// `chord help`. Under the names chord-server and openchord-console it is what
// these were in OpenChord.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args)) }

// names are the commands that have a name of their own in the file system.
var names = map[string]string{
	"chord-server":      "server",
	"openchord-console": "console",
}

// run carries out a command line, name of the program first, and returns the
// exit code.
func run(args []string) int {
	root := rootCommand()
	rest := args[1:]
	if command, ok := names[filepath.Base(args[0])]; ok {
		rest = append([]string{command}, rest...)
	}
	root.SetArgs(rest)
	root.SetContext(context.Background())
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	command, err := root.ExecuteC()
	if err == nil {
		return exitDone
	}
	if !began {
		err = usageError(command, err)
	}
	complain(root.ErrOrStderr(), err)
	return exitCode(err)
}
