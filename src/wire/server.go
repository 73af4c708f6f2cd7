package wire

import (
	"context"
	"errors"
	"iter"
	"net"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/share"
	"chord/store"
	"chord/wire/chordpb"
)

// Node is what a server serves: [node.Node] in a program, a double in tests.
// All methods are safe for concurrent use.
type Node interface {
	node.Peer
	Values
	Views
	// Leave hands over everything and returns when the node is gone.
	Leave(ctx context.Context) error
	// Forget takes the member of that name, which is down, out of the ring.
	Forget(ctx context.Context, name string) error
	// Backup makes a copy of the database; progress hears of what is spooled.
	Backup(ctx context.Context, progress func(done, total int64) error) (*store.Snapshot, error)
}

// Values is the part of a [Node] that reads and writes for clients.
type Values interface {
	// Operate carries out an operation on a key, wherever its copies are.
	Operate(ctx context.Context, op node.Op) (node.Result, error)
	// Entries gives what the node itself holds.
	Entries(ctx context.Context) iter.Seq2[node.Entry, error]
	// Export gives what the node holds of some buckets, and says what is complete.
	Export(ctx context.Context, wanted []node.Range) iter.Seq2[node.Exported, error]
}

// Views is the part of a [Node] that tells about it and its ring.
type Views interface {
	Lookup(ctx context.Context, target keyspace.ID) (node.Trace, error)
	Status() node.Status
	Members() []member.Member
}

// Server serves a node on a listener. It starts as not serving, which only
// says what the health service answers: a node that joins must be reachable.
type Server struct {
	options  Options
	greeting metadata.MD
	grpc     *grpc.Server
	health   *health.Server
	inFlight [ranks]atomic.Int64
	taken    [ranks]atomic.Int64 // bytes of what is in flight
	unsent   atomic.Int64        // bytes of answers
	clients  *share.Room         // of what is in flight of clients
	watching *share.Room         // of the long streams among it
	strange  *share.Room         // of streams of other services
	receipts [ranks]*share.Room
	rates    *share.Rates
	doors    *doors
	counts   counts
	workers  *workers
	// stopping ends when Stop begins.
	stopping context.Context
	stop     context.CancelFunc
}

// NewServer returns a server for n.
func NewServer(n Node, o Options) *Server {
	o = o.withDefaults()
	s := &Server{options: o, greeting: greeting(o.Ring, o.version), health: health.NewServer()}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.workers = newWorkers(s.stopping)
	s.doors, s.rates = newDoors(o.Connections, &s.counts), share.NewRates(o.ClientRate)
	s.clients, s.watching, s.strange = share.New(o.InFlight), share.New(max(1, o.InFlight/4)), share.New(maxForeign)
	for r := range s.receipts {
		s.receipts[r] = share.New(maxReceipts)
	}
	s.grpc = grpc.NewServer(
		grpc.Creds(o.credentials()),
		grpc.UnaryInterceptor(s.unary),
		grpc.StreamInterceptor(s.stream),
		grpc.InTapHandle(s.tap),
		// More calls wait at the caller, and push back there.
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.MaxSendMsgSize(maxAnswer),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.StaticStreamWindowSize(streamWindow),
		grpc.StaticConnWindowSize(connWindow),
		grpc.ConnectionTimeout(greetTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: pingEvery, Timeout: pingTimeout, MaxConnectionIdle: 2 * idleTimeout, // after who connected
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingEvery / 2, PermitWithoutStream: true}),
	)
	chordpb.RegisterMaintenanceServer(s.grpc, maintenance{node: claims{n, s}})
	chordpb.RegisterStorageServer(s.grpc, storage{node: claims{n, s}, server: s})
	chordpb.RegisterChordServer(s.grpc, clients{node: n, server: s})
	chordpb.RegisterAdminServer(s.grpc, admin{node: n})
	healthpb.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc) // for grpcurl and its like
	s.SetServing(false)
	return s
}

// Serve answers on l until Stop, then returns nil. It closes l. A server may
// serve several listeners.
func (s *Server) Serve(l net.Listener) error {
	err := s.grpc.Serve(newListener(l, s.doors))
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

// SetServing sets what the health service answers, for the whole server (no
// name) and for chord.v1.Chord.
func (s *Server) SetServing(serving bool) {
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if serving {
		state = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", state)
	s.health.SetServingStatus(chordpb.Chord_ServiceDesc.ServiceName, state)
}

// Stop takes no more connections and waits for the calls in flight. When ctx
// ends it breaks off what is left and returns the context's error. It may be
// called again.
func (s *Server) Stop(ctx context.Context) error {
	s.health.Shutdown()
	s.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		// Not waited for: a connection in the middle of its greeting ends by its
		// own time limit only.
		go s.grpc.Stop()
		return ctx.Err()
	}
}
