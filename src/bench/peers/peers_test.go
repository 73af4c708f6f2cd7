package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chord/bench"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: %v", c.values, got)
		}
	}
}

func TestCompare(t *testing.T) {
	var f figures
	for _, ops := range []float64{100, 300, 200} {
		f.add("chord-1", bench.Result{Work: bench.Insert, Throughput: ops})
	}
	f.add("redis", bench.Result{Work: bench.Insert, Throughput: 250})
	for least, want := range map[float64]string{0.5: "0.80  (at least 0.5, aim 1: the least is met)", 0.9: "short of it"} {
		line, ok := f.compare(comparison{bench.Insert, "chord-1", "redis", least, 1})
		if !ok || !strings.Contains(line, want) {
			t.Errorf("%v: %q", least, line)
		}
	}
	if line, _ := f.compare(comparison{bench.Insert, "chord-1", "redis", 0.5, 0.8}); !strings.HasSuffix(line, ": met)") {
		t.Error(line)
	}
	if line, ok := f.compare(comparison{bench.Retrieve, "chord-1", "redis", 0.5, 1}); ok {
		t.Errorf("a ratio of what was not measured: %s", line)
	}
	var text strings.Builder
	f.print(&text)
	if !strings.Contains(text.String(), "chord-1  insert           200    100   300") || !strings.Contains(text.String(), "chord-1 : redis") {
		t.Error(text.String())
	}
}

// What is not installed is left out, not an error.
func TestPresent(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if there := present(settings{chord: "chord"}); len(there) > 0 {
		t.Errorf("%v", there)
	}
}

// The dht's client, against a proxy as its answers were seen.
func TestDHTClient(t *testing.T) {
	stored := map[string][]dhtValue{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPost {
			var v dhtValue
			json.NewDecoder(q.Body).Decode(&v)
			stored[q.URL.Path] = append(stored[q.URL.Path], v)
		}
		for _, v := range stored[q.URL.Path] {
			json.NewEncoder(w).Encode(v)
		}
	}))
	defer proxy.Close()
	c := dhtClient{proxy.Client(), strings.TrimPrefix(proxy.URL, "http://")}
	for _, v := range []string{"one", "two"} {
		if err := c.Insert(t.Context(), []byte("k"), []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	values, err := c.Retrieve(t.Context(), []byte("k"))
	if err != nil || len(values) != 2 || string(values[1]) != "two" {
		t.Errorf("%q, %v", values, err)
	}
	if values, err := c.Retrieve(t.Context(), []byte("none")); err != nil || len(values) != 0 {
		t.Errorf("%q, %v", values, err)
	}
}

// What was started is gone afterwards, even if it does not want to.
func TestClose(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	var c toClose
	if err := start(&c, dir, sh, "-c", "echo $$ > pid; exec sleep 60"); err != nil {
		t.Fatal(err)
	}
	var pid string
	for deadline := time.Now().Add(10 * time.Second); pid == "" && time.Now().Before(deadline); {
		text, _ := os.ReadFile(filepath.Join(dir, "pid"))
		pid = strings.TrimSpace(string(text))
	}
	c.close()
	if _, err := os.Stat("/proc/" + pid); pid == "" || err == nil {
		t.Errorf("process %q runs on", pid)
	}
}

// Every peer that is installed does some real work, in little time.
func TestPeers(t *testing.T) {
	for _, st := range stores(settings{Options: bench.Options{Clients: 4}, chord: "chord-is-tested-elsewhere"}) {
		t.Run(st.name, func(t *testing.T) {
			if _, err := exec.LookPath(st.program); err != nil {
				t.Skip(st.program + " is not installed: " + st.remedy)
			}
			if st.exposed && !loopbackOnly() {
				t.Skip("would listen on all addresses")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var f figures
			s := settings{Options: bench.Options{Clients: 4, Operations: 50, Keys: 20}}
			if err := measure(ctx, s, st, t.TempDir(), &f); err != nil {
				t.Fatal(err)
			}
			for _, work := range []bench.Work{bench.Insert, bench.Retrieve} {
				if st.reads && work == bench.Insert {
					continue
				}
				if r := f.results[subject{st.name, work}]; len(r) != 1 || r[0].Operations != 50 {
					t.Errorf("%s: %+v", work, r)
				}
			}
		})
	}
}
