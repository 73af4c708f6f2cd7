// Package trusttest makes certificates for tests.
package trusttest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chord/trust"
)

// CA issues certificates of one ring.
type CA struct {
	*trust.Authority
	Ring string
	t    testing.TB
}

// New makes a CA for a ring, valid for a day.
func New(t testing.TB, ring string) *CA {
	t.Helper()
	a, err := trust.NewAuthority("CA of "+t.Name(), 24*time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	return &CA{a, ring, t}
}

// Pair issues a certificate, valid for an hour.
func (c *CA) Pair(role trust.Role, name string) trust.Pair {
	c.t.Helper()
	p, err := c.Issue(trust.Ask{Identity: trust.Identity{Ring: c.Ring, Role: role, Name: name}, Valid: time.Hour})
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// Files issues a certificate and writes it to files that trust this CA and the
// others.
func (c *CA) Files(role trust.Role, name string, others ...*CA) trust.Files {
	c.t.Helper()
	dir := c.t.TempDir()
	f := trust.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), CA: filepath.Join(dir, "ca.pem")}
	c.Write(f, c.Pair(role, name))
	c.Trust(f, append([]*CA{c}, others...)...)
	return f
}

// Write replaces the certificate and the key.
func (c *CA) Write(f trust.Files, p trust.Pair) {
	c.t.Helper()
	if err := errors.Join(os.WriteFile(f.Key, p.Key, 0o600), os.WriteFile(f.Cert, p.Cert, 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

// Trust replaces the CAs.
func (c *CA) Trust(f trust.Files, cas ...*CA) {
	c.t.Helper()
	var bundle []byte
	for _, a := range cas {
		bundle = append(bundle, a.Cert...)
	}
	if err := os.WriteFile(f.CA, bundle, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// Source issues a certificate and returns what holds it, with TLS required.
func (c *CA) Source(role trust.Role, name string) *trust.Source {
	c.t.Helper()
	return c.Open(trust.Config{Mode: trust.Require, Files: c.Files(role, name), Ring: c.Ring})
}

// Open returns a source.
func (c *CA) Open(o trust.Config) *trust.Source {
	c.t.Helper()
	s, err := trust.Open(o, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}
