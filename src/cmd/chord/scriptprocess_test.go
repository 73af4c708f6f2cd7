package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

var signals = map[string]syscall.Signal{
	"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP,
	"KILL": syscall.SIGKILL, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT,
}

// processes are those that a script has started.
type processes struct {
	env []string
	all map[string]*process
}

type process struct {
	*exec.Cmd
	stdin io.WriteCloser
	ended chan struct{} // closed when it has
}

// processesKey finds the processes of a script among its values.
type processesKey struct{}

// newProcesses ends all that runs on at the end of the script.
func newProcesses(e *testscript.Env) *processes {
	ps := &processes{env: e.Vars, all: map[string]*process{}}
	e.Defer(func() {
		for _, p := range ps.all {
			p.Process.Kill()
			<-p.ended
		}
	})
	return ps
}

func processesOf(ts *testscript.TestScript) *processes {
	return ts.Value(processesKey{}).(*processes)
}

func (ps *processes) get(ts *testscript.TestScript, name string) *process {
	p := ps.all[name]
	if p == nil {
		ts.Fatalf("nothing called %s was started", name)
	}
	return p
}

func (ps *processes) start(ts *testscript.TestScript, name string, args []string) error {
	if old := ps.all[name]; old != nil {
		select {
		case <-old.ended:
		default:
			return fmt.Errorf("%s runs already", name)
		}
	}
	env := ps.env
	for strings.Contains(args[0], "=") && len(args) > 1 {
		env = append(env[:len(env):len(env)], args[0])
		args = args[1:]
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	p := &process{Cmd: exec.Command(path, args[1:]...), ended: make(chan struct{})}
	p.Args[0] = filepath.Base(args[0])
	p.Env, p.Dir = env, ts.MkAbs(".")
	out, err := os.Create(ts.MkAbs(name + ".out"))
	if err != nil {
		return err
	}
	defer out.Close()
	errs, err := os.Create(ts.MkAbs(name + ".err"))
	if err != nil {
		return err
	}
	defer errs.Close()
	p.Stdout, p.Stderr = out, errs
	if p.stdin, err = p.StdinPipe(); err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	go func() {
		p.Wait()
		close(p.ended)
	}()
	ps.all[name] = p
	return nil
}
