package wire

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// protocVersion is the one line that depends on the installed protoc.
var protocVersion = regexp.MustCompile(`(?m)^//.*\bprotoc\s+\(?v?[0-9.]+.*$`)

// The generated code is what chord.proto says.
func TestGenerated(t *testing.T) {
	if _, err := exec.LookPath("protoc"); err != nil {
		t.Skip("no protoc")
	}
	dir := t.TempDir()
	if out, err := exec.Command("sh", "generate.sh", dir).CombinedOutput(); err != nil {
		t.Skipf("the plugins do not run here: %v\n%s", err, out)
	}
	for _, name := range []string{"chord.pb.go", "chord_grpc.pb.go"} {
		fresh, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("chordpb", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(protocVersion.ReplaceAll(fresh, nil), protocVersion.ReplaceAll(kept, nil)) {
			t.Errorf("chordpb/%s is stale: run go generate ./wire", name)
		}
	}
}
