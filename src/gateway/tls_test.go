package gateway

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chord/trust"
)

// trusted are the certificates of a test.
type trusted struct {
	t     testing.TB
	ca    *trust.Authority
	files trust.Files
}

func newTrusted(t testing.TB) *trusted {
	ca, err := trust.NewAuthority("test", time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &trusted{t, ca, trust.Files{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), CA: filepath.Join(dir, "ca")}}
	p := c.issue(ca, trust.Node, "n0")
	c.write(p, ca)
	return c
}

func (c *trusted) issue(by *trust.Authority, role trust.Role, name string) trust.Pair {
	c.t.Helper()
	p, err := by.Issue(trust.Ask{Identity: trust.Identity{Ring: "test", Role: role, Name: name}, Valid: time.Hour})
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *trusted) write(p trust.Pair, ca *trust.Authority) {
	c.t.Helper()
	if err := errors.Join(os.WriteFile(c.files.CA, ca.Cert, 0o600), os.WriteFile(c.files.Key, p.Key, 0o600), os.WriteFile(c.files.Cert, p.Cert, 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *trusted) source(mode trust.Mode) *trust.Source {
	c.t.Helper()
	s, err := trust.Open(trust.Config{Mode: mode, Files: c.files, Ring: "test"}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// dial connects with TLS; of a pair without a certificate, none is shown.
func (c *trusted) dial(addr string, p trust.Pair) *talk {
	c.t.Helper()
	config := &tls.Config{InsecureSkipVerify: true} // who the server is, is not what is tested
	if p.Cert != nil {
		pair, err := tls.X509KeyPair(p.Cert, p.Key)
		if err != nil {
			c.t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", addr, config)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return &talk{c.t, conn, bufio.NewReader(conn)}
}

// refused reports whether a connection ends without an answer.
func (k *talk) refused() bool {
	k.conn.Write([]byte("PING\r\n"))
	_, err := readAnswer(k.in)
	return err != nil
}

// A certificate says who is there, and what he may do.
func TestCertificates(t *testing.T) {
	c := newTrusted(t)
	source := c.source(trust.Require)
	addr, _ := start(t, newFake(), Options{Trust: source})
	anna := c.dial(addr, c.issue(c.ca, trust.Write, "anna"))
	anna.expect("SET a 1", "OK")
	rita := c.dial(addr, c.issue(c.ca, trust.Read, "rita"))
	rita.expect("GET a", "1")
	rita.expect("SET a 2", "-NOPERM set asks for the role write, user \"rita\" has read")
	rita.expect("AUTH x y", "-ERR this port has no users…")
	if !c.dial(addr, trust.Pair{}).refused() {
		t.Error("without a certificate: let in")
	}
	other, err := trust.NewAuthority("other", time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	if !c.dial(addr, c.issue(other, trust.Admin, "eve")).refused() {
		t.Error("with a certificate of another CA: let in")
	}
	plain := dial(t, addr)
	plain.send("PING")
	plain.answerIs("-ERR this port speaks TLS")

	// When the CA changes, who is connected by the old one goes.
	c.write(c.issue(other, trust.Node, "n0"), other)
	source.Poll()
	anna.expect("GET a", "-NOAUTH…")
	c.dial(addr, c.issue(other, trust.Read, "rita")).expect("GET a", "1")
}

// With users, who shows no certificate says a password, over TLS too. On the way
// to TLS a port takes both.
func TestCertificatesAndUsers(t *testing.T) {
	c := newTrusted(t)
	addr, _ := start(t, newFake(), Options{Trust: c.source(trust.Accept), Users: someUsers(t)})
	k := c.dial(addr, trust.Pair{})
	k.expect("GET a", "-NOAUTH…")
	k.expect("AUTH rita look", "OK")
	k.expect("SET a 1", "-NOPERM…")
	shown := c.dial(addr, c.issue(c.ca, trust.Write, "anna"))
	shown.expect("SET a 1", "OK")
	shown.expect("AUTH rita look", "OK")
	shown.expect("SET a 2", "-NOPERM…")
	shown.expect("RESET", "RESET")
	shown.expect("SET a 3", "OK")
	plain := dial(t, addr)
	plain.expect("GET a", "-NOAUTH…")
	plain.expect("AUTH anna secret", "OK")
	plain.expect("GET a", "3")
}
