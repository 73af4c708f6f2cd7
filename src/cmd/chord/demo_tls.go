package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"chord/trust"
)

// file returns where the demo's certificates are.
func (d *demo) file(name string) string { return filepath.Join(d.data, "tls", name) }

// demoValid is for how long the demo's certificates are good.
const demoValid = 365 * 24 * time.Hour

// certify makes a CA, and certificates for the nodes and an administrator, as far
// as they are not there.
func (d *demo) certify() error {
	dir, err := filepath.Abs(d.data)
	if err != nil {
		return err
	}
	d.data = dir
	if err := os.MkdirAll(d.file(""), 0o700); err != nil {
		return err
	}
	ca, err := d.authority()
	if err != nil {
		return err
	}
	ring := d.options(0).Ring
	asks := []trust.Ask{{Identity: trust.Identity{Ring: ring, Role: trust.Admin, Name: "admin"}}}
	for i := range d.nodes {
		asks = append(asks, trust.Ask{Identity: trust.Identity{Ring: ring, Role: trust.Node, Name: d.name(i)}, Hosts: []string{"localhost", "127.0.0.1"}})
	}
	for _, ask := range asks {
		ask.Valid = demoValid
		if err := d.makeOnce(ask.Identity.Name, func() (trust.Pair, error) { return ca.Issue(ask) }); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) authority() (*trust.Authority, error) {
	if err := d.makeOnce("ca", func() (trust.Pair, error) {
		a, err := trust.NewAuthority("chord demo", demoValid, "")
		if err != nil {
			return trust.Pair{}, err
		}
		return a.Pair, nil
	}); err != nil {
		return nil, err
	}
	cert, err1 := os.ReadFile(d.file("ca.crt"))
	key, err2 := os.ReadFile(d.file("ca.key"))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return trust.ReadAuthority(trust.Pair{Cert: cert, Key: key})
}

// makeOnce makes a pair that is not there.
func (d *demo) makeOnce(name string, issue func() (trust.Pair, error)) error {
	if _, err := os.Stat(d.file(name + ".crt")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p, err := issue()
	if err != nil {
		return err
	}
	return errors.Join(writeNew(d.file(name+".key"), p.Key, 0o600), writeNew(d.file(name+".crt"), p.Cert, 0o644))
}
