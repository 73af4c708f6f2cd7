package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is wrong with files is said, with a remedy.
func TestBadFiles(t *testing.T) {
	ca, other := authority(t, "ca"), authority(t, "other")
	good, second := issue(t, ca, Node, "node1"), issue(t, ca, Node, "node2")
	for name, c := range map[string]struct {
		cert, key, ca []byte
		want          string
	}{
		"key of another":  {good.Cert, second.Key, ca.Cert, "private key does not match"},
		"no CA":           {good.Cert, good.Key, nil, "holds no certificate"},
		"foreign":         {good.Cert, good.Key, other.Cert, "of no CA that is trusted here"},
		"a leaf as CA":    {good.Cert, good.Key, good.Cert, "is no CA"},
		"a key as CA":     {good.Cert, good.Key, good.Key, "holds a private key"},
		"no identity":     {ca.Cert, ca.Key, ca.Cert, "0 URIs of the form"},
		"half a file":     {good.Cert[:len(good.Cert)/2], good.Key, ca.Cert, "failed to find"},
		"nothing at all":  {nil, nil, nil, "no certificate"},
		"not PEM at all":  {[]byte("hello"), good.Key, ca.Cert, "failed to find"},
		"CA of something": {good.Cert, good.Key, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "malformed"},
	} {
		f := files(t, Pair{c.cert, c.key})
		os.WriteFile(f.CA, c.ca, 0o600)
		err := f.Check(time.Now())
		p, ok := errors.AsType[*Problem](err)
		if !ok || !strings.Contains(err.Error(), c.want) || p.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := files(t, good, ca)
	if err := f.Check(time.Now()); err != nil {
		t.Error(err)
	}
	if err := f.Check(time.Now().Add(2 * time.Hour)); err == nil || !strings.Contains(err.Error(), "is valid from") {
		t.Error("an expired certificate: ", err)
	}
	f.Key = ""
	if err := f.Check(time.Now()); err == nil || !strings.Contains(err.Error(), "the key is not named") {
		t.Error(err)
	}
	f.Key = filepath.Join(t.TempDir(), "none")
	if err := f.Check(time.Now()); err == nil || !strings.Contains(err.Error(), "cannot be read: no such file") {
		t.Error(err)
	}
}

// What is configured must fit the certificate.
func TestCertificateOfSomethingElse(t *testing.T) {
	ca := authority(t, "ca")
	f := files(t, issue(t, ca, Write, "app"), ca)
	for want, c := range map[string]Config{
		"of the ring":      {Ring: "library"},
		"is a client's":    {Role: Node},
		"is of the node":   {Name: "node1"},
		"cannot be read: ": {Files: Files{"/none", "/none", "/none"}},
	} {
		if c.Mode = Require; !c.Files.Any() {
			c.Files = f
		}
		if _, err := Open(c, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// A name without a slash is a credential where systemd gives any.
func TestCredentials(t *testing.T) {
	if Path("tls-cert") != "tls-cert" {
		t.Error("a credential where there are none")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "/run/credentials/chord")
	if got := Path("tls-cert"); got != "/run/credentials/chord/tls-cert" {
		t.Error(got)
	}
	if got := Path("./tls-cert"); got != "./tls-cert" {
		t.Error(got)
	}
}

// No file makes the reader panic.
func FuzzFiles(f *testing.F) {
	ca := authority(f, "ca")
	p := issue(f, ca, Node, "node1")
	f.Add(p.Cert, p.Key, ca.Cert)
	f.Add(bytes.Repeat(p.Cert, 2), p.Key, append(ca.Cert, ca.Cert...))
	f.Fuzz(func(t *testing.T, cert, key, cas []byte) {
		m, err := Files{"cert", "key", "ca"}.parse([3]string{string(cert), string(key), string(cas)}, time.Now())
		if (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		Describe(cert)
	})
}
