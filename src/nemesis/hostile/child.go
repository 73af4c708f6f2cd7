package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// child is the attackers' process. They have one of their own: the normal load is
// not to wait for them where it is measured.
type child struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func startChild(r *ring) (*child, error) {
	var targets []string
	for _, p := range r.nodes {
		targets = append(targets, p.addr+"/"+p.http+"/"+p.redis)
	}
	c := &child{cmd: exec.Command(os.Args[0], append(os.Args[1:], "--targets", strings.Join(targets, ","))...)}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, os.Stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return c, c.cmd.Start()
}

// stop ends the attacks and returns how many there were.
func (c *child) stop() string {
	c.cmd.Process.Signal(syscall.SIGTERM)
	c.cmd.Wait()
	return strings.TrimSpace(c.out.String())
}

// attackOnly is what the process does.
func attackOnly(ctx context.Context, o options) {
	r := &ring{}
	for i, t := range o.targets {
		ports := strings.Split(t+"//", "/")
		r.nodes = append(r.nodes, &process{name: fmt.Sprintf("node%d", i+1), addr: ports[0], http: ports[1], redis: ports[2]})
	}
	army := startAttacks(ctx, r, o)
	<-ctx.Done()
	army.stop()
	fmt.Println(army.tally())
}
