package console

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// openPTY returns the two ends of a real terminal.
func openPTY(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

// screen reads what a shell prints until it has seen a text.
type screen struct {
	t    *testing.T
	from *os.File
	seen string
}

func (s *screen) until(text string) {
	s.t.Helper()
	buf := make([]byte, 4096)
	for !strings.Contains(s.seen, text) {
		n, err := s.from.Read(buf)
		if err != nil {
			s.t.Fatalf("%v; on the screen stands %q, without %q", err, s.seen, text)
		}
		s.seen += string(buf[:n])
	}
	_, s.seen, _ = strings.Cut(s.seen, text)
}

// On a real terminal completion and history work, raw mode is on while a line
// is typed only, a real SIGINT ends a running command, and the terminal is in
// the end as it was.
func TestRealTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	keyboard, terminal := openPTY(t)
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		t.Fatal(err)
	}
	running := make(chan struct{})
	s := New(Options{In: terminal, Out: terminal, Terminal: true, Remote: watched{&fakeNet{}, running}})
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()

	scr := &screen{t: t, from: keyboard}
	scr.until("oc > ")
	keyboard.WriteString("joi\t-boo\tx\r")
	scr.until("joinN ")
	<-running
	if attr, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil || attr.Lflag&unix.ISIG == 0 {
		t.Errorf("the terminal is raw while a command runs (%v)", err)
	}
	if err := unix.Kill(os.Getpid(), unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	scr.until("error: joinN: interrupted")
	scr.until("oc > ")
	keyboard.WriteString("show\r")
	scr.until("Nodes in the order")
	scr.until("oc > ")
	keyboard.WriteString("\x1b[A -count\r")
	scr.until("Number of nodes: 0")
	scr.until("oc > ")
	keyboard.WriteString("\x04")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if after, err := term.GetState(fd); err != nil || *after != *before {
		t.Errorf("the terminal is not as it was (%v)", err)
	}
}

// watched is a network on which joining lasts until it is given up.
type watched struct {
	*fakeNet
	running chan struct{}
}

func (w watched) Join(ctx context.Context, _ int, _ string) (Node, error) {
	close(w.running)
	<-ctx.Done()
	return nil, ctx.Err()
}
