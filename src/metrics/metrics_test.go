package metrics

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chord/dashboard"
	"chord/gateway"
	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/ring"
	"chord/store"
	"chord/wire"
)

// full returns metrics that have a sample of every row.
func full(t testing.TB) *Metrics {
	t.Helper()
	m := New("1.2.3")
	self := member.Member{Name: "n1", Addr: "127.0.0.1:4170", Domain: "rack"}
	m.Observe(Source{
		Status: func() node.Status {
			return node.Status{
				Ring: "test", Self: self, Ready: time.Unix(1, 0), View: ring.View{Phase: ring.Member, Successors: []ring.Peer{{ID: keyspace.HashKey([]byte("b")), Addr: "b"}}},
				Members: []member.Member{self, {State: member.Down}}, Buckets: node.BucketCounts{Held: 7, Moving: 3, StandIns: 2},
				Margin: node.Margin{Losses: 1, Thin: 5}, Repair: node.Repair{Bytes: 99, Round: time.UnixMilli(1500)}, Purge: node.PurgeStatus{Blocked: []string{"b"}},
			}
		},
		Activity: func() node.Activity { return node.Activity{Stabilised: time.UnixMilli(2500), Owed: 4, Released: 8} },
		Store:    func() store.Stats { return store.Stats{Keys: 11, Stalled: 6 * time.Second, ReadOnly: true} },
		Server: func() wire.Stats {
			return wire.Stats{Clients: 3, Shut: 9, Refused: map[node.Kind]uint64{node.WrongRing: 2, node.Overloaded: 1}}
		},
		Dialer:    func() wire.Outgoing { return wire.Outgoing{Queued: 12} },
		HTTP:      func() dashboard.Stats { return dashboard.Stats{Connections: 13, Refused: 14} },
		Redis:     func() gateway.Stats { return gateway.Stats{Clients: 15, Denied: 16} },
		Strangers: func() map[string]uint64 { return map[string]uint64{"other-ring": 5} },
		Expiry:    func() map[string]time.Time { return map[string]time.Time{"node": time.Unix(4e9, 0)} },
	})
	m.Done(node.Asked, node.Insert, time.Millisecond, nil)
	m.Done(node.Asked, node.Insert, time.Second, &node.Error{Kind: node.ReadOnly})
	m.Done(node.Asked, node.Get, time.Second, errors.New("of no kind"))
	m.Done(node.Written, 0, time.Millisecond, nil)
	m.Done(node.Seen, 0, time.Millisecond, &node.Error{Kind: node.NotResponsible})
	m.Committed(3, 500, 4*time.Millisecond, 2*time.Millisecond)
	m.Flushed(time.Second)
	return m
}

func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func TestWhatIsExported(t *testing.T) {
	text := scrape(full(t))
	for _, want := range []string{
		`chord_build_info{goversion="go`,
		`chord_node_info{address="127.0.0.1:4170",domain="rack",id="0000000000000000000000000000000000000000",name="n1",ring="test"} 1`,
		`chord_node_ready 1`,
		`chord_operations_total{operation="insert",outcome="ok"} 1`,
		`chord_operations_total{operation="insert",outcome="read_only"} 1`,
		`chord_operations_total{operation="get",outcome="internal"} 1`,
		`chord_operation_duration_seconds_count{operation="insert"} 2`,
		`chord_copy_requests_total{outcome="ok",request="write"} 1`,
		`chord_copy_requests_total{outcome="not_responsible",request="read"} 1`,
		`chord_ring_members{state="down"} 1`,
		`chord_ring_last_stabilise_timestamp_seconds 2.5`,
		`chord_replication_buckets{state="held"} 7`,
		`chord_replication_buckets{state="surplus"} 3`,
		`chord_replication_bearable_losses 1`,
		`chord_replication_released_buckets_total 8`,
		`chord_repair_last_round_timestamp_seconds 1.5`,
		`chord_repair_last_scrub_timestamp_seconds 0`,
		`chord_purge_blocking_members 1`,
		`chord_store_keys 11`,
		`chord_store_stalled_seconds 6`,
		`chord_store_commit_changes_sum 3`,
		`chord_store_sync_duration_seconds_sum 0.002`,
		`chord_store_written_bytes_total 500`,
		`chord_server_requests_in_flight{from="clients"} 3`,
		`chord_server_refused_requests_total{reason="wrong_ring"} 2`,
		`chord_server_shut_connections_total 9`,
		`chord_dialer_queued_operations 12`,
		`chord_http_connections 13`,
		`chord_http_refused_connections_total 14`,
		`chord_redis_connections 15`,
		`chord_redis_refused_logins_total 16`,
		`chord_tls_certificate_expiry_timestamp_seconds{certificate="node"} 4e+09`,
		`chord_tls_refused_total{reason="other_ring"} 5`,
		`process_start_time_seconds`,
		`go_goroutines`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("not exported: %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A node that is not there yet, or without TLS, exports less, and nothing wrong.
func TestBeforeThereIsANode(t *testing.T) {
	if text := scrape(New("")); strings.Contains(text, "chord_node") || !strings.Contains(text, "process_cpu_seconds_total") {
		t.Error(text)
	}
	m := New("")
	m.Observe(Source{})
	if text := scrape(m); !strings.Contains(text, "\nchord_node_ready 0") || strings.Contains(text, "tls") {
		t.Error(text)
	}
}

func TestEveryRowIsExportedAndNothingElse(t *testing.T) {
	families, err := full(t).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]string{}
	for _, f := range families {
		exported[f.GetName()] = strings.ToLower(f.GetType().String())
	}
	for _, row := range Table() {
		if exported[row.Name] != string(row.Type) {
			t.Errorf("%s is a %s in the table and exported as %q", row.Name, row.Type, exported[row.Name])
		}
		delete(exported, row.Name)
	}
	for name := range exported {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// The guide: https://prometheus.io/docs/practices/naming/
func TestNamesFollowTheGuide(t *testing.T) {
	form := regexp.MustCompile(`^chord_[a-z]+(_[a-z]+)+$`)
	seen := map[string]bool{}
	for _, row := range Table() {
		name := strings.TrimSuffix(row.Name, "_total")
		unit, _, _ := strings.Cut(row.Unit, " ")
		switch {
		case !form.MatchString(row.Name) || seen[row.Name]:
			t.Errorf("%s: not a name, or there twice", row.Name)
		case (row.Type == Counter) != strings.HasSuffix(row.Name, "_total"):
			t.Errorf("%s: counters end in _total, and nothing else does", row.Name)
		case unit == "seconds" && !strings.HasSuffix(name, "_seconds"), unit == "bytes" && !strings.Contains(name, "bytes"):
			t.Errorf("%s: the unit %s is not in the name", row.Name, row.Unit)
		case (row.read == nil) != (row.Type == Histogram) || (row.bounds == nil) == (row.Type == Histogram):
			t.Errorf("%s: is nothing that can be exported", row.Name)
		case !strings.HasSuffix(row.Help, ".") || row.group == "":
			t.Errorf("%s: help %q", row.Name, row.Help)
		case !slices.IsSorted(row.bounds):
			t.Errorf("%s: bounds", row.Name)
		}
		seen[row.Name] = true
	}
}

// promtool runs that program, or skips the test.
func promtool(t *testing.T, in io.Reader, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("needs promtool (Debian: prometheus)")
	}
	c := exec.CommandContext(t.Context(), path, args...)
	c.Stdin = in
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	promtool(t, strings.NewReader(scrape(full(t))), "check", "metrics")
}

// What is counted on the way of the data costs no allocation.
func TestCountingAllocatesNothing(t *testing.T) {
	m := New("")
	failed := error(&node.Error{Kind: node.Unavailable})
	if n := testing.AllocsPerRun(100, func() {
		m.Done(node.Asked, node.Insert, time.Millisecond, nil)
		m.Done(node.Seen, 0, time.Microsecond, failed)
		m.Committed(1, 2, 3, 4)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDone(b *testing.B) {
	m := New("")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.Done(node.Asked, node.Insert, time.Millisecond, nil)
		}
	})
}

// The manual's page is what the program says, and names all that is exported.
func TestTheManualIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../pkgs/manual/metrics.md")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the manual is not here")
	}
	var want bytes.Buffer
	if err := Reference(&want); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(page, want.Bytes()) {
		t.Error("pkgs/manual/metrics.md is stale: its first lines say how to write it anew")
	}
	for name := range strings.SplitSeq(scrape(full(t)), "\n") {
		if name, ok := strings.CutPrefix(name, "# TYPE "); ok {
			if name, _, _ = strings.Cut(name, " "); !bytes.Contains(page, []byte("`"+name+"`")) && !strings.HasPrefix(name, kernels) {
				t.Errorf("%s is not in the manual", name)
			}
		}
	}
}
