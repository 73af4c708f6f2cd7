package nemesis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"chord/nemesis/history"
)

// build makes the two programs of a run; the command with the race detector where
// that is on, as the nodes' own tests look for the races of a node.
func build(t *testing.T) (command, chord string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts real processes: not with -short")
	}
	if err := Missing(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command")
	}
	dir := t.TempDir()
	command, chord = filepath.Join(dir, "run"), filepath.Join(dir, "chord")
	for bin, pkg := range map[string]string{command: "chord/nemesis/run", chord: "chord/cmd/chord"} {
		race := fmt.Sprintf("-race=%v", underRace && bin == command)
		if out, err := exec.CommandContext(t.Context(), "go", "build", race, "-o", bin, pkg).CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", pkg, err, out)
		}
	}
	return command, chord
}

func report(t *testing.T, command string, args ...string) (r Report) {
	t.Helper()
	parent := t.TempDir()
	c := exec.CommandContext(t.Context(), command, append(args, "--dir", parent, "--output", "json")...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	err := c.Run()
	if jsonErr := json.Unmarshal(out.Bytes(), &r); jsonErr != nil {
		t.Fatalf("%v, %v\n%s", err, jsonErr, said.String())
	}
	if bytes.Contains(said.Bytes(), []byte("DATA RACE")) {
		t.Errorf("%s", said.String())
	}
	if (err == nil) != (len(r.Violations) == 0) {
		t.Errorf("%v after %d violations", err, len(r.Violations))
	}
	left, _ := filepath.Glob(filepath.Join(parent, Prefix+"*", "*.img"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return r
}

// Nodes that are killed, paused and lose their power keep what was acknowledged,
// and a ring of three has it all in three equal copies in the end.
func TestSmoke(t *testing.T) {
	if underRace {
		t.Skip("TestLostDataIsSeen runs the same command")
	}
	command, chord := build(t)
	r := report(t, command, "--chord", chord, "--nodes", "3", "--for", "8s", "--rate", "300", "--seed", "2",
		"--faults", "kill,killall,stop,powercut,blackout", "--flag=--period=100ms")
	if len(r.Violations) > 0 {
		var b bytes.Buffer
		r.Print(&b)
		t.Errorf("\n%s", b.String())
	}
	if r.Acknowledged < 100 || len(r.Events) == 0 || r.Reads == 0 {
		t.Errorf("too little was done to mean anything: %+v", r)
	}
}

// Nodes that do not sync lose data with their power, and that is seen: else the
// power cuts of the other runs would prove nothing.
func TestLostDataIsSeen(t *testing.T) {
	command, chord := build(t)
	r := report(t, command, "--chord", chord, "--nodes", "1", "--copies", "1", "--rate", "300", "--workload", "set", "--powercuts", "1", "--no-sync")
	for _, v := range r.Violations {
		if v.Fault == history.Lost || v.Fault == history.Stale { // in the end, or by a read on the way
			return
		}
	}
	t.Errorf("nothing is missing: %+v", r.Violations)
}
