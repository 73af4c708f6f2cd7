package trust

import (
	"crypto/x509"
	"errors"
	"time"
)

// verify says why a chain, whose first is who shows it, is not to be trusted.
func verify(roots *x509.CertPool, chain []*x509.Certificate, usage x509.ExtKeyUsage, now time.Time) error {
	if len(chain) == 0 {
		return refuse(NoCertificate, "no certificate was shown")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	if err == nil {
		return nil
	}
	who := chain[0].Subject.CommonName
	invalid, is := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case is && invalid.Reason == x509.Expired:
		return refuse(Expired, "the certificate of %q is valid from %s to %s, or one above it is not valid now", who, day(chain[0].NotBefore), day(chain[0].NotAfter))
	case is:
		return refuse(Malformed, "the certificate of %q: %v", who, err)
	}
	return refuse(Foreign, "the certificate of %q is of no CA that is trusted here (%q issued it)", who, chain[0].Issuer.CommonName)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
