package nemesis

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// host is a machine of the ring: a network namespace, a disk, and a node that
// runs on it or does not. Its methods must not be called at the same time,
// except for those that say so.
type host struct {
	*disk
	number int
	chord  string
	extra  []string // flags of every start
	log    string
	socket *os.File // listens in the node's place, as systemd does; nil: the node does

	starting sync.Mutex // held while the node is started

	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   chan struct{} // closed when the process is gone
	wanted  bool          // it should run
	onEnded func(h *host, state string)
}

// forgetAfter is for how long the nodes remember removed keys: short, so that they
// forget them while faults go on.
const forgetAfter = "3s"

func (h *host) name() string { return fmt.Sprintf("node%d", h.number) }
func (h *host) addr() string { return hostIP(h.number) + ":4170" }

// start starts the node, which finds the ring through those addresses, unless it
// runs.
func (h *host) start(bootstrap []string) error {
	h.starting.Lock()
	defer h.starting.Unlock()
	if h.running() {
		return nil
	}
	return h.launch(bootstrap)
}

// startWanted starts the node where it should run and does not.
func (h *host) startWanted(bootstrap []string) error {
	h.starting.Lock()
	defer h.starting.Unlock()
	h.mu.Lock()
	again := h.wanted && h.cmd == nil
	h.mu.Unlock()
	if !again {
		return nil
	}
	return h.launch(bootstrap)
}

func (h *host) launch(bootstrap []string) error {
	args := append([]string{"server", "--name", h.name(), "--ring", ringName, "--listen", h.addr(), "--advertise", h.addr(),
		"--insecure", "--data", h.data(), "--log-format", "text", "--purge-after", forgetAfter}, h.extra...)
	if len(bootstrap) > 0 {
		args = append(args, "--bootstrap", strings.Join(bootstrap, ","))
	}
	log, err := os.OpenFile(h.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c := exec.Command(h.chord, args...)
	if h.socket != nil {
		c = passing(h.socket, c)
	}
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's signals are for us alone
	if err := within(h.number, c.Start); err != nil {
		return fmt.Errorf("nemesis: start %s: %w", h.name(), err)
	}
	ended := make(chan struct{})
	h.mu.Lock()
	h.cmd, h.ended, h.wanted = c, ended, true
	h.mu.Unlock()
	go func() {
		c.Wait()
		h.mu.Lock()
		unexpected := h.wanted && h.cmd == c
		if h.cmd == c {
			h.cmd = nil
		}
		h.mu.Unlock()
		close(ended)
		if unexpected {
			h.onEnded(h, c.ProcessState.String())
		}
	}()
	return nil
}

// running reports whether there is a process. It may be called at any time.
func (h *host) running() bool { return h.pid() != 0 }

// pid returns that of the process, 0 where there is none, at any time.
func (h *host) pid() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd == nil {
		return 0
	}
	return h.cmd.Process.Pid
}

// signal sends a signal to the node if it runs.
func (h *host) signal(s syscall.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd != nil {
		h.cmd.Process.Signal(s)
	}
}

// expectEnd says that the node may end from now on, and is not started again
// when it does.
func (h *host) expectEnd() (ended <-chan struct{}) {
	h.starting.Lock()
	defer h.starting.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wanted = false
	if h.cmd == nil {
		gone := make(chan struct{})
		close(gone)
		return gone
	}
	return h.ended
}

// kill ends the node at once and waits until it is gone.
func (h *host) kill() {
	ended := h.expectEnd()
	h.signal(syscall.SIGKILL)
	<-ended
}

// stop ends the node as an operator does, by force after a while.
func (h *host) stop() {
	ended := h.expectEnd()
	h.signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		h.kill()
	}
}

// cutPower takes the power from the host and gives it again. The node is not
// started.
func (h *host) cutPower() error {
	h.expectEnd()
	err := h.cut()
	h.kill()
	return firstError(err, h.replay())
}

// complaints returns the lines of the node's log that no fault excuses.
func (h *host) complaints() []string {
	b, err := os.ReadFile(h.log)
	if err != nil {
		return nil
	}
	var lines []string
	for line := range bytes.Lines(b) {
		for _, sign := range []string{"panic:", "fatal error:", "DATA RACE", "SIGSEGV"} {
			if bytes.Contains(line, []byte(sign)) {
				lines = append(lines, filepath.Base(h.log)+": "+strings.TrimSpace(string(line)))
			}
		}
	}
	return lines
}

// logged returns how often the node's log has some words.
func (h *host) logged(words string) int {
	b, _ := os.ReadFile(h.log)
	return bytes.Count(b, []byte(words))
}

// lastWords returns the end of the node's log.
func (h *host) lastWords() string {
	b, _ := os.ReadFile(h.log)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " | ")
}
