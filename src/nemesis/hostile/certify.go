package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"chord/trust"
)

// certify makes the ring's CA, and a certificate for each node and for the normal
// load.
func (r *ring) certify(ctx context.Context, dir string, o options) error {
	if !o.tls {
		return nil
	}
	ca := filepath.Join(dir, "ca")
	all := [][]string{{"ca", "--dir", dir}, {"client", "load", "--role", "write", "--ring", ringName, "--dir", dir, "--ca", ca}}
	for i := range o.nodes {
		all = append(all, []string{"node", fmt.Sprintf("node%d", i+1), "--ring", ringName, "--dir", dir, "--ca", ca})
	}
	for _, args := range all {
		if out, err := exec.CommandContext(ctx, o.chord, append([]string{"tls"}, args...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("chord tls %s: %w: %s", args[0], err, out)
		}
	}
	var err error
	r.trust, err = trust.Open(trust.Config{Mode: trust.Require, Files: filesOf(dir, "load"), Ring: ringName}, nil)
	return err
}

func filesOf(dir, name string) trust.Files {
	at := func(file string) string { return filepath.Join(dir, file) }
	return trust.Files{Cert: at(name + ".crt"), Key: at(name + ".key"), CA: at("ca.crt")}
}
