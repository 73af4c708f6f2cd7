package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// Pair is a certificate with its key, both as PEM.
type Pair struct{ Cert, Key []byte }

// Algorithm is that of a key.
type Algorithm string

// The algorithms. ECDSA is what browsers know, too.
const (
	ECDSA   Algorithm = "ecdsa" // over P-256
	Ed25519 Algorithm = "ed25519"
)

// Authority is a CA with its key.
type Authority struct {
	Pair
	cert *x509.Certificate
	key  crypto.Signer
}

// Ask is what is asked of an authority.
type Ask struct {
	Identity Identity
	Hosts    []string // names and addresses, for callers that look at them: browsers, Redis clients
	Valid    time.Duration
	Key      Algorithm // ECDSA where empty
}

// past is from when on certificates are valid: the clocks of a ring differ.
const past = time.Hour

// NewAuthority makes a CA.
func NewAuthority(name string, valid time.Duration, a Algorithm) (*Authority, error) {
	if name == "" || len(name) > maxName {
		return nil, problem(fmt.Sprintf("%.40q is not a name for a CA", name), "give it 1 to 255 bytes")
	}
	c, err := template(pkix.Name{CommonName: name}, valid)
	if err != nil {
		return nil, err
	}
	c.IsCA, c.BasicConstraintsValid, c.MaxPathLenZero = true, true, true
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	key, err := newKey(a)
	if err != nil {
		return nil, err
	}
	pair, err := sign(c, c, key, key)
	if err != nil {
		return nil, err
	}
	return ReadAuthority(pair)
}

// ReadAuthority returns the CA of a pair.
func ReadAuthority(p Pair) (*Authority, error) {
	list, err := certificates("", string(p.Cert))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(p.Key)
	if block == nil {
		return nil, problem("there is no key in the key's file", "it must be PEM, with -----BEGIN PRIVATE KEY-----")
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, problem("the key: "+err.Error(), "it must be PKCS #8, as `chord tls ca` writes it")
	}
	key, ok := any.(crypto.Signer)
	if !ok || !list[0].IsCA {
		return nil, problem("that is no CA", "name the certificate and the key of `chord tls ca`")
	}
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(list[0].PublicKey) {
		return nil, problem("the key is not that of the CA", "name the certificate and the key of one CA")
	}
	return &Authority{Pair: p, cert: list[0], key: key}, nil
}

// Issue makes a certificate with a new key.
func (a *Authority) Issue(ask Ask) (Pair, error) {
	if err := ask.Identity.check(); err != nil {
		return Pair{}, problem(err.Error(), "choose another name")
	}
	c, err := template(pkix.Name{CommonName: ask.Identity.Name, Organization: []string{ask.Identity.Ring}}, ask.Valid)
	if err != nil {
		return Pair{}, err
	}
	uri, err := url.Parse(ask.Identity.String())
	if err != nil {
		return Pair{}, err
	}
	c.URIs = []*url.URL{uri}
	c.BasicConstraintsValid = true
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, clientUsage
	if ask.Identity.Role == Node {
		c.ExtKeyUsage = nodeUsage
	}
	for _, h := range ask.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	key, err := newKey(ask.Key)
	if err != nil {
		return Pair{}, err
	}
	return sign(c, a.cert, key, a.key)
}

func template(subject pkix.Name, valid time.Duration) (*x509.Certificate, error) {
	if valid <= 0 {
		return nil, problem(fmt.Sprintf("valid for %v", valid), "choose a time that is longer than nothing")
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	now := time.Now()
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: now.Add(-past), NotAfter: now.Add(valid)}, err
}

func newKey(a Algorithm) (crypto.Signer, error) {
	switch a {
	case "", ECDSA:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, problem(fmt.Sprintf("%q is not an algorithm", a), "choose ecdsa or ed25519")
}

// sign makes the certificate c for key, signed by the parent with its key.
func sign(c, parent *x509.Certificate, key, by crypto.Signer) (Pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}
