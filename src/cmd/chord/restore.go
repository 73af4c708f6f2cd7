package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chord/app"
	"chord/node"
	"chord/store"
)

func restoreCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "restore FILE --data DIRECTORY",
		Short:   "Make a node's database from a backup",
		GroupID: groupSetup,
		Long: `Checks a backup and puts it in place of the database in a node's --data
directory. The node must be stopped; its name and ring are those of the backup.

What the node that starts from it has is old: a copy of it answers nothing until it
has been filled from the others. What both have is merged, and what was removed
since stays removed; what the backup alone has comes back.

--alone says that there are no other members any more: its copies count at once.
Should others come back nevertheless, what both have is merged.`,
		Example: `  chord restore test1.db --data /var/lib/chord/node1
  chord restore test1.db --data /var/lib/chord/node1 --force`,
		Args: cobra.ExactArgs(1),
	}
	var o node.RestoreOptions
	output := outputFlag(c)
	data := c.Flags().String("data", "", "the node's directory; it is made where it is missing")
	c.Flags().BoolVar(&o.Replace, "force", false, "move a database that is there aside; it is never deleted")
	c.Flags().BoolVar(&o.Alone, "alone", false, "ask nobody: there are no other members any more")
	c.MarkFlagDirname("data")
	c.RunE = func(c *cobra.Command, args []string) error {
		if *data == "" {
			return wrongUsage("name the node's directory with --data", "which database is not said")
		}
		if err := os.MkdirAll(*data, 0o700); err != nil {
			return err
		}
		progress, done := progressBar(c.ErrOrStderr(), "restoring")
		r, err := node.Restore(args[0], filepath.Join(*data, app.DatabaseFile), o, progress)
		done()
		if errors.Is(err, store.ErrCorrupt) && r.Aside == "" {
			return &failure{exitFailed, err.Error(), "this backup cannot be used; take another one"}
		}
		if err != nil {
			return err
		}
		if output.json() {
			return writeJSON(c.OutOrStdout(), restoredOf(r))
		}
		printRestored(c, r, o)
		return nil
	}
	return c
}

// restoredView is what --output json prints of a restored database.
type restoredView struct {
	Name   string   `json:"name"` // of the node
	Ring   string   `json:"ring"`
	Keys   uint64   `json:"keys"`
	Values uint64   `json:"values"`
	Aside  string   `json:"aside,omitempty"` // where the database is that was there
	Asks   []string `json:"asks"`            // from whom its copies are filled
}

func restoredOf(r node.Restored) restoredView {
	v := restoredView{r.Identity.Name, r.Identity.Ring, r.Keys, r.Values, r.Aside, []string{}}
	for _, m := range r.Asks {
		v.Asks = append(v.Asks, m.Name)
	}
	return v
}

func printRestored(c *cobra.Command, r node.Restored, o node.RestoreOptions) {
	w := c.OutOrStdout()
	fmt.Fprintf(w, "restored node %s of ring %s: %d keys, %d values\n", r.Identity.Name, r.Identity.Ring, r.Keys, r.Values)
	if r.Aside != "" {
		fmt.Fprintf(w, "the database that was there is now %s\n", r.Aside)
	}
	var names []string
	for _, m := range r.Asks {
		names = append(names, m.Name)
	}
	switch {
	case o.Alone:
		fmt.Fprintln(w, "its copies count at once, as the backup has them")
	case len(names) > 0:
		fmt.Fprintf(w, "its copies count once they are filled from others: %s, and who joined since\n", strings.Join(names, ", "))
	default:
		fmt.Fprintln(w, "the backup knows of no other member: start the node with --bootstrap and one of them; where there is none any more, restore with --force --alone")
	}
}
