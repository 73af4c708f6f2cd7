package trust

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Asking says what a server wants of its callers.
type Asking int

// What a server may want.
const (
	// Wanted: a caller may show a certificate; one that is not valid is refused.
	Wanted Asking = iota
	// Needed: a caller without a valid certificate is refused.
	Needed
)

// Server returns the configuration of a server, good for as long as the source
// is. Certificates and CAs are those of the moment of each handshake. protocols
// are for ALPN.
func (s *Source) Server(ask Asking, protocols ...string) *tls.Config {
	base := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: protocols,
		// A resumed session would be judged by the certificates of a day gone by.
		SessionTicketsDisabled: true,
		ClientAuth:             tls.RequireAnyClientCert, // VerifyConnection looks closer
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.certificate() },
		VerifyConnection:       func(c tls.ConnectionState) error { _, err := s.Peer(c, false); return err },
	}
	if ask == Needed {
		return base
	}
	base.ClientAuth = tls.RequestClientCert
	base.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c := base.Clone()
		c.GetConfigForClient = nil
		c.ClientCAs = s.now.Load().roots // a browser offers only what helps
		return c, nil
	}
	return base
}

// Caller returns the configuration of who calls nodes of the ring: whoever
// answers must be a node. Hosts' names are not looked at, for nodes move.
func (s *Source) Caller(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion:           tls.VersionTLS13,
		NextProtos:           protocols,
		InsecureSkipVerify:   true, // VerifyConnection does it, by CA and name in the ring
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return s.certificate() },
		VerifyConnection: func(c tls.ConnectionState) error {
			p, err := s.Peer(c, true)
			switch {
			case err != nil:
				return err
			case p == nil:
				return refuse(NoCertificate, "no certificate was shown")
			case p.Role != Node:
				return refuse(Forbidden, "%s answers as if it was a node", p.Identity)
			}
			return nil
		},
	}
}

var errNone = errors.New("trust: there is no certificate")

func (s *Source) certificate() (*tls.Certificate, error) {
	st := s.now.Load()
	if st.roots == nil {
		return nil, errNone
	}
	return &st.cert, nil
}

// usages are those of nodes and of clients.
var (
	nodeUsage   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	clientUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
)
