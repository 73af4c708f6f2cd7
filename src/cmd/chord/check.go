package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"chord/app"
	"chord/keyspace"
	"chord/node"
	"chord/store"
)

// remedyDamage is what can be done about a damaged database.
const remedyDamage = "restore a backup; without one, move the file away and start the node with --bootstrap: the keys that only it held are lost"

func checkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "check FILE|DIRECTORY",
		Short:   "Read a whole database and say what is damaged",
		GroupID: groupSetup,
		Long: `Reads a database from end to end: the structure of the file, the checksum of
every row, every count and digest, and that there is nothing in it but what its
node may hold. DIRECTORY is a node's --data directory. Nothing is changed. The
node must not run meanwhile.

Exit code: 0 where nothing is wrong, 1 otherwise.`,
		Example: `  chord check ~/.local/state/chord/test1:8001
  chord check --output json /var/lib/chord/node1/chord.db`,
		Args: cobra.ExactArgs(1),
	}
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		path := args[0]
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, app.DatabaseFile)
		}
		v, err := check(path, c.ErrOrStderr())
		if err != nil {
			return err
		}
		return v.print(c, *output)
	}
	return c
}

// checkView is what --output json prints of a check.
type checkView struct {
	File     string      `json:"file"`
	Sound    bool        `json:"sound"`
	Ring     string      `json:"ring"`
	Name     string      `json:"name"`
	ID       keyspace.ID `json:"id"`
	Keys     uint64      `json:"keys"`
	Values   uint64      `json:"values"`
	Bytes    uint64      `json:"value_bytes"`
	Problems []string    `json:"problems"`
}

// check fails where the database could not be read at all for another reason
// than damage.
func check(path string, terminal io.Writer) (checkView, error) {
	progress, done := progressBar(terminal, "checking", progressbar.OptionShowCount())
	r, err := node.Check(path, progress)
	done()
	if err != nil && !errors.Is(err, store.ErrCorrupt) {
		return checkView{}, err
	}
	v := checkView{path, err == nil, r.Identity.Ring, r.Identity.Name, r.Identity.ID, r.Keys, r.Values, r.Bytes, append([]string{}, r.Problems...)}
	if err != nil && len(v.Problems) == 0 { // too damaged to look further
		v.Problems = []string{err.Error()}
	}
	return v, nil
}

func (v checkView) print(c *cobra.Command, output output) error {
	failed := &failure{code: exitFailed} // it has been said
	if output.json() {
		if err := writeJSON(c.OutOrStdout(), v); err != nil || v.Sound {
			return err
		}
		return failed
	}
	for _, p := range v.Problems {
		complain(c.ErrOrStderr(), errors.New(p))
	}
	if !v.Sound {
		failed.hint = remedyDamage
		return failed
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%s: nothing is wrong\n", v.File)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "node\t%s, in ring %s\n", v.Name, v.Ring)
	fmt.Fprintf(table, "place\t%s\n", v.ID)
	fmt.Fprintf(table, "keys\t%d, with %d values of %d bytes\n", v.Keys, v.Values, v.Bytes)
	return table.Flush()
}
