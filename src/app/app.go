package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"chord/node"
)

// Deps is what an app takes from its surroundings. All may be left out: it
// then listens for itself, logs nothing and tells nobody.
type Deps struct {
	Log *slog.Logger
	// Level changes what Log lets through, and Reload reads the options again:
	// what SIGHUP does in [App.Run].
	Level  *slog.LevelVar
	Reload func() (Options, error)
	// Listeners by name, such as [RingSocket]. The app closes those it knows.
	Listeners map[string]net.Listener
	// Signals end or reload a Run.
	Signals <-chan os.Signal
	// Notify tells the service manager, see sd_notify(3); Watchdog is how often
	// it wants to hear of a node that does its work, zero for never.
	Notify   func(state string)
	Watchdog time.Duration
	// Alive stands in for the node's own check.
	Alive func(context.Context) error

	open func(ctx context.Context, o Options, addr string, log *slog.Logger) (service, error)
}

// service is the node with its database and its server, as far as the app
// looks after it. All methods are safe for concurrent use.
type service interface {
	lifecycle
	// Serve answers at l, the port of that name such as [RingSocket], until Close.
	Serve(port string, l net.Listener) error
	Status() node.Status
	Alive(ctx context.Context) error
	// Reload takes from the options what can change while the node runs.
	Reload(ctx context.Context, o Options) error
	// Close finishes what is in flight until ctx is done, then ends it, syncs
	// and closes the database.
	Close(ctx context.Context) error
}

// lifecycle is how a [node.Node] comes and goes.
type lifecycle interface {
	Start(ctx context.Context) error
	Ready() <-chan struct{}
	Failed() <-chan struct{}
	Err() error
	Leave(ctx context.Context) error
	Left() <-chan struct{}
}

// App is one node of a ring as a service. Its methods are safe for concurrent
// use.
type App struct {
	opts Options
	deps Deps
	log  *slog.Logger

	service  service
	addr     string
	open     map[string]net.Listener // ports by name
	ended    chan struct{}           // closed when serving one of them has ended
	serveErr error                   // why, after ended
	served   chan struct{}           // closed when serving all of them has
	cancel   context.CancelFunc
	stop     func() error // [App.shut], once
}

// New returns an app that is not started.
func New(opts Options, deps Deps) *App {
	a := &App{opts: opts, deps: deps, log: deps.Log, ended: make(chan struct{}), served: make(chan struct{})}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.deps.Notify == nil {
		a.deps.Notify = func(string) {}
	}
	if a.deps.open == nil {
		a.deps.open = openStack
	}
	a.stop = sync.OnceValue(a.shut)
	return a
}

// Start listens, opens the database, and sets the node going, in that order:
// who connects meanwhile waits instead of failing. It returns once the node is
// on its way into the ring; see [App.Ready]. ctx is for starting alone. An app
// that could not be started needs no Stop.
func (a *App) Start(ctx context.Context) error {
	open, err := a.listenAll(ctx)
	if err != nil {
		return err
	}
	a.open = open
	if err := a.begin(ctx, open[RingSocket]); err != nil {
		closeAll(open)
		return err
	}
	a.serve()
	return nil
}

func (a *App) begin(ctx context.Context, l net.Listener) error {
	addr, err := a.advertised(ctx, l)
	if err != nil {
		return err
	}
	a.addr = addr
	opts := a.opts
	// One list of bootstrap nodes for all of a ring names each to itself too.
	opts.Bootstrap = slices.DeleteFunc(slices.Clone(opts.Bootstrap), func(b string) bool { return b == addr })
	if err := a.checkProfile(); err != nil {
		return err
	}
	a.warn(l)
	if a.service, err = a.deps.open(ctx, opts, addr, a.log); err != nil {
		return err
	}
	life, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	if err := a.service.Start(life); err != nil {
		cancel()
		return errors.Join(err, a.service.Close(ctx))
	}
	a.log.Info("listening", "address", l.Addr().String(), "advertised", addr, "ring", opts.Ring)
	for name, l := range a.open {
		if name != RingSocket {
			a.log.Info("listening", "port", name, "address", l.Addr().String())
		}
	}
	return nil
}

// warn says aloud what is dangerous in the options.
func (a *App) warn(l net.Listener) {
	if a.opts.NoSync {
		a.log.Warn("nothing is synced to disk: a power cut loses what was acknowledged")
	}
	safe := a.opts
	safe.Insecure = false
	if safe.refuseExposed(context.Background(), l.Addr().String(), false) != nil || safe.refuseExposed(context.Background(), a.addr, true) != nil {
		a.log.Warn("insecure: everybody who reaches the port may read and change all keys", "address", l.Addr().String())
	}
	for name, l := range a.open {
		if name != RingSocket && safe.refuseExposed(context.Background(), l.Addr().String(), false) != nil {
			a.log.Warn("insecure: everybody who reaches the port may use it", "port", name, "address", l.Addr().String())
		}
	}
}

// Addr returns the address at which others reach the node. It is known after
// [App.Start].
func (a *App) Addr() string { return a.addr }

// Ready returns a channel that is closed once the node is joined, holds its
// buckets and serves.
func (a *App) Ready() <-chan struct{} { return a.service.Ready() }

// Failed returns a channel that is closed when the node cannot go on, and Err
// why.
func (a *App) Failed() <-chan struct{} { return a.service.Failed() }

// Err returns why the node failed, nil before it did.
func (a *App) Err() error { return a.service.Err() }

// Status returns what the node says of itself.
func (a *App) Status() node.Status { return a.service.Status() }

// Leave hands over all that the node holds and takes it out of the ring. The
// app is still to be stopped.
func (a *App) Leave(ctx context.Context) error { return a.service.Leave(ctx) }

// Stop finishes what is in flight, syncs and closes everything; the node stays
// a member of the ring. It takes at most the shutdown timeout. Later calls wait
// for the first and return the same.
func (a *App) Stop() error { return a.stop() }

func (a *App) shut() error {
	limit := cmp.Or(a.opts.ShutdownTimeout, 10*time.Second)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := a.service.Close(ctx)
		a.cancel()
		<-a.served
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &Problem{Option: "shutdown-timeout", Text: fmt.Sprintf("not stopped within %s", limit), Remedy: "nothing that was acknowledged is lost; a longer --shutdown-timeout gives it more time"}
	}
}
