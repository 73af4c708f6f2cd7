package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// Prompt is what stands before each command.
const Prompt = "oc > "

// Options are what a shell needs.
type Options struct {
	In  io.Reader
	Out io.Writer
	// Terminal is set where a person types: In and Out are then the same terminal.
	Terminal bool
	// Commands are carried out before the first line of In, each as if typed.
	Commands []string
	// History is the file that keeps the typed lines; none where empty.
	History string
	// Remote and Local make nodes; where nil, the commands for them say that
	// they are not to be had.
	Remote Remote
	Local  Local
	// Messages holds what running nodes say, for displaySystemOut.
	Messages *Messages
}

// Shell carries out commands. It is not safe for concurrent use.
type Shell struct {
	o          Options
	out        io.Writer
	lines      source
	colour     bool
	interrupts chan os.Signal // Ctrl-C while a command runs
	node       Node           // made by joinN, or nil
	locals     map[string]local
	depth      int // of macros inside macros
	failed     int
}

// source is where lines come from. An error of [errInterrupted] means that the
// line was given up; io.EOF that there is no other.
type source interface {
	read(prompt string) (string, error)
	close() error
}

// New returns a shell that has not begun.
func New(o Options) *Shell {
	if o.Messages == nil {
		o.Messages = &Messages{}
	}
	return &Shell{o: o, out: o.Out, locals: map[string]local{}, interrupts: make(chan os.Signal, 1)}
}

// Failed returns how many commands ended in an error.
func (s *Shell) Failed() int { return s.failed }

// Run carries out commands until exit, the end of input, or the end of ctx, and
// then ends all nodes: after ctx at once, else the node on the network leaves
// its ring first. It fails only where input cannot be read. On a terminal it
// takes SIGINT for itself, which ends the running command, so ctx should then
// not end with that signal.
func (s *Shell) Run(ctx context.Context) error {
	s.lines = &pipe{in: newReader(s.o.In), out: s.o.Out, echo: !s.o.Terminal}
	if s.o.Terminal && os.Getenv("TERM") != "dumb" {
		s.lines = newEditor(s)
		s.colour = os.Getenv("NO_COLOR") == ""
	}
	if s.o.Terminal {
		signal.Notify(s.interrupts, os.Interrupt)
		defer signal.Stop(s.interrupts)
	}
	err := s.loop(ctx)
	s.farewell(ctx)
	return errors.Join(err, s.lines.close())
}

// loop ends without an error at exit, at the end of input and at that of ctx.
func (s *Shell) loop(ctx context.Context) error {
	for _, line := range s.o.Commands {
		fmt.Fprintln(s.out, Prompt+oneLine(line))
		if err := s.execute(ctx, line); err != nil {
			return ignore(err, errExit)
		}
	}
	for ctx.Err() == nil {
		line, err := s.read(ctx, s.paint(bold, Prompt))
		if errors.Is(err, errInterrupted) {
			continue
		}
		if err != nil {
			return ignore(err, io.EOF)
		}
		if err := s.execute(ctx, line); err != nil {
			return ignore(err, errExit)
		}
	}
	return nil
}

// ignore returns err unless it is the one that ends things well.
func ignore(err, end error) error {
	if errors.Is(err, end) {
		return nil
	}
	return err
}

// read waits for a line. At the end of ctx it returns io.EOF; the goroutine
// that waits for the input then stays, as there is no way to stop a read.
func (s *Shell) read(ctx context.Context, prompt string) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := s.lines.read(prompt)
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", io.EOF
	}
}

// execute carries out a line, reports its errors, and returns only those that
// end the shell or the macros around it.
func (s *Shell) execute(ctx context.Context, line string) error {
	err := s.run(ctx, line)
	if err == nil || errors.Is(err, errExit) || s.depth > 0 && (ctx.Err() != nil || errors.Is(err, errDepth)) {
		return err
	}
	s.report(err)
	return nil
}

// run carries out a line; its error is worded for the person who typed it.
func (s *Shell) run(ctx context.Context, line string) error {
	words, err := split(line)
	if err != nil {
		return refuse(`for example: 'two words', "it's", \-dash`, "%w", err)
	}
	if len(words) == 0 {
		return nil
	}
	c, ok := lookup(words[0].text)
	if !ok {
		return misused(suggest(words[0].text), "Unknown command: '%s'", words[0].text)
	}
	if asksHelp(words[1:]) {
		c.help(s.out)
		return nil
	}
	a, err := c.bind(words[1:])
	if err != nil {
		return err
	}
	ctx, cancel := s.bounds(ctx, c)
	defer cancel()
	if err := c.run(ctx, s, a); err != nil {
		return explain(ctx, c, err)
	}
	return nil
}

// bounds gives a command its limit of time, and ends it on Ctrl-C, which ends
// a macro as a whole.
func (s *Shell) bounds(ctx context.Context, c Command) (context.Context, func()) {
	ctx, interrupt := context.WithCancelCause(ctx)
	inner, cancel := ctx, func() {}
	if c.limit > 0 {
		inner, cancel = context.WithTimeoutCause(ctx, c.limit, errLate)
	}
	if s.depth == 0 {
		select {
		case <-s.interrupts: // meant for a command that ended before it was heard
		default:
		}
		go func() {
			select {
			case <-s.interrupts:
				interrupt(errInterrupted)
			case <-ctx.Done():
			}
		}()
	}
	return inner, func() { cancel(); interrupt(nil) }
}

// farewell ends the nodes. Those of the simulated network end with the process.
func (s *Shell) farewell(ctx context.Context) {
	if s.node != nil && ctx.Err() == nil {
		if err := s.run(ctx, "leaveN"); err != nil {
			s.report(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if s.node != nil {
		if err := within(ctx, s.node.Close); err != nil {
			s.report(fmt.Errorf("closing the node: %w", err))
		}
		s.node = nil
	}
	for _, name := range ordered(s.locals) {
		if err := closeNode(ctx, s, name); err != nil {
			s.report(fmt.Errorf("closing node '%s': %w", name, err))
		}
	}
}

// within waits for f to the end of ctx, no longer. It is for what takes no
// context of its own; the goroutine stays until f returns.
func within(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Escape sequences of the terminal.
const (
	red  = "\x1b[1;31m"
	bold = "\x1b[1m"
)

// paint makes text stand out where the terminal can.
func (s *Shell) paint(how, text string) string {
	if !s.colour {
		return text
	}
	return how + text + "\x1b[0m"
}
