package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"chord/app"
)

func demoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "demo",
		Short:   "Run a ring on this machine to play with",
		GroupID: groupRun,
		Long: `Runs a bootstrap node and three more, or as many as --nodes says, in one process
on loopback: real nodes with real databases and sockets. Ctrl-C ends it. Without
--data the databases go with it; with it, the next demo finds them.`,
		Example: `  chord demo
  chord demo --nodes 8 --data ~/ring
  chord demo --tls`,
		Args: cobra.NoArgs,
	}
	d := &demo{}
	c.Flags().IntVar(&d.nodes, "nodes", 4, "number of nodes, 1 to 64")
	c.Flags().IntVar(&d.port, "port", 4170, "port of the bootstrap node; the others follow")
	c.Flags().StringVar(&d.data, "data", "", "directory that keeps the databases; none: a temporary one")
	c.Flags().BoolVar(&d.tls, "tls", false, "make a CA and certificates in the directory, and use them")
	c.MarkFlagDirname("data")
	c.RunE = d.run
	return c
}

// demo is a ring of apps in this process.
type demo struct {
	nodes, port int
	data        string
	tls         bool
	apps        []*app.App
}

func (d *demo) run(c *cobra.Command, _ []string) error {
	if d.nodes < 1 || d.nodes > 64 {
		return wrongUsage("give a number from 1 to 64", "--nodes %d is out of range", d.nodes)
	}
	if d.port < 1 || d.port+d.nodes-1 > 65535 {
		return wrongUsage("the ports are those from --port on, one for each node, up to 65535", "--port %d is out of range", d.port)
	}
	if d.data == "" {
		dir, err := os.MkdirTemp("", "chord-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		d.data = dir
	}
	if d.tls {
		if err := d.certify(); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	defer d.stop()
	if err := d.start(ctx, c.ErrOrStderr()); err != nil || ctx.Err() != nil {
		return err
	}
	d.greet(c.OutOrStdout(), time.Since(began))
	<-ctx.Done()
	stop() // a second Ctrl-C ends it at once
	fmt.Fprintln(c.OutOrStdout(), "\nstopping")
	return d.stop()
}

// start starts the nodes one after the other, so that each chooses its place
// knowing those before it, and waits until all are ready. Nodes that come back
// look for those that they remember, so there none must wait for another.
func (d *demo) start(ctx context.Context, logs io.Writer) error {
	_, err := os.Stat(filepath.Join(d.options(0).Data, app.DatabaseFile))
	again := err == nil
	for i := range d.nodes {
		o := d.options(i)
		log, _ := app.NewLog(o, logs)
		a := app.New(o, app.Deps{Log: log, Listeners: d.listeners(i)})
		if err := a.Start(ctx); err != nil {
			return err
		}
		d.apps = append(d.apps, a)
		if !again {
			if err := d.wait(ctx); err != nil {
				return err
			}
		}
	}
	return d.wait(ctx)
}

// name is that of the i-th node.
func (d *demo) name(i int) string {
	if i == 0 {
		return "bootstrap"
	}
	return "node" + strconv.Itoa(i)
}

// options are those of a node; all nodes together do about as much maintenance
// however many there are.
func (d *demo) options(i int) app.Options {
	o := app.Defaults()
	o.Version = version()
	if o.Name = d.name(i); i > 0 {
		o.Bootstrap = []string{d.apps[0].Addr()}
	}
	o.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port+i))
	if d.tls {
		o.TLSCert, o.TLSKey, o.TLSCA = d.file(o.Name+".crt"), d.file(o.Name+".key"), d.file("ca.crt")
	}
	o.Data = filepath.Join(d.data, o.Name)
	o.Period = time.Duration(d.nodes) * 25 * time.Millisecond
	o.LogLevel, o.LogFormat = slog.LevelError, "text"
	return o
}

// By how much the other ports are above a node's own: 8170 and 6170 beside 4170.
const (
	httpAbove  = 4000
	redisAbove = 2000
)

// listeners gives each node an http port and the bootstrap node a Redis port: the
// usual ones, or any where those are taken.
func (d *demo) listeners(i int) map[string]net.Listener {
	open := map[string]net.Listener{}
	listen := func(name string, port int) {
		for _, p := range []int{port, 0} {
			if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p))); err == nil {
				open[name] = l
				return
			}
		}
	}
	listen(app.HTTPSocket, d.port+httpAbove+i)
	if i == 0 {
		listen(app.RedisSocket, d.port+redisAbove)
	}
	return open
}

// wait returns when all nodes that were started are ready.
func (d *demo) wait(ctx context.Context) error {
	for _, a := range d.apps {
		select {
		case <-a.Ready():
		case <-a.Failed():
			return a.Err()
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func (d *demo) greet(w io.Writer, took time.Duration) {
	fmt.Fprintf(w, "A ring of %d nodes is ready after %v:\n\n", d.nodes, took.Round(time.Millisecond))
	scheme := "http"
	if d.tls {
		scheme = "https"
	}
	for _, a := range d.apps {
		s := a.Status()
		fmt.Fprintf(w, "  %-10s %s   %5d buckets, %d keys   %s://%s/\n", s.Self.Name, a.Addr(), s.Buckets.Held, s.Store.Keys, scheme, a.PortAddr(app.HTTPSocket))
	}
	if d.tls {
		fmt.Fprintf(w, "\nThey speak TLS alone. In each terminal that uses them, with an administrator's certificate:\n\n")
		fmt.Fprintf(w, "  export CHORD_TLS_CERT=%s CHORD_TLS_KEY=%s CHORD_TLS_CA=%s\n", d.file("admin.crt"), d.file("admin.key"), d.file("ca.crt"))
	}
	fmt.Fprintf(w, `
Look at it in a browser, at any of these pages, or use it from another terminal:

  chord insert --node %[1]s color blue
  chord retrieve --node %[2]s color
  chord ring --node %[1]s
  chord console 'joinN -port 9000 -bootstrap %[1]s'
%[3]s
Ctrl-C ends it.
`, d.apps[0].Addr(), d.apps[len(d.apps)-1].Addr(), d.redis())
}

// redis says how to use the Redis port.
func (d *demo) redis() string {
	_, port, err := net.SplitHostPort(d.apps[0].PortAddr(app.RedisSocket))
	if err != nil {
		return ""
	}
	return "  redis-cli -p " + port + " smembers color\n"
}

// stop ends all nodes at the same time: none hands anything over.
func (d *demo) stop() error {
	var first error
	var once sync.Once
	var stopping sync.WaitGroup
	for _, a := range d.apps {
		stopping.Go(func() {
			if err := a.Stop(); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	stopping.Wait()
	return first
}
