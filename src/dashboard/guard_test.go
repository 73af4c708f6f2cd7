package dashboard

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestPolicyOfThePage(t *testing.T) {
	s := New(Config{Node: simulate(4, 1, true)})
	w := get(s, "/")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for name, a := range s.assets {
		if a.kind == "" || len(a.content) == 0 {
			t.Errorf("%s has no type or no content", name)
		}
		if found := regexp.MustCompile(`https?://[a-z0-9.]*`).FindString(string(a.content)); found != "" && found != "http://www.w3.org" {
			t.Errorf("%s names another host: %s", name, found)
		}
		if got := get(s, "/assets/"+name); got.Code != 200 || got.Header().Get("Content-Type") != a.kind {
			t.Errorf("%s: %d %v", name, got.Code, got.Header())
		}
		if got := get(s, "/assets/"+name, "If-None-Match", a.tag); got.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", name, got.Code)
		}
	}
	page := w.Body.String()
	if regexp.MustCompile(`<script>|<style|style=|\son[a-z]+=`).MatchString(page) || strings.Contains(page, "://") {
		t.Error("the page has scripts or styles in it, or names another host")
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if got := get(s, m[1]); got.Code != 200 {
			t.Errorf("%s: %d", m[1], got.Code)
		}
	}
	if get(s, "/assets/page.html").Code != 404 || get(s, "/assets/../server.go").Code == 200 || get(s, "/nothing").Code != 404 {
		t.Error("there is more than there should be")
	}
}

func TestNamesInThePageAreText(t *testing.T) {
	sim := simulate(2, 1, true)
	sim.self.Ring, sim.self.Self.Name = `"><script>alert(1)</script>`, `<img src=x>`
	if page := get(New(Config{Node: sim}), "/").Body.String(); strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
		t.Errorf("a name became an element: %s", page)
	}
}

// A name server may lead a browser to a loopback address under a stranger's name.
func TestStrangersNames(t *testing.T) {
	s := New(Config{Node: simulate(2, 1, true)})
	for host, want := range map[string]int{
		"127.0.0.1:8170": 200, "localhost": 200, "LOCALHOST:1": 200, "[::1]:8170": 200, "page.localhost": 200, "10.0.0.1": 200,
		"evil.example": 421, "evil.example:8170": 421, "localhost.evil.example": 421, "": 421,
	} {
		for addr, loopback := range map[string]bool{"127.0.0.1:8170": true, "[::1]:8170": true, "192.0.2.1:8170": false} {
			local, err := net.ResolveTCPAddr("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/api/status", nil)
			r.Host = host
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
			w := httptest.NewRecorder()
			s.http.Handler.ServeHTTP(w, r)
			if expected := want; loopback && w.Code != expected || !loopback && w.Code != 200 {
				t.Errorf("%q at %s: %d", host, addr, w.Code)
			}
		}
	}
}
