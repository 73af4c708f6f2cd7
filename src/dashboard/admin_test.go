package dashboard

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chord/node"
	"chord/trust"
)

// operator notes what it was asked for.
type operator struct{ did []string }

func (o *operator) do(format string, args ...any) error {
	o.did = append(o.did, fmt.Sprintf(format, args...))
	return nil
}

func (o *operator) Insert(_ context.Context, k, v []byte) error { return o.do("insert %s %s", k, v) }
func (o *operator) Remove(_ context.Context, k, v []byte) error { return o.do("remove %s %s", k, v) }
func (o *operator) Forget(_ context.Context, name string) error { return o.do("forget %s", name) }
func (o *operator) Leave(context.Context) error                 { return o.do("leave") }

func (o *operator) Retrieve(_ context.Context, k []byte) ([][]byte, error) {
	return [][]byte{[]byte("red"), []byte("green")}, o.do("retrieve %s", k)
}

// leavers are peers of which one was asked to leave.
type leavers struct {
	simulatedPeers
	o *operator
}

func (l leavers) Leave(_ context.Context, addr string) error { return l.o.do("leave %s", addr) }

// post sends an order as the page does, changed as the test says.
func post(s *Server, path, body string, admin bool, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "https://node1.example"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(customHeader, "1")
	r.TLS = &tls.ConnectionState{ServerName: map[bool]string{true: "admin"}[admin]}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	return w
}

func administered(t *testing.T) (*Server, *operator, *bytes.Buffer) {
	o, log := &operator{}, &bytes.Buffer{}
	sim := simulate(20, 3, false)
	s := New(Config{
		Node: sim, Peers: leavers{simulatedPeers{sim}, o}, Operator: o, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	s.role = func(r *http.Request) trust.Role { // stands in for certificates
		if r.TLS != nil && r.TLS.ServerName == "admin" {
			return trust.Admin
		}
		return trust.Read
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s, o, log
}

func TestOrders(t *testing.T) {
	s, o, log := administered(t)
	up := s.config.Node.Status().Members[0]
	for i, c := range []struct{ path, body, want string }{
		{"/api/insert", `{"key": "color", "value": "blue"}`, "insert color blue"},
		{"/api/remove", `{"key": "color", "value": "blue"}`, "remove color blue"},
		{"/api/values", `{"key": "color"}`, "retrieve color"},
		{"/api/forget", `{"name": "node3"}`, "forget node3"},
		{"/api/leave", `{"name": "bootstrap"}`, "leave"},
		{"/api/leave", fmt.Sprintf(`{"name": %q}`, up.Name), "leave " + up.Addr},
	} {
		w := post(s, c.path, c.body, true, nil)
		if w.Code != 200 || len(o.did) != i+1 || o.did[i] != c.want {
			t.Fatalf("%s: %d %s, did %q", c.path, w.Code, w.Body, o.did)
		}
		if strings.Contains(c.path, "values") && !strings.Contains(w.Body.String(), `["red","green"]`) {
			t.Errorf("the values are %s", w.Body)
		}
	}
	if n := strings.Count(log.String(), "an administrator's request"); n != 6 {
		t.Errorf("%d of 6 requests are in the log", n)
	}
}

// Whatever is amiss, nothing is done.
func TestOrdersThatAreRefused(t *testing.T) {
	s, o, _ := administered(t)
	const body = `{"key": "color", "value": "blue"}`
	for name, c := range map[string]struct {
		body   string
		admin  bool
		change func(*http.Request)
		want   int
	}{
		"no certificate":     {body, false, nil, 403},
		"no TLS":             {body, true, func(r *http.Request) { r.TLS = nil }, 403},
		"no header":          {body, true, func(r *http.Request) { r.Header.Del(customHeader) }, 403},
		"a form":             {body, true, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 403},
		"another site":       {body, true, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"another origin":     {body, true, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
		"a sibling":          {body, true, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		"not JSON":           {"key=color", true, nil, 400},
		"too large":          {`{"key": "` + strings.Repeat("a", maxOrder) + `"}`, true, nil, 400},
		"a GET":              {body, true, func(r *http.Request) { r.Method = "GET" }, 405},
		"a preflight":        {body, true, func(r *http.Request) { r.Method = "OPTIONS" }, 405},
		"an unknown command": {body, true, func(r *http.Request) { r.URL.Path = "/api/erase" }, 404},
	} {
		w := post(s, "/api/insert", c.body, c.admin, c.change)
		if w.Code != c.want || len(o.did) > 0 {
			t.Errorf("%s: %d %s, did %q", name, w.Code, w.Body, o.did)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: other origins are let in", name)
		}
	}
	if w := post(s, "/api/leave", `{"name": "node3"}`, true, nil); w.Code != 400 {
		t.Errorf("who is down is asked to leave: %d %s", w.Code, w.Body)
	}
}

func TestOnlyAdministratorsSeeTheForms(t *testing.T) {
	s, _, _ := administered(t)
	for _, admin := range []bool{false, true} {
		r := httptest.NewRequest("GET", "https://node1.example/", nil)
		r.TLS = &tls.ConnectionState{ServerName: map[bool]string{true: "admin"}[admin]}
		w := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), `id="edit"`) != admin {
			t.Errorf("an administrator %v: %s", admin, w.Body)
		}
	}
}

func TestErrorsHaveHints(t *testing.T) {
	for kind, want := range codes {
		w := httptest.NewRecorder()
		refuse(w, fmt.Errorf("wrapped: %w", &node.Error{Kind: kind, Text: "text", Remedy: "remedy"}))
		var f fault
		if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != want || f.Kind != kind.String() || f.Hint != "remedy" {
			t.Errorf("%s: %d %+v", kind, w.Code, f)
		}
	}
	w := httptest.NewRecorder()
	refuse(w, errors.New("odd"))
	if w.Code != 500 {
		t.Errorf("an error without a kind: %d", w.Code)
	}
}
