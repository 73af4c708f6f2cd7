// Package chord_test holds the import policy of the house.
package chord_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// policy names the packages from the inside out: a package may import those of
// the layers before its own, and of the outside only what stands beside it.
// What a doubles package (xxxtest) imports is its own affair, as long as no
// package imports it outside of tests.
var policy = []struct {
	packages string
	outside  string
}{
	{"fault keyspace share trust", "golang.org/x/time"},
	{"member ring value", ""},
	{"replica store", "github.com/tidwall/btree go.etcd.io/bbolt golang.org/x/sys"},
	{"node", ""},
	{"wire", "google.golang.org/grpc google.golang.org/protobuf google.golang.org/genproto"},
	{"client", ""},
	{"bench console dashboard gateway nemesis sim terminal", "github.com/rivo/uniseg github.com/anishathalye/porcupine github.com/spf13/pflag golang.org/x/crypto golang.org/x/net golang.org/x/sys google.golang.org/grpc github.com/HdrHistogram/hdrhistogram-go github.com/peterh/liner github.com/chzyer/readline github.com/reeflective/readline golang.org/x/term github.com/go-analyze/charts"},
	{"metrics trace", "github.com/prometheus/client_golang go.opentelemetry.io/otel"},
	{"app", "github.com/spf13/pflag github.com/knadh/koanf github.com/coreos/go-systemd golang.org/x/sys golang.org/x/term"},
	{"cmd/chord", "github.com/spf13/cobra github.com/spf13/pflag github.com/schollz/progressbar golang.org/x/term"},
}

func TestImportsPointInward(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	layer, outside := make(map[string]int), make(map[string]string)
	for i, l := range policy {
		for _, p := range strings.Fields(l.packages) {
			layer[p], outside[p] = i, l.outside
		}
	}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "chord/")
		home := strings.SplitN(name, "/", 2)[0]
		if home == "cmd" {
			home = name
		}
		if _, known := layer[home]; !known {
			t.Errorf("%s has no place in the policy", p.ImportPath)
		}
		if strings.HasSuffix(name, "test") {
			continue
		}
		for _, i := range p.Imports {
			check(t, name, home, i, layer, outside[home])
		}
	}
}

func check(t *testing.T, name, home, imported string, layer map[string]int, outside string) {
	t.Helper()
	own, isOurs := strings.CutPrefix(imported, "chord/")
	switch {
	case isOurs && (own == home || strings.HasPrefix(own, home+"/")): // a package's own parts
		if strings.HasSuffix(own, "test") && home != "sim" {
			t.Errorf("%s imports %s, which is for tests", name, own)
		}
	case isOurs && strings.HasSuffix(own, "test"):
		if home != "sim" && home != "cmd/chord" {
			t.Errorf("%s imports %s, which is for tests", name, own)
		}
	case isOurs:
		to := strings.SplitN(own, "/", 2)[0]
		if layer[to] >= layer[home] {
			t.Errorf("%s imports %s: arrows point inward", name, own)
		}
	case strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
		if !slices.ContainsFunc(strings.Fields(outside), func(o string) bool { return strings.HasPrefix(imported, o) }) {
			t.Errorf("%s imports %s, which is not on its list", name, imported)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.Imports) > 0 {
			all = append(all, p)
		}
	}
	return all
}
