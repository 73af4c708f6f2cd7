package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts' commands print into the scripts")

// The scripts run the program in processes of its own: the test binary under
// the program's names.
func TestMain(m *testing.M) {
	program := func() {
		if server := os.Getenv(dnsVariable); server != "" {
			net.DefaultResolver = resolverAt(server)
		}
		main()
	}
	testscript.Main(m, map[string]func(){
		"chord":             program,
		"chord-server":      program,
		"openchord-console": program,
	})
}

// TestScripts runs testdata/script. Beside testscript's own commands the
// scripts have those of [scriptCommands]; the names test1 to test4 are the
// addresses 127.0.0.1 to 127.0.0.4, and no other name resolves.
func TestScripts(t *testing.T) {
	dns := startDNS(t)
	net.DefaultResolver = resolverAt(dns)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *rewrite,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds:                scriptCommands,
		Condition:           condition,
		Setup: func(e *testscript.Env) error {
			e.Setenv(dnsVariable, dns)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("NO_COLOR", "1")
			e.Values[processesKey{}] = newProcesses(e)
			e.Values[clientsKey{}] = &clients{}
			return nil
		},
	})
}

// condition knows [readme]: the README is where it stands in the repository,
// and not left out as in a build of the sources alone; and [underrace]: the race
// detector is on. Scripts whose nodes do nothing that others' do not skip then.
func condition(name string) (bool, error) {
	switch name {
	case "readme":
		_, err := os.Stat(readme)
		return err == nil, nil
	case "underrace":
		return underRace, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}
