package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"chord/client"
	"chord/trust"
	"chord/wire"
)

const ringName = "besieged"

// ring is a ring of real processes on loopback.
type ring struct {
	nodes []*process
	trust *trust.Source // of the normal load; nil without TLS

	mu   sync.Mutex
	ends []string // of processes that were not told to
	over bool
}

type process struct {
	name, addr string // the ring port's
	http       string // addresses of the other ports
	redis      string
	cmd        *exec.Cmd
	ended      chan struct{}
	log        string
}

// free returns an address of loopback that nobody listens at.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func startRing(ctx context.Context, dir string, o options) (*ring, error) {
	r := &ring{}
	if err := r.certify(ctx, dir, o); err != nil {
		return r, err
	}
	for i := range o.nodes {
		p := &process{name: fmt.Sprintf("node%d", i+1), ended: make(chan struct{})}
		for _, at := range []*string{&p.addr, &p.http, &p.redis} {
			var err error
			if *at, err = free(); err != nil {
				return r, err
			}
		}
		args := append([]string{
			"server", "--name", p.name, "--ring", ringName, "--listen", p.addr, "--http-listen", p.http, "--redis-listen", p.redis,
			"--domain", p.name, "--data", filepath.Join(dir, p.name), "--log-format", "text",
		}, o.flags...)
		if o.tls {
			f := filesOf(dir, p.name)
			args = append(args, "--tls-cert", f.Cert, "--tls-key", f.Key, "--tls-ca", f.CA)
		}
		if i > 0 {
			args = append(args, "--bootstrap", r.nodes[0].addr)
		}
		p.log = filepath.Join(dir, p.name+".log")
		if err := r.launch(p, o.chord, args); err != nil {
			return r, err
		}
		if err := p.ready(ctx, r.trust); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *ring) launch(p *process, chord string, args []string) error {
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = exec.Command(chord, args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	r.nodes = append(r.nodes, p)
	go func() {
		p.cmd.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.over {
			r.ends = append(r.ends, fmt.Sprintf("%s: %s: %s", p.name, p.cmd.ProcessState, p.lastWords()))
		}
		close(p.ended)
	}()
	return nil
}

// ready waits until a node serves.
func (p *process) ready(ctx context.Context, t *trust.Source) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	c, err := client.Open(ctx, []string{p.addr}, client.Options{Direct: true, Wire: wire.Options{Ring: ringName, Trust: t}})
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		if s, err := c.Status(ctx); err == nil && !s.Ready.IsZero() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %s", p.name, p.lastWords())
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.name, p.lastWords())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// lastWords returns the end of a node's log, or where it panicked.
func (p *process) lastWords() string {
	b, _ := os.ReadFile(p.log)
	if at := bytes.Index(b, []byte("\npanic: ")); at >= 0 {
		b = b[at:min(at+2000, len(b))]
	}
	return strings.TrimSpace(string(b[max(0, len(b)-2000):]))
}

func (r *ring) crashed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends
}

func (r *ring) addrs() (all []string) {
	for _, p := range r.nodes {
		all = append(all, p.addr)
	}
	return all
}

// resident returns the most memory that a node has had since the last call, of
// the node that had the most.
func (r *ring) resident() (most int64) {
	for _, p := range r.nodes {
		file := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
		b, _ := os.ReadFile(file + "/status")
		if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
			if kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
				most = max(most, kib<<10)
			}
		}
		os.WriteFile(file+"/clear_refs", []byte("5"), 0) // begins the peak anew
	}
	return most
}

// files returns how many files the node has open that has the most.
func (r *ring) files() (most int) {
	for _, p := range r.nodes {
		all, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		most = max(most, len(all))
	}
	return most
}

func (r *ring) stop() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	for _, p := range r.nodes {
		p.cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, p := range r.nodes {
		select {
		case <-p.ended:
		case <-time.After(20 * time.Second):
			p.cmd.Process.Kill()
			<-p.ended
		}
	}
}
