package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"chord/app"
	"chord/store"
	"chord/wire"
)

func backupCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "backup FILE",
		Short:   "Copy a node's database to a file",
		GroupID: groupSetup,
		Long: `Writes a consistent copy of a node's database to FILE: of a running node over
its port, while it goes on, or with --data of one that is stopped. FILE appears
when it is whole, compared and on disk. It holds what that node holds, not the
ring: back up every node, or use chord export.

A running node first makes the copy on its own disk, so that a slow network does
not make its database grow. Where that has no room it sends directly, and gives
up if the database grows too much meanwhile. It takes as long as it needs, but
ends where nothing moves for a minute.`,
		Example: `  chord backup --node test1:8001 test1.db
  chord backup --data /var/lib/chord/node1 node1.db`,
		Args: cobra.ExactArgs(1),
	}
	t, output := nodeFlags(c), outputFlag(c)
	data := c.Flags().String("data", "", "directory of a node that is stopped, instead of a node to ask")
	force := c.Flags().Bool("force", false, "replace FILE if it is there")
	c.MarkFlagDirname("data")
	c.RunE = func(c *cobra.Command, args []string) error {
		return writeWhole(args[0], *force, func(f *os.File) error {
			progress, done := bytesBar(c.ErrOrStderr(), "copying")
			defer done()
			if *data != "" {
				return copyStopped(filepath.Join(*data, app.DatabaseFile), f, progress)
			}
			return copyRunning(c, t, f, progress)
		}, func(path string) error { return describeBackup(c.OutOrStdout(), *output, path, args[0]) })
	}
	return c
}

// nodeFlags is targetFlags for what has no limit of time.
func nodeFlags(c *cobra.Command) *target {
	t := targetFlags(c)
	c.Flags().MarkHidden("timeout")
	return t
}

// writeWhole writes a file under another name and gives it its own when it is
// whole, good, and on disk.
func writeWhole(path string, force bool, write func(*os.File) error, good func(path string) error) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) && !force {
		if err != nil {
			return err
		}
		return &failure{exitFailed, path + " is there already", "choose another name, or replace it with --force"}
	}
	unfinished := path + ".tmp"
	f, err := os.OpenFile(unfinished, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = good(unfinished)
	}
	if err == nil {
		err = os.Rename(unfinished, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func copyStopped(path string, f *os.File, progress func(done, total int64)) error {
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if errors.Is(err, store.ErrLocked) {
		return &failure{exitFailed, err.Error(), "the node runs: ask it for a copy with chord backup --node HOST:PORT"}
	}
	if err != nil {
		return err
	}
	total, done := s.Stats().FileBytes, int64(0)
	_, err = s.Copy(writerFunc(func(b []byte) (int, error) {
		n, err := f.Write(b)
		done += int64(n)
		progress(done, max(done, total))
		return n, err
	}))
	return errors.Join(err, s.Close())
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

func copyRunning(c *cobra.Command, t *target, f *os.File, progress func(done, total int64)) error {
	ctx, cancel := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := t.single(); err != nil {
		return err
	}
	ring, err := t.open(c.Context())
	if err != nil {
		return err
	}
	defer ring.Close()
	told := false
	_, err = ring.First().Backup(ctx, f, func(p wire.BackupProgress) {
		if !p.Spooling && !p.Spooled && !told {
			told = true
			fmt.Fprintln(c.ErrOrStderr(), "chord: the node has no room for a copy on its disk; until all has come, its database may grow")
		}
		if !p.Spooling {
			progress(p.Done, p.Total)
		}
	})
	return interrupted(ctx, err)
}

// interrupted says it plainly where the user broke something off.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &failure{code: exitFailed, text: "interrupted"}
	}
	return err
}

// describeBackup opens a copy and says whose it is.
func describeBackup(w io.Writer, output output, path, name string) error {
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("the copy is not good: %w", err)
	}
	defer s.Close()
	id, stats := s.Identity(), s.Stats()
	if output.json() {
		return writeJSON(w, backupView{name, id.Name, id.Ring, stats.Keys, stats.Values, stats.FileBytes})
	}
	_, err = fmt.Fprintf(w, "%s: node %s of ring %s, %d keys, %d values, %d bytes\n", name, id.Name, id.Ring, stats.Keys, stats.Values, stats.FileBytes)
	return err
}

// backupView is what --output json prints of a backup.
type backupView struct {
	File   string `json:"file"`
	Name   string `json:"name"` // of the node
	Ring   string `json:"ring"`
	Keys   uint64 `json:"keys"`
	Values uint64 `json:"values"`
	Bytes  int64  `json:"bytes"`
}
