package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"chord/app"
	"chord/store"
)

func compactCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "compact --data DIRECTORY",
		Short:   "Give back the free space in a database",
		GroupID: groupSetup,
		Long: `Writes the database of a node anew, without the space in it that is free,
compares the two row by row, and puts the new one in the place of the old one.
The node must be stopped; there must be room for both. A node reuses free space
by itself: this is for a disk that others need, after much was removed or went to
other nodes.`,
		Example: `  chord compact --data /var/lib/chord/node1`,
		Args:    cobra.NoArgs,
	}
	output := outputFlag(c)
	data := c.Flags().String("data", "", "the node's directory")
	c.MarkFlagDirname("data")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *data == "" {
			return wrongUsage("name the node's directory with --data", "which database is not said")
		}
		progress, done := progressBar(c.ErrOrStderr(), "compacting")
		before, after, err := store.Compact(filepath.Join(*data, app.DatabaseFile), progress)
		done()
		switch {
		case err != nil:
			return err
		case output.json():
			return writeJSON(c.OutOrStdout(), map[string]int64{"bytes_before": before, "bytes_after": after})
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "from %.1f MiB to %.1f MiB\n", mebibytes(before), mebibytes(after))
		return err
	}
	return c
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
