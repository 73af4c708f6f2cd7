package trust

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Files names where a certificate with its key, and the CAs that are trusted,
// are to be found. A name without a slash is that of a systemd credential, a
// file in $CREDENTIALS_DIRECTORY, where that is set; else it is a path.
type Files struct {
	Cert string // PEM: the certificate, then those between it and the CA
	Key  string // PEM: its private key
	CA   string // PEM: one or more CAs; during a change of the CA the old and the new one
}

// Any reports whether one of the files is named.
func (f Files) Any() bool { return f != Files{} }

// Check says whether the files are all there and fit each other at that time.
func (f Files) Check(now time.Time) error {
	_, err := f.load(now)
	return err
}

// Path returns where the file of that name is.
func Path(name string) string {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" || strings.ContainsRune(name, filepath.Separator) {
		return name
	}
	return filepath.Join(dir, name)
}

// material is what was read out of [Files].
type material struct {
	raw      [3]string // the files' contents
	cert     tls.Certificate
	identity Identity
	roots    *x509.CertPool
	cas      []*x509.Certificate
	expires  time.Time // the first end of the chain that is shown
}

// read returns the contents of certificate, key and CAs.
func (f Files) read() (raw [3]string, err error) {
	for i, name := range []string{f.Cert, f.Key, f.CA} {
		if name == "" {
			return raw, problem(fmt.Sprintf("%s is not named", fileWords[i]), "certificate, key and CA belong together: --tls-cert, --tls-key and --tls-ca")
		}
		b, err := os.ReadFile(Path(name))
		if err != nil {
			reason := err
			if p, ok := errors.AsType[*fs.PathError](err); ok {
				reason = p.Err
			}
			return raw, problem(fmt.Sprintf("%s %s cannot be read: %v", fileWords[i], Path(name), reason), "check the path, and who may read the file")
		}
		raw[i] = string(b)
	}
	return raw, nil
}

var fileWords = [3]string{"the certificate", "the key", "the CA"}

func (f Files) load(now time.Time) (*material, error) {
	raw, err := f.read()
	if err != nil {
		return nil, err
	}
	return f.parse(raw, now)
}

// parse makes material of the files' contents, if they fit each other.
func (f Files) parse(raw [3]string, now time.Time) (*material, error) {
	m := &material{raw: raw, roots: x509.NewCertPool()}
	var err error
	if m.cas, err = certificates(f.CA, raw[2]); err != nil {
		return nil, err
	}
	for _, c := range m.cas {
		if !c.IsCA || !c.BasicConstraintsValid {
			return nil, problem(fmt.Sprintf("%s holds the certificate of %q, which is no CA", f.CA, c.Subject.CommonName), "only CAs belong there")
		}
		m.roots.AddCert(c)
	}
	if m.cert, err = tls.X509KeyPair([]byte(raw[0]), []byte(raw[1])); err != nil {
		return nil, problem(fmt.Sprintf("%s and %s: %v", f.Cert, f.Key, err), "name a certificate and the key that it was made with, both as PEM")
	}
	chain, err := certificates(f.Cert, raw[0])
	if err != nil {
		return nil, err
	}
	if m.identity, err = IdentityOf(chain[0]); err != nil {
		return nil, problem(f.Cert+": "+err.Error(), "make one with `chord tls node` or `chord tls client`")
	}
	if err := verify(m.roots, chain, x509.ExtKeyUsageAny, now); err != nil {
		return nil, problem(fmt.Sprintf("%s, judged by %s: %v", f.Cert, f.CA, err), "the CA file must hold the CA of the own certificate, which must be valid now")
	}
	m.expires = chain[0].NotAfter
	for _, c := range chain {
		m.expires = time.Unix(min(m.expires.Unix(), c.NotAfter.Unix()), 0)
	}
	return m, nil
}

// certificates reads the certificates of a PEM file.
func certificates(file, text string) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for rest := []byte(text); ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			return nil, problem(fmt.Sprintf("%s holds a %s", file, strings.ToLower(b.Type)), "only certificates belong there")
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, problem(fmt.Sprintf("%s: %v", file, err), "make it anew")
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, problem(cmp.Or(file, "the file")+" holds no certificate", "it must be PEM, with -----BEGIN CERTIFICATE-----")
	}
	return list, nil
}

// Problem is what is wrong with files or with what was asked for, and what to
// do about it.
type Problem struct{ Text, Remedy string }

func problem(text, remedy string) *Problem { return &Problem{text, remedy} }

// Error returns what is wrong.
func (p *Problem) Error() string { return p.Text }

// Hint returns the remedy.
func (p *Problem) Hint() string { return p.Remedy }
