package trust

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/test/bufconn"
)

// authority makes a CA for a test.
func authority(t testing.TB, name string) *Authority {
	t.Helper()
	a, err := NewAuthority(name, 24*time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// issue makes a certificate of the ring "test", valid for an hour.
func issue(t testing.TB, a *Authority, role Role, name string) Pair {
	t.Helper()
	return issueFor(t, a, Identity{"test", role, name}, time.Hour)
}

func issueFor(t testing.TB, a *Authority, i Identity, valid time.Duration) Pair {
	t.Helper()
	p, err := a.Issue(Ask{Identity: i, Valid: valid})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// files writes a pair and the CAs that are trusted.
func files(t testing.TB, p Pair, trusted ...*Authority) Files {
	t.Helper()
	dir := t.TempDir()
	f := Files{filepath.Join(dir, "cert"), filepath.Join(dir, "key"), filepath.Join(dir, "ca")}
	rewrite(t, f, p, trusted...)
	return f
}

func rewrite(t testing.TB, f Files, p Pair, trusted ...*Authority) {
	t.Helper()
	var bundle []byte
	for _, a := range trusted {
		bundle = append(bundle, a.Cert...)
	}
	err := errors.Join(os.WriteFile(f.CA, bundle, 0o600), os.WriteFile(f.Key, p.Key, 0o600), os.WriteFile(f.Cert, p.Cert, 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

// open returns a source of the ring "test".
func open(t testing.TB, f Files) *Source {
	t.Helper()
	s, err := Open(Config{Mode: Require, Files: f, Ring: "test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// meet lets a caller and a server shake hands, and returns what each says.
func meet(t testing.TB, server, caller *tls.Config) (atServer, atCaller tls.ConnectionState, serverErr, callerErr error) {
	t.Helper()
	l := bufconn.Listen(64 << 10) // net.Pipe has no room for what both say at once
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	b, err := l.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := <-accepted
	defer a.Close()
	defer b.Close()
	s, c := tls.Server(a, server), tls.Client(b, caller)
	done := make(chan error, 1)
	go func() {
		err := s.HandshakeContext(t.Context())
		if err != nil {
			a.Close()
		} else {
			s.Write([]byte{1})
		}
		done <- err
	}()
	callerErr = c.HandshakeContext(t.Context())
	if callerErr == nil { // in TLS 1.3 the server's verdict comes with the first read
		_, callerErr = c.Read(make([]byte, 1))
	} else {
		b.Close()
	}
	serverErr = <-done
	return s.ConnectionState(), c.ConnectionState(), serverErr, callerErr
}

// shared is a log that is written and read at once.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *shared) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Reset()
}
