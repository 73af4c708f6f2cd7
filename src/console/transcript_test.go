package console

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

var rewrite = flag.Bool("rewrite", false, "write what the shell prints to testdata/*.txt")

// A transcript is a session as it is printed. What stands behind a prompt is
// fed to a new shell, which must print the same again; time is virtual.
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := session(t, Options{In: strings.NewReader(typed(string(text)))})
			if *rewrite {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(text) {
				t.Errorf("the shell prints:\n%s\nwant:\n%s", got, text)
			}
		})
	}
}

// typed returns what a person typed in a session.
func typed(session string) string {
	var b strings.Builder
	session = strings.TrimSuffix(session, Prompt+"\n") // the end of input
	for line := range strings.Lines(session) {
		for _, prompt := range []string{Prompt, question} {
			if rest, ok := strings.CutPrefix(line, prompt); ok {
				b.WriteString(rest)
			}
		}
	}
	return b.String()
}

// session runs a shell on a network with four nodes to the end of its input.
func session(t *testing.T, o Options) string {
	t.Helper()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		run(t, o, &out)
	})
	return out.String()
}

func run(t *testing.T, o Options, out *strings.Builder) *Shell {
	t.Helper()
	net := &fakeNet{}
	for _, addr := range []string{"test1:8001", "test1:8002", "test2:8002", "test2:8003"} {
		if _, err := net.add(context.Background(), addr, ""); err != nil {
			t.Fatal(err)
		}
	}
	messages := &Messages{}
	messages.Write([]byte("test1:8001 joined\ntest1:8002 joined\n"))
	o.Out, o.Messages = out, messages
	if o.Remote == nil {
		o.Remote = net
	}
	if o.Local == nil {
		o.Local = &fakeNet{}
	}
	s := New(o)
	if err := s.Run(t.Context()); err != nil {
		t.Error(err)
	}
	return s
}
