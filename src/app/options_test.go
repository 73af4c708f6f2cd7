package app

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load reads options from a command line, an environment and a file's text.
func load(t *testing.T, args, environ []string, content string) (Options, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags)
	if content != "" {
		path := filepath.Join(t.TempDir(), "node.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(flags, environ)
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Table() {
		if seen[row.Name] || seen[row.Env()] {
			t.Errorf("%s is there twice", row.Name)
		}
		seen[row.Name], seen[row.Env()] = true, true
		if row.Help == "" || row.Group == "" || row.Example == "" || strings.HasSuffix(row.Help, ".") {
			t.Errorf("%s: help, group and example are needed, without a full stop", row.Name)
		}
		if row.set == nil {
			continue
		}
		o := Defaults()
		if err := row.set(&o, row.Example); err != nil {
			t.Errorf("%s: the example is refused: %v", row.Name, err)
		}
		if len(row.Values) > 0 {
			for _, v := range row.Values {
				if err := row.set(&o, v); err != nil {
					t.Errorf("%s: %v", row.Name, err)
				}
			}
		}
	}
}

func TestPrecedence(t *testing.T) {
	file := `{"ring": "file", "name": "file", "domain": "file", "bootstrap": ["file:1"], "insecure": true, "node-id": null}`
	environ := []string{"CHORD_RING=env", "CHORD_NAME=env", "CHORD_BOOTSTRAP=env:1, env:2", "CHORD_SERVICE_HOST=10.0.0.1", "CHORD_DOMAIN=", "CHORD_LEAVE_ON_STOP=1"}
	o, err := load(t, []string{"--ring", "flag", "--insecure=false"}, environ, file)
	if err != nil {
		t.Fatal(err)
	}
	if o.Ring != "flag" || o.Name != "env" || o.Domain != "file" || o.Listen != "127.0.0.1:4170" {
		t.Errorf("ring %q, name %q, domain %q, listen %q: want flag, env, file, default", o.Ring, o.Name, o.Domain, o.Listen)
	}
	if !slices.Equal(o.Bootstrap, []string{"env:1", "env:2"}) || o.Insecure || !o.LeaveOnStop {
		t.Errorf("bootstrap %v, insecure %v, leave-on-stop %v", o.Bootstrap, o.Insecure, o.LeaveOnStop)
	}
	if o.Period != time.Second || o.ShutdownTimeout != 10*time.Second || !o.NodeID.IsZero() {
		t.Errorf("defaults: %+v", o)
	}
	o, err = load(t, []string{"--bootstrap", "a:1,b:2", "--bootstrap", "c:3"}, environ, file)
	if err != nil || !slices.Equal(o.Bootstrap, []string{"a:1", "b:2", "c:3"}) {
		t.Errorf("repeated flag: %v, %v", o.Bootstrap, err)
	}
}

func TestConfigFromTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.json")
	if err := os.WriteFile(path, []byte(`{"ring": "library"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := load(t, nil, []string{"CHORD_CONFIG=" + path}, "")
	if err != nil || o.Ring != "library" {
		t.Errorf("ring %q, %v", o.Ring, err)
	}
}

func TestProblemsNameTheirSource(t *testing.T) {
	_, err := load(t, []string{"--period", "1h"}, []string{"CHORD_LOG_LEVEL=loud"}, `{"listen": "nowhere", "rong": 1}`)
	problems, ok := errors.AsType[Problems](err)
	if !ok || len(problems) != 4 {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"--period: ", "CHORD_LOG_LEVEL: ", "node.json: option listen: ", "node.json: option rong: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	for _, p := range problems {
		if p.Remedy == "" {
			t.Errorf("%v has no remedy", p)
		}
	}
}

func TestWhatOptionsRefuse(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{`{"listen": "127.0.0.1"}`, "is not host:port"},
		{`{"listen": "127.0.0.1:65536"}`, "port 65536 is out of range"},
		{`{"listen": "127.0.0.1:-1"}`, "port -1 is out of range"},
		{`{"listen": "a b:1"}`, `"a b" is not a host`},
		{`{"listen": ":4170"}`, "nothing protects it"},
		{`{"listen": "[::]:4170"}`, "nothing protects it"},
		{`{"listen": "[::ffff:0.0.0.0]:4170"}`, "nothing protects it"},
		{`{"listen": "192.0.2.1:4170"}`, "nothing protects it"},
		{`{"advertise": "192.0.2.1:4170"}`, "nothing protects it"},
		{`{"advertise": "0.0.0.0:4170", "insecure": true}`, "is not an address at which others reach this node"},
		{`{"bootstrap": [":4170"]}`, "names no node"},
		{`{"bootstrap": ["test1:0"]}`, "names no node"},
		{`{"bootstrap": ["test1:1,test2:2"]}`, "entry 1 is"},
		{`{"bootstrap": [1]}`, "entry 1 is the number 1"},
		{`{"node-id": "0000000000000000000000000000000000000000"}`, "is not an identifier"},
		{`{"node-id": "12"}`, "is not an identifier"},
		{`{"ring": ""}`, "is empty"},
		{`{"ring": "a\nb"}`, "is not a name"},
		{`{"ring": {"name": "a"}}`, "an object does not belong here"},
		{`{"shutdown-timeout": 10}`, "the number 10 does not belong here"},
		{`{"shutdown-timeout": "10"}`, "is not a duration"},
		{`{"insecure": "true"}`, "does not belong here"},
		{`{"log-format": "xml"}`, "is not a format"},
		{`{"data": null, "ring": 0}`, "the number 0"},
		{`null x`, "not JSON"},
		{`{"ring": "a"} {}`, "not JSON"},
		{`[]`, "holds no options"},
	} {
		if _, err := load(t, nil, nil, c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.file, err, c.want)
		}
	}
}

func TestDataDir(t *testing.T) {
	t.Setenv("HOME", "/home/u")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("STATE_DIRECTORY", "")
	check := func(o Options, want string) {
		t.Helper()
		if got := o.DataDir("test1:8001"); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	check(Options{}, "/home/u/.local/state/chord/test1:8001")
	check(Options{Name: "../node1"}, "/home/u/.local/state/chord/.._node1")
	check(Options{Name: ".."}, "/home/u/.local/state/chord/_..")
	t.Setenv("XDG_STATE_HOME", "/state")
	check(Options{Name: "node1"}, "/state/chord/node1")
	t.Setenv("STATE_DIRECTORY", "/var/lib/chord/node1:/var/lib/other")
	check(Options{Name: "node1"}, "/var/lib/chord/node1")
	check(Options{Data: "/data"}, "/data")
}

func TestReferenceHoldsTheTable(t *testing.T) {
	var b strings.Builder
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	for _, row := range Table() {
		if !strings.Contains(b.String(), "### `"+row.Name+"`\n") || !strings.Contains(b.String(), row.Env()) {
			t.Errorf("%s is missing", row.Name)
		}
		if n := strings.Count(b.String(), "\n## "+row.Group+"\n"); n > 1 {
			t.Errorf("heading %s is there %d times", row.Group, n)
		}
	}
}

func TestNearest(t *testing.T) {
	names := fileNames()
	for given, want := range map[string]string{"listn": `"listen"`, "Listen": `"listen"`, "loglevel": `"log-level"`, "bootstraps": `"bootstrap"`, "frobnicate": "chord options"} {
		if got := nearest(given, names); !strings.Contains(got, want) {
			t.Errorf("%s: %s", given, got)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, not %d", c.a, c.b, got, c.want)
		}
	}
}

// FuzzConfig: whatever a file holds, it is read or refused with a remedy for
// each problem, and what check-config finds right, a server takes.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"ring": "a", "bootstrap": ["a:1"]}`, `{"listen": "127.0.0.1:1", "insecure": true}`, `{"": 1}`,
		`{"ring.x": {"y": []}}`, "{\"a\\u0000b\": 1}", `{"node-id": "80", "period": "1e9h"}`, `[1]`, `{"ring": 1e999}`,
	} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "node.json")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		problems, err := CheckFile(path)
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		AddFlags(flags)
		flags.Parse([]string{"--config", path})
		_, loadErr := Load(flags, nil)
		if valid := err == nil && len(problems) == 0; valid != (loadErr == nil) {
			t.Errorf("check-config: %v %v; server: %v", problems, err, loadErr)
		}
		for _, p := range problems {
			if p.Text == "" || p.Remedy == "" || !strings.HasPrefix(p.Where, path) {
				t.Errorf("%+v", p)
			}
		}
		var one *Problem
		if err != nil && (!errors.As(err, &one) || one.Remedy == "") {
			t.Errorf("no remedy: %v", err)
		}
	})
}
