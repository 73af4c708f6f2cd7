package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"chord/dashboard"
	"chord/gateway"
	"chord/metrics"
	"chord/node"
	"chord/store"
	"chord/trace"
	"chord/trust"
	"chord/wire"
)

// stack is the real [service]: a node between its database below and the
// network on both sides.
type stack struct {
	*node.Node
	store  *store.Store
	trust  *trust.Source
	addr   string
	dialer *wire.Dialer
	server *wire.Server
	redis  *gateway.Server
	page   *dashboard.Server
	ports  map[string]server // by the names of their sockets; server is among them
	tracer *trace.Tracer     // nil: nothing is traced
	log    *slog.Logger
}

// server answers at listeners, one or several at once.
type server interface {
	// Serve answers at l until Stop, and closes it.
	Serve(l net.Listener) error
	// Stop finishes what is in flight until ctx is done, then breaks it off and
	// returns an error.
	Stop(ctx context.Context) error
}

// openStack opens the database and makes the node and its server over it.
func openStack(_ context.Context, o Options, addr string, log *slog.Logger) (service, error) {
	users, err := o.redisUsers()
	if err != nil {
		return nil, err
	}
	m := metrics.New(o.Version)
	certificates, err := trust.Open(o.trust(o.Name), log)
	if err != nil {
		return nil, trustProblem(err)
	}
	if o.Name == "" {
		o.certified = certificates.Own().Name
	}
	db, err := openDatabase(o, addr, m)
	if err != nil {
		return nil, err
	}
	s := &stack{store: db, trust: certificates, addr: addr, log: log}
	if s.tracer, err = o.tracer(db.Identity().Name, log); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	carried, followed := traced(s.tracer)
	secured := wire.Options{Ring: o.Ring, Log: log, Trust: certificates, Tracer: carried}
	s.dialer = wire.NewDialer(o.Ring, secured)
	if err := s.secure(o); err != nil {
		return nil, errors.Join(err, s.dialer.Close(), db.Close())
	}
	s.Node, err = node.New(node.Config{
		Addr: addr, Domain: o.Domain, Bootstrap: o.Bootstrap, ID: o.NodeID,
		Store: db, Dialer: s.dialer, Log: log, Period: o.Period,
		Quorums: o.Quorums(), RepairRate: int64(o.RepairRate), PurgeAfter: o.PurgeAfter, Meter: m, Security: s.security,
		Tracer: followed,
	})
	if err != nil {
		return nil, errors.Join(err, s.dialer.Close(), db.Close())
	}
	secured.Connections, secured.ClientRate = o.Connections, o.ClientRate
	s.server = wire.NewServer(s.Node, secured)
	s.redis = gateway.New(s.Node, gateway.Options{
		Trust: certificates, Users: users, ClientRate: o.ClientRate, Version: o.Version, Log: log,
	})
	s.page = dashboard.New(dashboard.Config{
		Node: s.Node, Peers: peers{s.dialer}, Operator: s.Node, Trust: certificates,
		Metrics: m.Handler(), Profile: o.profile(), Log: log,
	})
	s.ports = map[string]server{RingSocket: s.server, RedisSocket: s.redis, HTTPSocket: s.page}
	s.observe(m)
	return s, nil
}

// openDatabase opens the database of the node, or makes it and its directory. A
// node that was not told its name has the one that its database knows, else that
// of its certificate.
func openDatabase(o Options, addr string, m store.Meter) (*store.Store, error) {
	dir := o.DataDir(addr)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &Problem{"data", "data", err.Error(), "choose a directory that this user can write to, with --data"}
	}
	path := filepath.Join(dir, DatabaseFile)
	name := o.Name
	if name == "" {
		known, err := nameIn(path)
		if err != nil {
			return nil, err
		}
		name = cmp.Or(known, o.certified, addr)
	}
	return store.Open(path, store.Options{Ring: o.Ring, Name: name, NoSync: o.NoSync, ReserveBytes: o.reserve(dir), Meter: m})
}

// nameIn returns the node's name in a database, or nothing where there is none.
func nameIn(path string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	db, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		return "", err
	}
	return db.Identity().Name, db.Close()
}

// Start sets the node going. The health service says that it serves once it is
// ready.
func (s *stack) Start(ctx context.Context) error {
	go func() {
		select {
		case <-s.Ready():
			s.server.SetServing(true)
		case <-ctx.Done():
		}
	}()
	go s.trust.Watch(ctx, trustPoll)
	return s.Node.Start(ctx)
}

func (s *stack) Serve(port string, l net.Listener) error { return s.ports[port].Serve(l) }

// Close lets the calls in flight have half of the time, so that the other half
// is there for the node and the database, which cannot be broken off.
func (s *stack) Close(ctx context.Context) error {
	calls := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		calls, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	var stopping sync.WaitGroup
	for name, p := range s.ports {
		stopping.Go(func() {
			if err := p.Stop(calls); err != nil {
				s.log.Warn("calls were broken off, for they took too long to finish", "port", name)
			}
		})
	}
	stopping.Wait()
	err := errors.Join(s.Node.Close(), s.dialer.Close(), s.store.Close())
	s.endTraces(ctx)
	if err != nil {
		return fmt.Errorf("app: stop: %w", err)
	}
	return nil
}
