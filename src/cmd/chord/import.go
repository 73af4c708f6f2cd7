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
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/node"
)

func importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "import FILE|-",
		Short:   "Insert keys from JSON lines, as export writes them",
		GroupID: groupKeys,
		Long: `Inserts the values of each line of FILE, or of standard input, at its key. What
the ring has already stays; nothing is removed. Inserting twice does no harm.

A line that is none of an export, or is over a limit, is told with its number
before anything of it is sent, and ends the import; with --keep-going the others
are inserted, and the exit code is 1. An insert that fails is tried again for
--patience. Until all is done FILE.import stands beside FILE: the same command
again goes on from it. From standard input go on with --skip.`,
		Example: `  chord import --node test1:8001 ring.jsonl
  ssh old chord export | chord import -`,
		Args: cobra.ExactArgs(1),
	}
	i := &importing{target: targetFlags(c)}
	c.Flags().BoolVar(&i.keepGoing, "keep-going", false, "go on after bad lines")
	c.Flags().IntVar(&i.parallel, "parallel", 64, "inserts at once")
	c.Flags().Int64Var(&i.skip, "skip", 0, "number of lines at the beginning to leave out")
	c.Flags().DurationVar(&i.patience, "patience", time.Minute, "how long to try an insert that fails")
	c.RunE = func(c *cobra.Command, args []string) error {
		if i.parallel < 1 || i.skip < 0 {
			return wrongUsage("--parallel is 1 or more, --skip 0 or more", "a number is out of range")
		}
		i.log = c.ErrOrStderr()
		ctx, cancel := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer cancel()
		context.AfterFunc(ctx, cancel) // the second signal ends what waits for its input
		if args[0] == "-" {
			return i.run(ctx, c.InOrStdin(), 0)
		}
		return i.runFile(ctx, args[0])
	}
	return c
}

// importing is an import on its way.
type importing struct {
	target    *target
	keepGoing bool
	parallel  int
	skip      int64
	patience  time.Duration
	log       io.Writer
	path      string // of the file, empty: standard input
	saved     time.Time

	mu   sync.Mutex
	open map[int64]int64 // lines under way, with where they begin
	at   importState     // behind the last line that was begun
	err  error           // why it ends
	bad  int64           // lines that were left out
}

// importState is what stands in FILE.import: all before it is inserted.
type importState struct {
	Lines int64 `json:"lines"`
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"` // of FILE, which is the same still
}

func (i *importing) runFile(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	i.path = path
	b, err := os.ReadFile(path + ".import")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s := (importState{}); err == nil && i.skip == 0 && json.Unmarshal(b, &s) == nil && s.Size == info.Size() {
		if _, err := f.Seek(s.Bytes, io.SeekStart); err != nil {
			return err
		}
		i.at = s
		fmt.Fprintf(i.log, "going on after line %d\n", s.Lines)
	}
	i.at.Size = info.Size()
	err = i.run(ctx, f, info.Size())
	if i.failed(ctx) != nil {
		return errors.Join(err, i.save())
	}
	if err := os.Remove(path + ".import"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return err
}

// run inserts what it reads; size is 0 where it is not known.
func (i *importing) run(ctx context.Context, in io.Reader, size int64) error {
	ring, err := i.target.openWith(ctx, client.Options{})
	if err != nil {
		return err
	}
	defer ring.Close()
	progress, end := bytesBar(i.log, "importing")
	defer end()
	i.open = make(map[int64]int64)
	slots := make(chan struct{}, i.parallel)
	var inserting sync.WaitGroup
	reader := bufio.NewReaderSize(in, 1<<20)
	for i.failed(ctx) == nil {
		text, err := readLine(reader)
		if err == io.EOF {
			break
		}
		number, entry := i.begin(int64(len(text)), text, err)
		if entry == nil {
			i.end(number, i.failed(ctx))
			continue
		}
		slots <- struct{}{}
		inserting.Go(func() {
			err := i.insert(ctx, ring, entry)
			if err != nil {
				err = fmt.Errorf("line %d: %w", number, err)
			}
			i.end(number, err)
			<-slots
		})
		progress(i.at.Bytes, size)
		if time.Since(i.saved) > stateEvery {
			if err := i.save(); err != nil {
				inserting.Wait()
				return err
			}
		}
	}
	inserting.Wait()
	return i.result(ctx)
}

// maxLine bounds a line: the longest key with a share of its values.
const maxLine = 64 << 20

// readLine returns the next line with its end; io.EOF where there is none.
func readLine(r *bufio.Reader) (text []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case err == nil || err == io.EOF && len(text) > 0:
			return text, nil
		case err != bufio.ErrBufferFull:
			return text, err
		case len(text) > maxLine:
			return text, fmt.Errorf("longer than %d bytes", maxLine)
		}
	}
}

// begin notes a line and reads it; nil where nothing of it is to be sent.
func (i *importing) begin(size int64, text []byte, err error) (number int64, entry *node.Entry) {
	i.mu.Lock()
	defer i.mu.Unlock()
	number = i.at.Lines + 1
	i.open[number] = i.at.Bytes
	i.at.Lines, i.at.Bytes = number, i.at.Bytes+size
	if number <= i.skip || err == nil && len(bytes.TrimSpace(text)) == 0 {
		return number, nil
	}
	var e node.Entry
	unreadable := err != nil
	if !unreadable {
		e, err = parseLine(text)
	}
	if err == nil {
		return number, &e
	}
	i.bad++
	err = fmt.Errorf("line %d: %w", number, err)
	if i.keepGoing && !unreadable {
		complain(i.log, err)
	} else if i.err == nil {
		i.err = err
	}
	return number, nil
}

// end notes that a line needs no more, or failed: then it counts as not begun
// when the import goes on.
func (i *importing) end(number int64, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		delete(i.open, number)
	} else if i.err == nil {
		i.err = err
	}
}

func (i *importing) failed(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return errors.Join(i.err, ctx.Err())
}

func (i *importing) result(ctx context.Context) error {
	safe := i.safe()
	i.mu.Lock()
	defer i.mu.Unlock()
	err := i.err
	if ctx.Err() != nil {
		err = interrupted(ctx, ctx.Err())
	}
	if err != nil {
		hint := "the same import again goes on from there"
		if i.path == "" {
			hint = fmt.Sprintf("go on with --skip %d", safe.Lines)
		}
		return &failure{exitFailed, fmt.Sprintf("%v; %d lines are imported", err, safe.Lines), hint}
	}
	fmt.Fprintf(i.log, "imported %d lines\n", i.at.Lines-i.bad-min(i.skip, i.at.Lines))
	if i.bad > 0 {
		return &failure{code: exitFailed, text: fmt.Sprintf("%d lines were left out", i.bad)}
	}
	return nil
}

// safe returns how far everything is inserted.
func (i *importing) safe() importState {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.at
	for number, begins := range i.open {
		if number <= s.Lines {
			s.Lines, s.Bytes = number-1, begins
		}
	}
	return s
}

// save notes how far it is, for the next time.
func (i *importing) save() error {
	if i.saved = time.Now(); i.path == "" {
		return nil
	}
	b, err := json.Marshal(i.safe())
	if err != nil {
		return err
	}
	path := i.path + ".import"
	if err := os.WriteFile(path+".tmp", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// parseLine reads a line of an export strictly: what it does not know may have
// a meaning.
func parseLine(text []byte) (e node.Entry, err error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return e, fmt.Errorf("not a line of an export: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return e, errors.New("not a line of an export: there is more behind it")
	}
	if l.Key == nil {
		return e, errors.New("not a line of an export: it has no key")
	}
	if e.Key, err = l.Key.bytes(); err != nil {
		return e, err
	}
	for _, v := range l.Values {
		value, err := v.bytes()
		if err != nil {
			return e, err
		}
		e.Values = append(e.Values, value)
	}
	for _, v := range append(e.Values, nil) { // a key alone is checked, too
		if err := (node.Op{Kind: node.Insert, Key: e.Key, Value: v}).Check(); err != nil {
			return e, err
		}
	}
	return e, nil
}

// insert inserts the values of a line, and tries again where that may help.
func (i *importing) insert(ctx context.Context, ring *client.Client, e *node.Entry) error {
	until := time.Now().Add(i.patience)
	for _, v := range e.Values {
		for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
			once, cancel := context.WithTimeout(ctx, i.target.timeout)
			err := ring.Insert(once, e.Key, v)
			cancel()
			if err == nil {
				break
			}
			switch node.KindOf(err) {
			case node.Unavailable, node.Overloaded, node.Unknown, node.NotResponsible, node.ReadOnly:
			default:
				return err
			}
			if time.Now().Add(pause).After(until) {
				return err
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return err
			}
		}
	}
	return nil
}
