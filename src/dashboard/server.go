package dashboard

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/share"
	"chord/trust"
)

// Node is the node of the page, a [node.Node] in a program. Its methods are safe
// for concurrent use.
type Node interface {
	Status() node.Status
	Lookup(ctx context.Context, target keyspace.ID) (node.Trace, error)
	Healthy(ctx context.Context) node.Health
}

// Config is what a server is made of. All but Node may be left out.
type Config struct {
	Node Node
	// Peers asks the other members how full they are, which is unknown without.
	Peers Peers
	// Operator does what administrators ask for; the page is read-only without.
	Operator Operator
	// Trust secures the connections while its mode is [trust.Require], and says who
	// is at their other ends; nothing is secured without, and nobody changes anything.
	Trust *trust.Source
	// Metrics answers /metrics, and Profile what is below /debug/pprof/; neither is
	// there where nil.
	Metrics, Profile http.Handler
	// Log gets the server's faults, and what administrators do.
	Log *slog.Logger
}

// Server is the http port of a node. Its methods are safe for concurrent use.
type Server struct {
	config   Config
	http     *http.Server
	assets   map[string]asset
	template *template.Template
	survey   *survey
	checkup  checkup
	places   *share.Room // of connections, by address
	refused  atomic.Uint64
	stopping context.Context // ends when Stop begins
	stop     context.CancelFunc

	role        func(*http.Request) trust.Role // roleOf, but for tests
	subscribers chan struct{}                  // holds one for each who listens to events
	leaving     chan struct{}                  // and one for each member that was told to leave
	every       time.Duration                  // between two events
	slowest     time.Duration                  // for a reader to take one

	mu    sync.Mutex // guards the last snapshot
	last  update
	taken time.Time
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
	s := &Server{
		config: c, assets: assets(), template: parsePage(), every: eventsEvery, places: share.New(maxConns), slowest: slowest,
		subscribers: make(chan struct{}, maxSubscribers), leaving: make(chan struct{}, maxLeaving),
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.role = s.roleOf
	s.survey = newSurvey(s.stopping, c.Peers)
	s.http = &http.Server{
		Handler:           guarded(s.routes()),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers at l until Stop, then returns nil. It closes l. A server may
// serve several listeners.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(s.secured(&limited{l, s.places, &s.refused})); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
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
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /{$}": s.page, "GET /assets/{name}": s.asset, "GET /ring.svg": s.picture,
		"GET /api/status": s.status, "GET /api/ring": s.ring, "GET /api/member": s.member,
		"GET /api/lookup": s.lookup, "GET /api/events": s.events,
	} {
		mux.HandleFunc(pattern, handle)
	}
	s.orders(mux)
	if s.config.Metrics != nil {
		mux.Handle("GET /metrics", s.config.Metrics)
	}
	if s.config.Profile != nil {
		mux.Handle("/debug/pprof/", s.config.Profile)
	}
	all := http.NewServeMux()
	all.HandleFunc("GET /healthz", s.healthz) // who asks these has no certificate as a rule,
	all.HandleFunc("GET /readyz", s.readyz)   // and learns nothing but yes or no and why
	all.Handle("/", s.readers(mux))
	return all
}
