package dashboard

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the pictures of testdata anew")

// The pictures are looked at when they change: a browser opens them.
func TestPictures(t *testing.T) {
	for name, s := range map[string]*simulated{
		"one": simulate(1, 1, true), "four": simulate(4, 1, true), "twenty": simulate(20, 3, false), "thousand": simulate(1000, 1, false),
	} {
		var b bytes.Buffer
		if err := Draw(&b, s.Status(), s.loads()); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, name, b.Bytes())
		path := filepath.Join("testdata", name+".svg")
		if *rewrite {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(want, b.Bytes()) {
			t.Errorf("%s is drawn in another way: look at it, and run with -rewrite (%v)", name, err)
		}
	}
}

func wellFormed(t *testing.T, name string, svg []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s is no XML: %v", name, err)
		}
	}
}

// Names are of others: they stay text.
func TestNamesAreText(t *testing.T) {
	s := simulate(3, 1, true)
	s.self.Ring = `<script>alert("ring")</script>`
	for i := range s.self.Members {
		s.self.Members[i].Name = `"><img src=x onerror=alert(1)>`
	}
	var b bytes.Buffer
	if err := Draw(&b, s.Status(), nil); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, "hostile", b.Bytes())
	if strings.Contains(b.String(), "<img") || strings.Contains(b.String(), "<script") {
		t.Error("a name became an element")
	}
}
