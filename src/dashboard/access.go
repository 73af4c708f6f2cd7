package dashboard

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"

	"chord/node"
	"chord/trust"
)

// secured returns a listener with TLS on the connections that come while the ring
// asks for it.
func (s *Server) secured(l net.Listener) net.Listener {
	if s.config.Trust == nil {
		return l
	}
	return &securing{l, s.config.Trust, s.config.Trust.Server(trust.Wanted, "h2", "http/1.1")}
}

type securing struct {
	net.Listener
	trust *trust.Source
	tls   *tls.Config
}

// Accept does not wait for the handshake: that is the connection's own affair.
func (l *securing) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || l.trust.Mode() != trust.Require {
		return c, err
	}
	return tls.Server(c, l.tls), nil
}

// roleOf says what who asks may do. Without TLS everybody may look: then the port
// is on loopback, or somebody said that everybody may. A plain connection that is
// older than the demand for TLS may no more.
func (s *Server) roleOf(r *http.Request) trust.Role {
	t := s.config.Trust
	switch {
	case r.TLS == nil && (t == nil || t.Mode() != trust.Require):
		return trust.Read
	case r.TLS == nil || t == nil:
		return trust.None
	}
	return t.RoleOf(*r.TLS)
}

// isAdmin reports whether who asks is an administrator. A node is none: what it
// may, it may at itself.
func (s *Server) isAdmin(r *http.Request) bool {
	return s.config.Operator != nil && s.role(r) == trust.Admin
}

// who names whose certificate it is.
func (s *Server) who(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	if i, err := trust.IdentityOf(r.TLS.PeerCertificates[0]); err == nil {
		return i.Name
	}
	return r.TLS.PeerCertificates[0].Subject.String()
}

// readers lets in who may look.
func (s *Server) readers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.role(r) >= trust.Read {
			next.ServeHTTP(w, r)
			return
		}
		err := &node.Error{
			Kind: node.Unauthenticated, Text: "this page is for who shows a certificate of the ring",
			Remedy: "make one with `chord tls`, and import it into the browser",
		}
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "Chord: %s.\n%s.\n", err.Text, err.Remedy)
	})
}
