package dashboard

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// read gets a path and reads its JSON.
func read[T any](t *testing.T, s *Server, path string, code int) (v T) {
	t.Helper()
	w := get(s, path)
	if w.Code != code {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return v
}

// whole returns the ring as the page sees it once all that answer were asked.
func whole(t *testing.T, s *Server) update {
	t.Helper()
	read[update](t, s, "/api/ring", 200)
	synctest.Wait()
	s.taken = s.taken.Add(-snapshotFor)
	return read[update](t, s, "/api/ring", 200)
}

func TestRingIsWhatTheNodesSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(40, 1, false)
		s := New(Config{Node: sim, Peers: simulatedPeers{sim}})
		defer s.Stop(t.Context())
		u := whole(t, s)
		if len(u.Members) != 40 || !u.Full || u.Node.ID != sim.self.Self.ID || u.Ring.Known != len(sim.statuses) {
			t.Fatalf("%d members, full %v, node %s, %d known of %d", len(u.Members), u.Full, u.Node.Name, u.Ring.Known, len(sim.statuses))
		}
		share := 0.0
		for i, m := range u.Members {
			real := sim.members[i]
			if m.ID != real.ID || m.Name != real.Name || m.State != real.State.String() || m.Self != (real.Name == "bootstrap") {
				t.Errorf("%+v, is %+v", m, real)
			}
			said, answers := sim.statuses[real.Addr]
			if answers != (m.Load != nil) || answers && *m.Load != LoadOf(said) || !answers && m.Why == "" {
				t.Errorf("%s: load %+v (%s), said %+v", m.Name, m.Load, m.Why, LoadOf(said))
			}
			share += m.Share
		}
		if share < 0.999 || share > 1.001 {
			t.Errorf("the shares are %g of the circle", share)
		}
	})
}

// Another node may have taken over the address of one that is gone.
func TestLoadOfAnotherNodeIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(4, 1, true)
		gone := sim.members[1]
		if gone.Name == "bootstrap" {
			gone = sim.members[2]
		}
		sim.statuses[gone.Addr] = sim.self
		s := New(Config{Node: sim, Peers: simulatedPeers{sim}})
		defer s.Stop(t.Context())
		for _, m := range whole(t, s).Members {
			if m.ID == gone.ID && (m.Load != nil || !strings.Contains(m.Why, "bootstrap answers at")) {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestMember(t *testing.T) {
	sim := simulate(20, 3, false)
	s := New(Config{Node: sim, Peers: simulatedPeers{sim}})
	defer s.Stop(t.Context())
	for _, m := range sim.members {
		path := "/api/member?id=" + m.ID.String()
		said, answers := sim.statuses[m.Addr]
		switch {
		case m.State >= member.Down:
			if f := read[fault](t, s, path, 503); f.Error != m.Name+" is down" {
				t.Error(f)
			}
		case answers:
			v := read[nodeView](t, s, path, 200)
			if v.Name != m.Name || v.Predecessor.ID != said.View.Predecessor.ID || len(v.Successors) != len(said.View.Successors) || v.Load != LoadOf(said) {
				t.Errorf("%s: %+v", m.Name, v)
			}
		default:
			if f := read[fault](t, s, path, 503); !strings.HasPrefix(f.Error, m.Name+" does not answer: ") {
				t.Error(f)
			}
		}
	}
	for _, bad := range []string{"", "?id=", "?id=12", "?id=" + strings.Repeat("0", 40)} {
		read[fault](t, s, "/api/member"+bad, 400)
	}
}

func TestLookup(t *testing.T) {
	sim := simulate(200, 1, true)
	s := New(Config{Node: sim})
	v := read[lookupView](t, s, "/api/lookup?key="+url.QueryEscape("color & co"), 200)
	id := keyspace.HashKey([]byte("color & co"))
	trace, _ := sim.Lookup(t.Context(), keyspace.BucketOf(id).First())
	if v.ID != id || v.Key != "color & co" || v.Owner.ID != trace.Owner.ID || v.Holders[0].ID != trace.Owner.ID || len(v.Holders) != 3 || len(v.Steps) != len(trace.Steps) {
		t.Errorf("%+v", v)
	}
	if last := v.Path[len(v.Path)-1]; last.To != trace.Owner.ID || len(v.Path) != len(trace.Steps)+1 {
		t.Errorf("the way ends at %v after %d hops", last, len(v.Path))
	}
	if h := read[lookupView](t, s, "/api/lookup?hex=636f6c6f72ff", 200); h.ID != keyspace.HashKey([]byte("color\xff")) || h.Key != "" {
		t.Errorf("bytes: %+v", h)
	}
	if h := read[lookupView](t, s, "/api/lookup?id="+id.String(), 200); h.ID != id {
		t.Errorf("identifier: %+v", h)
	}
	for _, bad := range []string{"", "?key=", "?hex=6", "?id=xx", "?key=a&id=b", "?other=a", "?key=" + strings.Repeat("a", maxQueryKey+1)} {
		if f := read[fault](t, s, "/api/lookup"+bad, 400); f.Hint == "" || f.Kind != "invalid" {
			t.Errorf("%.20s: %+v", bad, f)
		}
	}
}

func TestLookupThatFails(t *testing.T) {
	f := &fake{lookup: func(keyspace.ID) (node.Trace, error) {
		return node.Trace{}, &node.Error{Kind: node.Unavailable, Text: "this node has not joined its ring yet"}
	}}
	if f := read[fault](t, New(Config{Node: f}), "/api/lookup?key=a", 503); f.Error != "this node has not joined its ring yet" {
		t.Error(f)
	}
}

func FuzzLookup(f *testing.F) {
	for _, q := range []string{"key=color", "hex=00ff", "id=" + strings.Repeat("0f", 20), "key=%ff", "key=a&key=b", ";", "key=%00"} {
		f.Add(q)
	}
	s := New(Config{Node: simulate(5, 1, true)})
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		w := get(s, "/api/lookup?"+q.Encode())
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if k := q.Get("key"); len(q) == 1 && k != "" && len(k) <= maxQueryKey && w.Code != 200 {
			t.Fatalf("the key %q: %s", k, w.Body)
		}
	})
}
