package main

import (
	"os"

	"github.com/spf13/cobra"

	"chord/trust"
)

// securedFlags gives a command the files of a certificate, with which it then asks
// over TLS alone.
func securedFlags(c *cobra.Command) *trust.Files {
	f := &trust.Files{}
	for _, one := range []struct {
		field              *string
		flag, env, meaning string
	}{
		{&f.Cert, "tls-cert", "CHORD_TLS_CERT", "certificate to show, as PEM, or the name of a systemd credential"},
		{&f.Key, "tls-key", "CHORD_TLS_KEY", "key of the certificate"},
		{&f.CA, "tls-ca", "CHORD_TLS_CA", "CAs that are trusted"},
	} {
		c.Flags().StringVar(one.field, one.flag, os.Getenv(one.env), one.meaning+"; also $"+one.env)
		c.MarkFlagFilename(one.flag)
	}
	return f
}

// openTrust returns what holds the files' certificate, nil where none is named. Of
// no ring's name, it takes nodes of any ring.
func openTrust(f *trust.Files, ring string) (*trust.Source, error) {
	if f == nil || !f.Any() {
		return nil, nil
	}
	return trust.Open(trust.Config{Mode: trust.Require, Files: *f, Ring: ring}, nil)
}
