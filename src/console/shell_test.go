package console

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// start runs a shell on the network in the background of a bubble; lines
// written to in are its input.
func start(ctx context.Context, t *testing.T, net *fakeNet) (s *Shell, in *io.PipeWriter, out *strings.Builder, done chan error) {
	t.Helper()
	r, in := io.Pipe()
	out = &strings.Builder{}
	s = New(Options{In: r, Out: out, Remote: net, Local: net})
	done = make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, in, out, done
}

func TestCtrlCEndsTheCommandNotTheShell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s, in, out, done := start(t.Context(), t, &fakeNet{})
		io.WriteString(in, "joinN\n")
		io.WriteString(in, "insertN -key silent -value v\n")
		synctest.Wait()
		s.interrupts <- os.Interrupt
		io.WriteString(in, "wait -millis 1000000\n")
		synctest.Wait()
		s.interrupts <- os.Interrupt
		io.WriteString(in, "retrieveN -key k\n")
		in.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			"error: insertN: interrupted\nhint: it may or may not be in effect; doing it again does no harm\n",
			"error: wait: interrupted\noc > ", "No values",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the shell prints:\n%s\nwithout %q", out, want)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// A Ctrl-C that comes when nothing runs does not end the next command.
func TestLateCtrlCIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, in, out, done := start(t.Context(), t, &fakeNet{})
		io.WriteString(in, "show\n")
		synctest.Wait()
		s.interrupts <- os.Interrupt
		io.WriteString(in, "wait -millis 10\n")
		in.Close()
		<-done
		if strings.Contains(out.String(), "interrupted") {
			t.Errorf("the shell prints:\n%s", out)
		}
	})
}

func TestCtrlCEndsTheWholeMacro(t *testing.T) {
	path := filepath.Join(t.TempDir(), "macro")
	if err := os.WriteFile(path, []byte("wait -millis 1000\nshow -count\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, in, out, done := start(t.Context(), t, &fakeNet{})
		io.WriteString(in, "executeMacro -times 1000 -file '"+path+"'\n")
		time.Sleep(2500 * time.Millisecond)
		s.interrupts <- os.Interrupt
		in.Close()
		<-done
		if n := strings.Count(out.String(), "Number of nodes"); n != 2 || strings.Count(out.String(), "interrupted") != 1 {
			t.Errorf("the shell prints:\n%s", out)
		}
		if s.Failed() != 1 {
			t.Errorf("%d commands failed, want 1", s.Failed())
		}
	})
}

// How the console's nodes end.
func TestFarewell(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        []string
		failed      int
	}{
		{"exit leaves", "joinN -bootstrap x\nexit\ny\n", []string{"leave test1:4242", "close test1:4242"}, 0},
		{"the end of input leaves", "joinN -bootstrap x\n", []string{"leave test1:4242", "close test1:4242"}, 0},
		{"it is an answer too", "joinN -bootstrap x\nexit\n", []string{"leave test1:4242", "close test1:4242"}, 0},
		{"no stays", "joinN -bootstrap x\nexit\nn\nleaveN\nshow\n", []string{"leave test1:4242", "close test1:4242"}, 0},
		{"who cannot leave is closed", "joinN -bootstrap x -port 666\n", []string{"close test1:666"}, 1},
		{"simulated nodes are closed", "create -names a_b\n", []string{"close a:4242", "close b:4242"}, 0},
		{"crash does not close", "create -names a_b\ncrash -names a\n", []string{"crash a:4242", "close b:4242"}, 0},
		{"leave closes", "create -names a_b\nleave -names a\n", []string{"leave a:4242", "close a:4242", "close b:4242"}, 0},
		{"shutdown only closes", "create -names a_b\nshutdown -all\n", []string{"close a:4242", "close b:4242"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := &fakeNet{}
			var out strings.Builder
			s := New(Options{In: strings.NewReader(c.input), Out: &out, Remote: net, Local: net})
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(net.ended, c.want) || s.Failed() != c.failed {
				t.Errorf("nodes ended by %q with %d failures, want %q with %d\n%s", net.ended, s.Failed(), c.want, c.failed, &out)
			}
		})
	}
}

// The end of the context is a stop: no time to hand anything over.
func TestStopClosesWithoutLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, input := range []string{"show\n", "wait -millis 1000000\n", "retrieveN -key silent\n"} {
			net := &fakeNet{}
			ctx, cancel := context.WithCancel(t.Context())
			_, in, out, done := start(ctx, t, net)
			io.WriteString(in, "joinN -bootstrap x\n")
			io.WriteString(in, input)
			synctest.Wait()
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if !slices.Equal(net.ended, []string{"close test1:4242"}) {
				t.Errorf("%s: nodes ended by %q\n%s", input, net.ended, out)
			}
			in.Close()
		}
	})
}

// A node that does not end is not waited for.
func TestNothingHangsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := New(Options{In: strings.NewReader(""), Out: io.Discard})
		release := make(chan struct{})
		s.node = hanging{release: release}
		if err := s.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > slow+5*time.Second || s.Failed() != 2 {
			t.Errorf("it took %v and failed %d times", took, s.Failed())
		}
		close(release)
	})
}

type hanging struct {
	Node
	release chan struct{}
}

func (h hanging) Leave(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (h hanging) Close() error                    { <-h.release; return nil }

// The arguments of the program are commands, each as if typed.
func TestArgumentsAreCommands(t *testing.T) {
	out := session(t, Options{Commands: []string{"joinN -port 9000", "nonsense"}, In: strings.NewReader("leaveN\n")})
	want := "oc > joinN -port 9000\nCreating new chord overlay network!\nURL of created chord node chord://test1:9000/.\n" +
		"oc > nonsense\nUnknown command: 'nonsense'\nhint: help lists the commands\noc > leaveN\noc > \n"
	if out != want {
		t.Errorf("the shell prints:\n%s\nwant:\n%s", out, want)
	}
	out = session(t, Options{Commands: []string{"exit", "show"}, In: strings.NewReader("y\nshow\n")})
	if strings.Contains(out, "Nodes") {
		t.Errorf("commands are run after exit:\n%s", out)
	}
}

// Without makers the commands for nodes say so, and nothing else breaks.
func TestWithoutMakers(t *testing.T) {
	var out strings.Builder
	s := New(Options{In: strings.NewReader("joinN\ncreate -names a\ndisplaySystemOut\n"), Out: &out})
	if err := s.Run(t.Context()); err != nil || s.Failed() != 2 {
		t.Errorf("%v, %d failures:\n%s", err, s.Failed(), &out)
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("v", 1<<20)
	net := &fakeNet{}
	s := New(Options{In: strings.NewReader("joinN -bootstrap x\r\ninsertN -key k -value " + long), Out: io.Discard, Remote: net})
	if err := s.Run(t.Context()); err != nil || s.Failed() != 0 || net.nodes[0].entries["k"][0] != long {
		t.Errorf("a value of 1 MiB: %v, %d failures", err, s.Failed())
	}
	s = New(Options{In: strings.NewReader(strings.Repeat("v", maxLine+2)), Out: io.Discard})
	if err := s.Run(t.Context()); !errors.Is(err, errLong) {
		t.Errorf("a line over the limit: %v", err)
	}
}

func TestMessages(t *testing.T) {
	var m Messages
	for range maxMessages {
		m.Write([]byte("old\n"))
	}
	m.Write([]byte("two\nlines \x1b[2J\n"))
	m.Write([]byte(strings.Repeat("x", maxMessage+1)))
	lines := m.lines()
	if len(lines) != maxMessages {
		t.Errorf("%d lines are kept, want %d", len(lines), maxMessages)
	}
	want := []string{"old", "two", "lines  [2J", strings.Repeat("x", maxMessage)}
	if got := lines[maxMessages-4:]; !slices.Equal(got, want) {
		t.Errorf("the last lines are %.20q", got)
	}
	m.clear()
	if len(m.lines()) != 0 {
		t.Error("something is left after clear")
	}
}
