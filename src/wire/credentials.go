package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"google.golang.org/grpc/credentials"

	"chord/keyspace"
	"chord/trust"
)

// secure makes a source of certificates what gRPC knows as credentials, for both
// sides. What the source's mode is counts at the moment of each connection.
type secure struct {
	source *trust.Source
	server *tls.Config
	caller *tls.Config
}

func newSecure(o Options) *secure {
	return &secure{source: o.Trust, server: o.Trust.Server(trust.Needed, "h2"), caller: o.Trust.Caller("h2")}
}

// party is who is at the other end of a connection, as gRPC carries it.
type party struct {
	credentials.CommonAuthInfo
	peer *trust.Peer // nil: it speaks plain
	ids  [keyspace.NodeChoices]keyspace.ID
}

// AuthType returns how the connection is secured.
func (p *party) AuthType() string {
	if p.peer == nil {
		return "plain"
	}
	return "tls"
}

func newParty(p *trust.Peer) *party {
	all := &party{CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}, peer: p}
	if p.Role == trust.Node {
		for i := range all.ids {
			all.ids[i] = keyspace.HashNode(p.Ring, p.Name, i)
		}
	}
	return all
}

// plain is the party of a connection without TLS.
func plain() *party {
	return &party{CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.NoSecurity}}
}

// owns reports whether the identifier is one of those that the name in the
// certificate allows.
func (p *party) owns(id keyspace.ID) bool { return slices.Contains(p.ids[:], id) }

// ServerHandshake meets a caller. gRPC has set a time limit on the connection.
func (s *secure) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	mode := s.source.Mode()
	if mode == trust.Off {
		return raw, plain(), nil
	}
	conn, first, err := peek(raw)
	if err != nil {
		return nil, nil, err
	}
	if first != tlsRecord {
		if mode == trust.Require {
			err := &trust.Refusal{Reason: trust.Plain, Text: "it does not speak TLS"}
			s.source.Note(host(raw), err)
			return nil, nil, err
		}
		return conn, plain(), nil
	}
	c := tls.Server(conn, s.server)
	if err := c.Handshake(); err != nil {
		if !isNetwork(err) {
			s.source.Note(host(raw), err)
		}
		return nil, nil, err
	}
	p, err := s.source.Peer(c.ConnectionState(), false)
	if err != nil || p == nil { // it has been judged by the handshake
		return nil, nil, errors.Join(err, errors.New("wire: no certificate"))
	}
	return c, newParty(p), nil
}

// ClientHandshake meets the node at an address.
func (s *secure) ClientHandshake(ctx context.Context, addr string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if s.source.Mode() < trust.Prefer {
		return raw, plain(), nil
	}
	c := tls.Client(raw, s.caller)
	conn, err := greeted(ctx, c)
	if err != nil {
		if !isNetwork(err) {
			s.source.Note(addr, err)
			err = fmt.Errorf("%s%w", distrust, err)
		}
		return nil, nil, err
	}
	p, err := s.source.Peer(c.ConnectionState(), true)
	if err != nil || p == nil {
		return nil, nil, errors.Join(err, errors.New("wire: no certificate"))
	}
	return conn, newParty(p), nil
}

// distrust is how gRPC's text is known that says of a handshake that one of the
// two does not trust the other.
const distrust = "not trusted: "

// greeted ends a handshake with the first byte that the node says: only then has
// it taken this side's certificate (TLS 1.3), and its refusal has arrived.
func greeted(ctx context.Context, c *tls.Conn) (net.Conn, error) {
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Now()) })
	conn, _, err := peek(c)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return conn, err
}

// Info says what the credentials are.
func (s *secure) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

// Clone returns the same: nothing in it changes.
func (s *secure) Clone() credentials.TransportCredentials { return s }

// OverrideServerName does nothing: names of hosts are not looked at.
func (s *secure) OverrideServerName(string) error { return nil }

// tlsRecord is the first byte of a TLS connection; HTTP/2 begins with a letter.
const tlsRecord = 0x16

// peeked is a connection whose first byte was looked at.
type peeked struct {
	net.Conn
	first []byte
}

func peek(c net.Conn) (*peeked, byte, error) {
	p := &peeked{c, make([]byte, 1)}
	_, err := c.Read(p.first)
	return p, p.first[0], err
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.first) == 0 || len(b) == 0 {
		return p.Conn.Read(b)
	}
	n := copy(b, p.first)
	p.first = p.first[n:]
	return n, nil
}

// isNetwork reports whether a handshake failed because the connection did: who
// looks whether the port is open, or went away, was not refused.
func isNetwork(err error) bool {
	_, is := errors.AsType[net.Error](err)
	alert, ok := errors.AsType[*net.OpError](err)
	return is && !(ok && alert.Op == "remote error") || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF)
}

func host(c net.Conn) string {
	addr := c.RemoteAddr().String()
	if h, _, err := net.SplitHostPort(addr); err == nil {
		return h
	}
	return addr
}
