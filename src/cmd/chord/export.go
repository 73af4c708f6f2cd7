package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"chord/keyspace"
	"chord/node"
)

func exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "export [FILE|-]",
		Short:   "Write all keys of the ring as JSON lines",
		GroupID: groupKeys,
		Long: `Reads all keys of the ring from those who hold them and writes them to FILE, or
to standard output, one JSON object a line:

  {"key":{"text":"color"},"values":[{"text":"blue"},{"base64":"//4="}]}

Each key is written as it was at one moment; a key with very many values takes
several lines. Keys that move to another node meanwhile are read again there, so
that a line may come twice; inserted twice it does no harm.

What cannot be read, since a node is down, is told at the end, and the exit code
is 1. Beside FILE stands FILE.state until all is there: the same command again
goes on from it.`,
		Example: `  chord export --node test1:8001 ring.jsonl
  chord export | jq -r .key.text`,
		Args: cobra.MaximumNArgs(1),
	}
	t := targetFlags(c)
	force := c.Flags().Bool("force", false, "begin anew, and replace FILE if it is there")
	c.RunE = func(c *cobra.Command, args []string) error {
		e := &exporting{target: t, log: c.ErrOrStderr()}
		ctx, cancel := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer cancel()
		if len(args) == 0 || args[0] == "-" {
			e.out = bufio.NewWriterSize(c.OutOrStdout(), 64<<10)
			return errors.Join(interrupted(ctx, e.run(ctx)), e.out.Flush())
		}
		if err := e.open(args[0], *force); err != nil {
			return err
		}
		return e.finish(interrupted(ctx, e.run(ctx)))
	}
	return c
}

// exporting is an export on its way.
type exporting struct {
	target *target
	log    io.Writer
	out    *bufio.Writer
	file   *os.File // nil: standard output
	done   [keyspace.Buckets]bool
	count  int // of done buckets
	keys   int // lines written
	state  time.Time
}

// exportState is what stands in FILE.state: up to which byte FILE is good, and
// the buckets that it has.
type exportState struct {
	Bytes int64        `json:"bytes"`
	Done  []node.Range `json:"done"`
}

// open begins a file, or goes on with one that an earlier export left.
func (e *exporting) open(path string, force bool) (err error) {
	var s exportState
	b, err := os.ReadFile(path + ".state")
	resume := err == nil && !force
	if resume {
		if err := json.Unmarshal(b, &s); err != nil {
			return &failure{exitFailed, path + ".state is damaged: " + err.Error(), "begin anew with --force"}
		}
	} else if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) && !force {
		return &failure{exitFailed, path + " is there already", "choose another name, or begin anew with --force"}
	}
	if e.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	if err := e.file.Truncate(s.Bytes); err != nil { // what came after it came without its end
		return err
	}
	if _, err := e.file.Seek(s.Bytes, io.SeekStart); err != nil {
		return err
	}
	e.out = bufio.NewWriterSize(e.file, 1<<20)
	e.mark(s.Done)
	if resume {
		fmt.Fprintf(e.log, "going on: %d of %d buckets are in %s\n", e.count, keyspace.Buckets, path)
	}
	return e.save()
}

// finish syncs the file, and takes the state away if all is there.
func (e *exporting) finish(err error) error {
	err = errors.Join(err, e.save())
	if err == nil {
		err = os.Remove(e.file.Name() + ".state")
	}
	return errors.Join(err, e.file.Close())
}

// save makes durable what was exported, and then that it was.
func (e *exporting) save() error {
	if e.file == nil {
		return nil
	}
	e.state = time.Now()
	if err := errors.Join(e.out.Flush(), e.file.Sync()); err != nil {
		return err
	}
	at, err := e.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	b, err := json.Marshal(exportState{at, e.ranges(true)})
	if err != nil {
		return err
	}
	path := e.file.Name() + ".state"
	if err := os.WriteFile(path+".tmp", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

func (e *exporting) mark(done []node.Range) {
	for _, r := range done {
		for b := int(r.First); b <= int(r.Last); b++ {
			if !e.done[b] {
				e.done[b] = true
				e.count++
			}
		}
	}
}

// ranges returns the buckets that are done, or are not.
func (e *exporting) ranges(done bool) []node.Range {
	runs := []node.Range{}
	for b := range keyspace.Buckets {
		if e.done[b] != done {
			continue
		}
		if n := len(runs); n > 0 && int(runs[n-1].Last)+1 == b {
			runs[n-1].Last = keyspace.Bucket(b)
			continue
		}
		runs = append(runs, node.Range{First: keyspace.Bucket(b), Last: keyspace.Bucket(b)})
	}
	return runs
}

func (e *exporting) run(ctx context.Context) error {
	ring, err := e.target.open(ctx)
	if err != nil {
		return err
	}
	defer ring.Close()
	progress, end := progressBar(e.log, "exporting")
	defer end()
	for x, err := range ring.Export(ctx, e.ranges(false)) {
		if node.KindOf(err) == node.Unavailable && ctx.Err() == nil {
			return &failure{exitFailed, err.Error(), "start who is down; the same export again goes on from here"}
		}
		if err != nil {
			return err
		}
		if err := e.take(x); err != nil {
			return err
		}
		progress(int64(e.count), keyspace.Buckets)
	}
	fmt.Fprintf(e.log, "exported %d lines\n", e.keys)
	return nil
}

// stateEvery is how much time an interrupted export loses at most.
const stateEvery = 5 * time.Second

func (e *exporting) take(x node.Exported) error {
	if x.Key == nil {
		e.mark(x.Done)
		// Only here: the file has all of the done buckets, and of one more the
		// beginning at most.
		if time.Since(e.state) > stateEvery {
			return e.save()
		}
		return nil
	}
	e.keys++
	b, err := json.Marshal(lineOf(x.Entry))
	if err == nil {
		_, err = e.out.Write(append(b, '\n'))
	}
	return err
}

// line is an entry in an export.
type line struct {
	Key    *content  `json:"key"`
	Values []content `json:"values"`
}

func lineOf(e node.Entry) line {
	key := contentOf(e.Key)
	l := line{Key: &key, Values: []content{}}
	slices.SortFunc(e.Values, bytes.Compare)
	for _, v := range e.Values {
		l.Values = append(l.Values, contentOf(v))
	}
	return l
}
