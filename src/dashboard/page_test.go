package dashboard

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"chord/node"
)

var images = flag.String("images", "", "directory to write pictures of the page into, to be looked at")

// Status and Leave make a simulated ring [Peers].
type simulatedPeers struct{ *simulated }

func (p simulatedPeers) Status(_ context.Context, addr string) (node.Status, error) {
	s, ok := p.statuses[addr]
	if !ok {
		return s, &node.Error{Kind: node.Unavailable, Text: addr + " does not answer"}
	}
	return s, nil
}

func (p simulatedPeers) Leave(context.Context, string) error { return nil }

// serve serves the page of a simulated ring.
func serve(t *testing.T, s *simulated) string {
	t.Helper()
	server := New(Config{Node: s, Peers: simulatedPeers{s}})
	h := httptest.NewServer(server.http.Handler)
	t.Cleanup(func() {
		server.Stop(t.Context())
		h.Close()
	})
	return h.URL
}

// The pictures of the manual, and more to look at: -images DIR.
func TestImages(t *testing.T) {
	if *images == "" {
		t.Skip("writes pictures with -images DIR alone")
	}
	b := chromium(t)
	for ring, s := range map[string]*simulated{"4": simulate(4, 1, true), "1000": simulate(1000, 1, false)} {
		url := serve(t, s)
		for _, scheme := range []string{"light", "dark"} {
			for view, size := range map[string][2]int{"wide": {1400, 1000}, "phone": {390, 844}} {
				p := b.visit(url, size[0], size[1], scheme)
				p.await(`document.querySelectorAll("#table tbody tr").length > 0 `)
				if ring == "1000" {
					p.eval(`document.getElementById("key").value = "color"; document.getElementById("lookup").requestSubmit()`, nil)
					p.await(`document.querySelector("#found").innerText !== ""`)
				}
				if view == "wide" {
					p.resize(size[0], 1280)
				} else {
					var height int
					p.eval(`document.documentElement.scrollHeight`, &height)
					p.resize(size[0], min(height, 3200))
				}
				write(t, filepath.Join(*images, ring+"-"+scheme+"-"+view+".png"), p.shoot())
			}
		}
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
