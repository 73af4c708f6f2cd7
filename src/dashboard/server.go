package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"chord/keyspace"
	"chord/node"
)

// Node is the node of the page, a [node.Node] in a program. Its methods are safe
// for concurrent use.
type Node interface {
	Status() node.Status
	Lookup(ctx context.Context, target keyspace.ID) (node.Trace, error)
	Healthy(ctx context.Context) node.Health
}

// Config is what a server is made of.
type Config struct {
	Node Node
	// Metrics answers /metrics, and Profile what is below /debug/pprof/; neither is
	// there where nil.
	Metrics, Profile http.Handler
	// Log gets the server's faults; they are lost where nil.
	Log *slog.Logger
}

// Server is the http port of a node. Its methods are safe for concurrent use.
type Server struct {
	config   Config
	http     *http.Server
	stopping context.Context // ends when Stop begins
	stop     context.CancelFunc
}

// Bounds of one connection and of all.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10 // bytes
	maxConns      = 256
)

// New returns a server that serves nothing yet.
func New(c Config) *Server {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{config: c}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers at l until Stop, then returns nil. It closes l.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(limit(l, maxConns))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Stop finishes what is in flight until ctx is done, then breaks it off and
// returns ctx's error.
func (s *Server) Stop(ctx context.Context) error {
	s.stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	return err
}

// routes are what the port answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.config.Metrics != nil {
		mux.Handle("GET /metrics", s.config.Metrics)
	}
	if s.config.Profile != nil {
		mux.Handle("/debug/pprof/", s.config.Profile)
	}
	return guarded(mux)
}
