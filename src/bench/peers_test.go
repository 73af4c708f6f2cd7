package bench

import (
	"bytes"
	"os/exec"
	"testing"
)

// The comparison with peers is a module of its own, which the tests of this one
// do not reach: at least it compiles. Its modules are not fetched for that.
func TestPeersCompile(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes a minute on a machine that never built it, and has no races")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	goIn := func(args ...string) ([]byte, error) {
		c := exec.CommandContext(t.Context(), "go", append([]string{"-C", "peers"}, args...)...)
		c.Env = append(c.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
		return c.CombinedOutput()
	}
	if out, err := goIn("list", "-deps", "./..."); err != nil {
		if bytes.Contains(out, []byte("module lookup disabled")) {
			t.Skipf("not checked, for its modules are not here; `go -C bench/peers mod download` fetches them:\n%s", out)
		}
		t.Fatalf("%v\n%s\nafter a change of requirements: go -C bench/peers mod tidy", err, out)
	}
	if out, err := goIn("vet", "./..."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
