package dashboard

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/ring"
)

// fake is a node that is as the test says.
type fake struct {
	status node.Status
	health node.Health
	checks int
	lookup func(keyspace.ID) (node.Trace, error)
}

func (f *fake) Status() node.Status                 { return f.status }
func (f *fake) Healthy(context.Context) node.Health { f.checks++; return f.health }
func (f *fake) Lookup(_ context.Context, target keyspace.ID) (node.Trace, error) {
	return f.lookup(target)
}

func get(s *Server, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	return w
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{health: node.Health{OK: true}}
		s := New(Config{Node: f})
		for range 3 {
			if w := get(s, "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
				t.Errorf("healthy: %d %s", w.Code, w.Body)
			}
		}
		if f.checks != 1 {
			t.Errorf("%d checks for three questions at once", f.checks)
		}
		f.health = node.Health{Reasons: []string{"the disk hangs"}}
		time.Sleep(checkEvery)
		if w := get(s, "/healthz"); w.Code != 503 || w.Body.String() != "the disk hangs\n" {
			t.Errorf("not alive: %d %s", w.Code, w.Body)
		}
	})
}

func TestReadiness(t *testing.T) {
	ready := node.Status{Ready: time.Now(), View: ring.View{Phase: ring.Member}}
	for name, c := range map[string]struct {
		change func(*node.Status)
		want   string
	}{
		"ready":   {func(*node.Status) {}, ""},
		"joining": {func(s *node.Status) { s.View.Phase, s.Doing = ring.Joining, "joining" }, "not joined: joining"},
		"filling": {func(s *node.Status) { s.Buckets.Wanted = 3 }, "not synchronised: 3 buckets"},
		"full":    {func(s *node.Status) { s.Store.ReadOnly = true }, "not writable: there is no room"},
	} {
		f := &fake{status: ready}
		c.change(&f.status)
		w := get(New(Config{Node: f}), "/readyz")
		if (w.Code == 200) != (c.want == "") || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		var h node.Health
		w = get(New(Config{Node: f}), "/readyz", "Accept", "application/json")
		if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || h.OK != (c.want == "") {
			t.Errorf("%s as JSON: %s", name, w.Body)
		}
	}
}
