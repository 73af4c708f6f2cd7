package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"chord/app"
	"chord/client"
	"chord/console"
	"chord/node"
	"chord/ring"
	"chord/trust"
	"chord/wire"
)

// remoteMaker makes the console a node on the network.
type remoteMaker struct {
	ring, host string
	insecure   bool
	files      *trust.Files // of a node, for TLS
	logs       io.Writer
}

// answerTime is how long the bootstrap node may take to answer. A server waits
// for it as long as it takes, a person at a prompt does not.
const answerTime = 5 * time.Second

// Join starts a node as `chord server` would.
func (r *remoteMaker) Join(ctx context.Context, port int, bootstrap string) (console.Node, error) {
	if err := r.greet(ctx, bootstrap); err != nil {
		return nil, err
	}
	o := app.Defaults()
	o.Ring, o.Insecure = r.ring, r.insecure
	o.TLSCert, o.TLSKey, o.TLSCA = r.files.Cert, r.files.Key, r.files.CA
	o.Listen = net.JoinHostPort(r.hostFor(ctx, bootstrap), strconv.Itoa(port))
	if o.Name = "console at " + o.Listen; r.files.Any() {
		o.Name = "" // it is the certificate's
	}
	o.Data = consoleData(o.Ring, o.Listen)
	if bootstrap != "" {
		o.Bootstrap = []string{bootstrap}
	}
	a := app.New(o, app.Deps{Log: slog.New(slog.NewTextHandler(r.logs, nil))})
	if err := a.Start(ctx); err != nil {
		return nil, err
	}
	select {
	case <-a.Ready():
	case <-a.Failed():
		return nil, errors.Join(a.Err(), a.Stop())
	case <-ctx.Done():
		doing := a.Status().Doing
		return nil, errors.Join(&failure{exitFailed, "not joined in time: " + doing, "is the bootstrap node running?"}, a.Stop())
	}
	own, err := r.open(ctx, a.Addr())
	if err != nil {
		return nil, errors.Join(err, a.Stop())
	}
	return &consoleNode{Client: own, app: a, data: o.Data}, nil
}

// open returns a client of one node.
func (r *remoteMaker) open(ctx context.Context, addr string) (*client.Client, error) {
	certificates, err := openTrust(r.files, r.ring)
	if err != nil {
		return nil, err
	}
	return client.Open(ctx, []string{addr}, client.Options{Direct: true, Wire: wire.Options{Ring: r.ring, Trust: certificates}})
}

// greet makes sure that the bootstrap node, if there is to be one, is there and
// of this ring.
func (r *remoteMaker) greet(ctx context.Context, bootstrap string) error {
	if bootstrap == "" {
		return nil
	}
	there, err := r.open(ctx, bootstrap)
	if err != nil {
		return err
	}
	defer there.Close()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err = there.Status(ctx)
	return err
}

// hostFor returns under which name this machine is known to the bootstrap node:
// loopback where that is on loopback.
func (r *remoteMaker) hostFor(ctx context.Context, bootstrap string) string {
	if r.host != "" {
		return r.host
	}
	host, _, err := net.SplitHostPort(bootstrap)
	if err != nil {
		return "127.0.0.1"
	}
	addrs, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err == nil && len(addrs) > 0 && addrs[0].IP.IsLoopback() {
		return "127.0.0.1"
	}
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "127.0.0.1"
}

// consoleNode is a node of the console's own, used over its port like any other.
type consoleNode struct {
	*client.Client
	app  *app.App
	data string
	left bool
}

// Entries gives what the node itself holds.
func (n *consoleNode) Entries(ctx context.Context) iter.Seq2[node.Entry, error] {
	return n.First().Entries(ctx)
}

// View returns the node's pointers.
func (n *consoleNode) View() ring.View { return n.app.Status().View }

// Leave hands everything over. The last node of a ring has nobody to hand over
// to: it keeps what it holds on disk.
func (n *consoleNode) Leave(ctx context.Context) error {
	err := n.app.Leave(ctx)
	n.left = err == nil
	if node.KindOf(err) == node.Invalid {
		return nil
	}
	return err
}

// Close ends the node. One that left takes nothing along, and leaves nothing
// behind.
func (n *consoleNode) Close() error {
	err := errors.Join(n.Client.Close(), n.app.Stop())
	if n.left {
		err = errors.Join(err, os.RemoveAll(n.data))
	}
	return err
}
