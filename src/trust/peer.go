package trust

import (
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
	"time"
)

// Peer is who is at the other end of a connection.
type Peer struct {
	Identity
	// Serial tells certificates of one identity apart, for logs.
	Serial string

	source  *Source
	chain   []*x509.Certificate
	usage   x509.ExtKeyUsage
	until   time.Time
	checked atomic.Uint64 // the generation in which it was judged last
}

// Peer returns who is at the other end of a finished handshake, nil where it
// showed no certificate. server is set where this side called it. The error is a
// [*Refusal].
func (s *Source) Peer(c tls.ConnectionState, server bool) (*Peer, error) {
	if len(c.PeerCertificates) == 0 {
		return nil, nil
	}
	p := &Peer{source: s, chain: c.PeerCertificates, usage: x509.ExtKeyUsageClientAuth}
	if server {
		p.usage = x509.ExtKeyUsageServerAuth
	}
	return p, p.judge(s.now.Load())
}

// RoleOf returns the role of who is at the other end, [None] where it showed no
// certificate or one that is not valid. It is for servers of clients.
func (s *Source) RoleOf(c tls.ConnectionState) Role {
	p, err := s.Peer(c, false)
	if p == nil || err != nil {
		return None
	}
	return p.Role
}

func (p *Peer) judge(st *state) error {
	leaf := p.chain[0]
	if st.roots == nil { // none, and not the machine's
		return refuse(Foreign, "no CA is trusted here")
	}
	if err := verify(st.roots, p.chain, p.usage, time.Now()); err != nil {
		return err
	}
	var err error
	if p.Identity, err = IdentityOf(leaf); err != nil {
		return refuse(Malformed, "%v", err)
	}
	if want := st.config.Ring; want != "" && p.Ring != want {
		return refuse(OtherRing, "%s is of another ring than %q", p.Identity, want)
	}
	p.Serial, p.until = leaf.SerialNumber.Text(16), leaf.NotAfter
	p.checked.Store(st.generation)
	return nil
}

// Check says whether the peer would be let in now: its certificate may have
// expired since, or its CA may not be trusted any more. It costs nearly nothing
// while nothing changed.
func (p *Peer) Check() error {
	if now := time.Now(); now.After(p.until) {
		return refuse(Expired, "the certificate of %s expired at %s", p.Identity, day(p.until))
	}
	st := p.source.now.Load()
	if p.checked.Load() == st.generation || st.roots == nil {
		return nil
	}
	again := &Peer{source: p.source, chain: p.chain, usage: p.usage}
	if err := again.judge(st); err != nil {
		return err
	}
	p.checked.Store(st.generation)
	return nil
}
