package wire

import (
	"context"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"chord/trust"
)

// Options is what a server, a dialer or a client may be told. The zero value is
// good for all but the ring's name.
type Options struct {
	// Ring is the name of the ring. A server needs it; a client that leaves it
	// empty talks to a node of any ring; for a dialer it is an argument.
	Ring string
	// Trust secures the connections: by TLS, with certificates on both sides, as
	// far as its mode says. Nothing is encrypted, and everybody may do everything,
	// where nil.
	Trust *trust.Source
	// Tracer carries traces; nil: none.
	Tracer Tracer
	// Log gets a server's faults; they are lost where nil.
	Log *slog.Logger
	// InFlight is how many calls of clients a server works on at once, how many of
	// nodes for them, and how many on its copies; 1,024 where zero.
	InFlight int
	// Connections is how many a server accepts: half of them of clients, a quarter
	// of those who have not said yet who they are; 4,096 where zero.
	Connections int
	// ClientRate is how many operations a second a server does for one client: one
	// name in a certificate, or one address; any number where zero.
	ClientRate int
	// Timeout is what a caller waits for an answer whose context has no deadline;
	// five seconds where zero.
	Timeout time.Duration
	// Dial connects a caller to host:port; over TCP where nil.
	Dial func(ctx context.Context, addr string) (net.Conn, error)

	version int // what to speak, for tests; Version where zero
	slots   int // small and large operations on an exchange, for tests; maxStreams and maxLarge where zero
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.InFlight == 0 {
		o.InFlight = maxInFlight
	}
	if o.Connections == 0 {
		o.Connections = maxAccepted
	}
	if o.Timeout == 0 {
		o.Timeout = callTimeout
	}
	if o.Dial == nil {
		o.Dial = func(ctx context.Context, addr string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		}
	}
	if o.version == 0 {
		o.version = Version
	}
	return o
}

// credentials are those of gRPC.
func (o Options) credentials() credentials.TransportCredentials {
	if o.Trust == nil {
		return insecure.NewCredentials()
	}
	return newSecure(o)
}
