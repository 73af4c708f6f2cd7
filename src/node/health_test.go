package node_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/member"
	"chord/node"
	"chord/node/nodetest"
	"chord/ring"
)

func TestReadinessTellsWhatIsMissing(t *testing.T) {
	ready := node.Status{Ready: time.Unix(1, 0), View: ring.View{Phase: ring.Member}, Self: member.Member{State: member.Alive}}
	for _, c := range []struct {
		change func(*node.Status)
		want   string
	}{
		{func(*node.Status) {}, "ok"},
		{func(s *node.Status) { s.Ready = time.Time{} }, "not joined: on its way"},
		{func(s *node.Status) { s.Ready, s.Doing = time.Time{}, "fetching" }, "not joined: fetching"},
		{func(s *node.Status) { s.View.Phase = ring.Joining }, "not joined"},
		{func(s *node.Status) { s.Buckets.Wanted = 7 }, "not synchronised: 7 buckets"},
		{func(s *node.Status) { s.Store.ReadOnly = true }, "not writable: there is no room"},
		{func(s *node.Status) { s.Margin.Refused = 3 }, "groups of 3 buckets are down"},
		{func(s *node.Status) { s.Self.State = member.Leaving }, "the node is leaving"},
	} {
		s := ready
		c.change(&s)
		h := s.Readiness()
		if h.OK != (c.want == "ok") || !strings.Contains(h.String(), c.want) {
			t.Errorf("%+v, not %s", h, c.want)
		}
	}
	s := ready
	s.Store.ReadOnly, s.Buckets.Wanted = true, 1
	text, _ := json.Marshal(s.Readiness())
	if want := `{"ok":false,"reasons":["not synchronised: 1 buckets are to be filled","not writable: there is no room for inserts on the disk"]}`; string(text) != want {
		t.Errorf("%s\nnot %s", text, want)
	}
}

func TestHealthOfANodeThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := nodetest.Start(t, 1).Nodes[0]
		if h := n.Healthy(t.Context()); !h.OK {
			t.Errorf("%+v", h)
		}
		if h := n.Status().Readiness(); !h.OK {
			t.Errorf("%+v", h)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if h := n.Healthy(ctx); h.OK || h.String() == "" {
			t.Errorf("an event loop or a disk that does not answer in time: %+v", h)
		}
	})
}
