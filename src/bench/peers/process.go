package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"chord/bench"
)

// toClose is what has to be ended after a measurement, the last first.
type toClose []func()

func (t *toClose) add(f func()) { *t = append(*t, f) }

func (t *toClose) close() {
	for _, f := range slices.Backward(*t) {
		f()
	}
}

// start runs a program with what it prints in a file of dir, and ends it with t:
// by force after five seconds.
func start(t *toClose, dir, program string, args ...string) error {
	log, err := os.CreateTemp(dir, filepath.Base(program)+"-*.log")
	if err != nil {
		return err
	}
	defer log.Close()
	c := exec.Command(program, args...)
	c.Dir, c.Stdout, c.Stderr = dir, log, log
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		c.Wait()
		close(ended)
	}()
	t.add(func() {
		c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			c.Process.Kill()
			<-ended
		}
	})
	return nil
}

// freePorts returns ports that are free now.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// ready waits until every client has a write answered: half a minute at most.
func ready(ctx context.Context, clients []bench.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, c := range clients {
		for {
			short, done := context.WithTimeout(ctx, 2*time.Second)
			err := c.Insert(short, []byte("ready"), []byte(strings.Repeat("-", 8)))
			done()
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("not ready: %w", err)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}
