package dashboard

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"chord/trust"
	"chord/trust/trusttest"
)

// Over TLS each certificate opens what its role may; without one there is
// nothing but health.
func TestRolesOverTLS(t *testing.T) {
	ca := trusttest.New(t, "library")
	o := &operator{}
	s := New(Config{Node: simulate(4, 1, true), Operator: o, Trust: ca.Source(trust.Node, "bootstrap"), Log: slog.New(slog.DiscardHandler)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	defer s.Stop(context.Background())
	url := "https://" + l.Addr().String()
	for name, c := range map[string]struct {
		source       *trust.Source
		look, change int
	}{
		"reader":       {ca.Source(trust.Read, "r"), 200, 403},
		"writer":       {ca.Source(trust.Write, "w"), 200, 403},
		"admin":        {ca.Source(trust.Admin, "a"), 200, 200},
		"another node": {ca.Source(trust.Node, "b"), 200, 403},
		"the node":     {ca.Source(trust.Node, "bootstrap"), 200, 403},
		"nobody":       {nil, 403, 403},
	} {
		config := ca.Source(trust.Read, "any").Caller("h2", "http/1.1")
		config.GetClientCertificate = nil
		if c.source != nil {
			config = c.source.Caller("h2", "http/1.1")
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
		ask := func(method, path string) int {
			r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(`{"key": "k"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(customHeader, "1")
			a, err := client.Do(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			defer a.Body.Close()
			io.Copy(io.Discard, a.Body)
			return a.StatusCode
		}
		for _, path := range []string{"/", "/api/ring", "/api/status", "/ring.svg", "/assets/page.js", "/api/lookup?key=a"} {
			if got := ask("GET", path); got != c.look {
				t.Errorf("%s gets %s: %d, want %d", name, path, got, c.look)
			}
		}
		before := len(o.did)
		if got := ask("POST", "/api/insert"); got != c.change || (len(o.did) > before) != (c.change == 200) {
			t.Errorf("%s inserts: %d, want %d", name, got, c.change)
		}
		if ask("GET", "/healthz") != 200 || ask("GET", "/readyz") == 403 {
			t.Errorf("%s is not told of health", name)
		}
		client.CloseIdleConnections()
	}
	if a, err := http.Get("http://" + l.Addr().String() + "/api/ring"); err == nil && a.StatusCode == 200 {
		t.Error("it is told without TLS")
	}
}

// A plain connection is of no use any more once the ring asks for TLS.
func TestPlainConnectionsEndWithPlainMode(t *testing.T) {
	ca := trusttest.New(t, "library")
	config := trust.Config{Mode: trust.Prefer, Files: ca.Files(trust.Node, "bootstrap")}
	source := ca.Open(config)
	s := New(Config{Node: simulate(4, 1, true), Trust: source, Log: slog.New(slog.DiscardHandler)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	defer s.Stop(context.Background())
	ask := func() int {
		a, err := http.Get("http://" + l.Addr().String() + "/api/ring")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		io.Copy(io.Discard, a.Body)
		return a.StatusCode
	}
	if got := ask(); got != 200 {
		t.Errorf("before: %d", got)
	}
	config.Mode = trust.Require
	if err := source.Set(config); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got == 200 {
		t.Error("it is told on a connection that was plain before")
	}
}
