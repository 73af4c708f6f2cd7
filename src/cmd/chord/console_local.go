package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"chord/console"
	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// localMaker makes the nodes of the simulated network: real nodes over real
// databases, on a network of function calls. All goes with the process.
type localMaker struct {
	net  nodetest.Network
	dir  string
	logs io.Writer
	made int
}

func newLocalMaker(logs io.Writer) (*localMaker, error) {
	dir, err := os.MkdirTemp("", "chord-console-")
	return &localMaker{dir: dir, logs: logs}, err
}

func (l *localMaker) close() error { return os.RemoveAll(l.dir) }

func localAddr(name string) string {
	return net.JoinHostPort(name, strconv.Itoa(console.DefaultPort))
}

// Create makes a node; its maintenance is ten times as quick as a real one's.
func (l *localMaker) Create(ctx context.Context, name, bootstrap string) (console.LocalNode, error) {
	l.made++
	file := filepath.Join(l.dir, strconv.Itoa(l.made)+".db")
	s, err := store.Open(file, store.Options{Ring: "local", Name: name, NoSync: true})
	if err != nil {
		return nil, err
	}
	c := node.Config{
		Addr: localAddr(name), Store: s, Dialer: l.net.Dialer(localAddr(name)),
		Log: slog.New(slog.NewTextHandler(l.logs, nil)).With("node", name), Period: 100 * time.Millisecond,
	}
	if bootstrap != "" {
		c.Bootstrap = []string{localAddr(bootstrap)}
	}
	n, err := node.New(c)
	if err == nil {
		err = n.Start(context.WithoutCancel(ctx))
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	l.net.Attach(c.Addr, n)
	made := &localNode{Node: n, net: &l.net, addr: c.Addr, store: s}
	select {
	case <-n.Ready():
		return made, nil
	case <-n.Failed():
		return nil, errors.Join(n.Err(), made.Crash())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), made.Crash())
	}
}

type localNode struct {
	*node.Node
	net   *nodetest.Network
	addr  string
	store *store.Store
}

// Leave hands everything over, unless there is nobody to hand it to.
func (n *localNode) Leave(ctx context.Context) error {
	err := n.Node.Leave(ctx)
	if node.KindOf(err) == node.Invalid { // it is the last
		return nil
	}
	return err
}

// Crash takes the node off the network in the middle of whatever it does.
func (n *localNode) Crash() error {
	n.net.Attach(n.addr, nil)
	return errors.Join(n.Node.Close(), n.store.Close())
}

// Close ends the node; nobody hears of it but by its silence.
func (n *localNode) Close() error { return n.Crash() }
