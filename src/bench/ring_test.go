package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script writes a program that is no chord. What one does that is, the scripts
// of the commands show.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// A node that ends at once is an error that says what it said, not a wait.
func TestStartRingOfWhatEnds(t *testing.T) {
	_, err := StartRing(t.Context(), script(t, "echo no such luck >&2; exit 1"), 2, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "no such luck") {
		t.Errorf("%v", err)
	}
}

func TestStartRingOfNoProgram(t *testing.T) {
	if _, err := StartRing(t.Context(), filepath.Join(t.TempDir(), "none"), 2, t.TempDir()); err == nil {
		t.Error("started what is not there")
	}
}

// The options of the user's own server are not those of the ring to measure.
func TestCleanEnvironment(t *testing.T) {
	t.Setenv("CHORD_NO_SYNC", "true")
	t.Setenv("LISTEN_FDS", "1")
	t.Setenv("KEPT", "yes")
	env := cleanEnvironment()
	if slices.Contains(env, "CHORD_NO_SYNC=true") || slices.Contains(env, "LISTEN_FDS=1") || !slices.Contains(env, "KEPT=yes") {
		t.Errorf("%v", env)
	}
}
