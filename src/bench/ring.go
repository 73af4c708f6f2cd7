package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"chord/client"
	"chord/wire"
)

// Ring is a ring on this machine, each node a process of its own.
type Ring struct {
	nodes   []*process
	addrs   []string
	options []string
}

type process struct {
	*exec.Cmd
	log   string        // file of what it prints
	ended chan struct{} // closed when it has
}

// ringName is the name of the rings that are started here.
const ringName = "bench"

// StartRing starts the nodes of a ring on loopback, with program, a chord, and
// with databases and logs in dir, and more options where they are given. It returns
// when all are ready. Where there is an error, what was started is ended.
func StartRing(ctx context.Context, program string, nodes int, dir string, options ...string) (*Ring, error) {
	r := &Ring{options: options}
	for i := range nodes {
		err := r.start(program, dir, i)
		if err == nil && (i == 0 || i == nodes-1) { // the first before the others ask it
			err = r.wait(ctx)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bench: start a ring: %w", err), r.Stop())
		}
	}
	return r, nil
}

// Addrs returns where the nodes are reached.
func (r *Ring) Addrs() []string { return r.addrs }

// start starts the i-th node.
func (r *Ring) start(program, dir string, i int) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "node"+strconv.Itoa(i))
	args := []string{"server", "--ring", ringName, "--name", "node" + strconv.Itoa(i), "--listen", addr, "--data", data, "--log-level", "warn"}
	args = append(args, r.options...)
	if i > 0 {
		args = append(args, "--bootstrap", r.addrs[0])
	}
	p := &process{Cmd: exec.Command(program, args...), log: data + ".log", ended: make(chan struct{})}
	p.Args[0] = "chord" // the program goes by its name
	p.Env = cleanEnvironment()
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer log.Close()
	p.Stdout, p.Stderr = log, log
	if err := p.Start(); err != nil {
		return err
	}
	go func() {
		p.Wait()
		close(p.ended)
	}()
	r.nodes, r.addrs = append(r.nodes, p), append(r.addrs, addr)
	return nil
}

// cleanEnvironment leaves out what is meant for another server.
func cleanEnvironment() (env []string) {
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch {
		case strings.HasPrefix(name, "CHORD_"), name == "NOTIFY_SOCKET", name == "STATE_DIRECTORY", strings.HasPrefix(name, "LISTEN_"):
		default:
			env = append(env, e)
		}
	}
	return env
}

// freeAddr returns a loopback address that is free now.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// wait returns when the nodes that were started are ready, at most after a
// minute.
func (r *Ring) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for i, p := range r.nodes {
		node, err := client.Open(ctx, r.addrs[i:i+1], client.Options{Direct: true, Wire: wire.Options{Ring: ringName}})
		if err != nil {
			return err
		}
		defer node.Close()
		for ready := false; !ready; {
			s, err := node.Status(ctx)
			if ready = err == nil && !s.Ready.IsZero(); ready {
				break
			}
			select {
			case <-p.ended:
				return fmt.Errorf("node %d ended: %s", i, p.said())
			case <-ctx.Done():
				return fmt.Errorf("node %d is not ready: %w: %s", i, ctx.Err(), p.said())
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	return nil
}

// said returns the end of what a process printed.
func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return strings.TrimSpace(string(text[max(0, len(text)-1000):]))
}

// Stop ends all nodes, and by force those that take longer than ten seconds.
func (r *Ring) Stop() error {
	for _, p := range r.nodes {
		p.Process.Signal(syscall.SIGTERM)
	}
	deadline := time.After(10 * time.Second)
	var err error
	for i, p := range r.nodes {
		select {
		case <-p.ended:
		case <-deadline:
			err = errors.Join(err, fmt.Errorf("bench: node %d did not end by itself", i))
			p.Process.Kill()
			<-p.ended
		}
	}
	return err
}
