package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are the commands of the scripts beside testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"ports":    scriptPorts,
	"start":    scriptStart,
	"signal":   scriptSignal,
	"waitexit": scriptWaitExit,
	"waitfor":  scriptWaitFor,
	"notify":   scriptNotify,
	"exits":    scriptExits,
	"knock":    scriptKnock,
	"type":     scriptType,
	"waitring": scriptWaitRing,
	"clients":  scriptClients,
	"bytes":    scriptBytes,
	"setenv":   scriptSetenv,
	"damage":   scriptDamage,
	"silent":   scriptSilent,
	"readme":   scriptReadme,
}

var (
	portsMu   sync.Mutex
	portsUsed = map[int]bool{}
)

// scriptPorts: ports VAR... sets each variable to a port that is free on every
// loopback address, and that no other script gets; each is the one before and
// one.
func scriptPorts(ts *testscript.TestScript, _ bool, args []string) {
	for first := freePorts(len(args)); len(args) > 0; args = args[1:] {
		ts.Setenv(args[0], strconv.Itoa(first))
		first++
	}
}

// freePorts returns the first of n ports. It keeps clear of those that the
// system gives to outgoing connections: one of these could take it before the
// program listens.
func freePorts(n int) int {
	portsMu.Lock()
	defer portsMu.Unlock()
	for {
		first, free := 20_000+rand.IntN(12_000), 0
		for free < n && isFree(first+free) {
			free++
		}
		if free < n {
			continue
		}
		for port := first; port < first+n; port++ {
			portsUsed[port] = true
		}
		return first
	}
}

func isFree(port int) bool {
	if portsUsed[port] {
		return false
	}
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// scriptStart: start NAME [VARIABLE=value...] PROGRAM ARGUMENT... runs a program
// in the background, with what it prints in NAME.out and NAME.err. The end of
// the script ends it.
func scriptStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME [VARIABLE=value...] PROGRAM ARGUMENT...")
	}
	ts.Check(processesOf(ts).start(ts, args[0], args[1:]))
}

// scriptSignal: signal NAME SIGNAL sends TERM, INT, HUP, KILL, STOP or CONT.
func scriptSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || signals[args[1]] == 0 {
		ts.Fatalf("usage: signal NAME TERM|INT|HUP|KILL|STOP|CONT")
	}
	ts.Check(processesOf(ts).get(ts, args[0]).Process.Signal(signals[args[1]]))
}

// scriptWaitExit: waitexit NAME [CODE] waits until the process has ended, with
// exit code CODE, 0 unless it is told; -1 is the code of one that was killed.
func scriptWaitExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: waitexit NAME [CODE]")
	}
	want := "0"
	if len(args) > 1 {
		want = args[1]
	}
	p := processesOf(ts).get(ts, args[0])
	select {
	case <-p.ended:
		if got := strconv.Itoa(p.ProcessState.ExitCode()); got != want {
			ts.Fatalf("%s ended with code %s, not %s\n%s", args[0], got, want, ts.ReadFile(args[0]+".err"))
		}
	case <-time.After(patience):
		ts.Fatalf("%s runs on after %s\n%s", args[0], patience, ts.ReadFile(args[0]+".err"))
	}
}

// scriptWaitFor: waitfor FILE REGEXP waits until the file holds a match.
func scriptWaitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE REGEXP")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var content []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		content, _ = os.ReadFile(ts.MkAbs(args[0]))
		if re.Match(content) {
			return
		}
	}
	ts.Fatalf("no match for %q in %s after %s:\n%s", args[1], args[0], patience, content)
}

// scriptNotify: notify FILE listens as a service manager does and writes what it
// is told to FILE, a line each. $NOTIFY is its address, for start.
func scriptNotify(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: notify FILE")
	}
	dir, err := os.MkdirTemp("", "notify") // short: paths of sockets have 107 bytes at most
	ts.Check(err)
	path := filepath.Join(dir, "s")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Setenv("NOTIFY", path)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 4096)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			fmt.Fprintln(f, strings.TrimSpace(string(b[:n])))
		}
	}()
	ts.Defer(func() {
		c.Close()
		<-done
		f.Close()
		os.RemoveAll(dir)
	})
}

// scriptExits: exits CODE PROGRAM ARGUMENT... runs a program to its end, which
// shall be with that exit code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, not %s", got, args[0])
	}
}

// scriptKnock: knock HOST:PORT connects once somebody listens there, and hangs
// up: it starts what waits behind a socket.
func scriptKnock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: knock HOST:PORT")
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", args[0]); err == nil {
			c.Close()
			return
		}
	}
	ts.Fatalf("nobody listens at %s after %s", args[0], patience)
}
