package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"chord/ring"
)

// check is one condition of health, with what is amiss where it does not hold.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text,omitempty"`
}

// checkTimeout is how long the node may take to show that it does its work.
const checkTimeout = 3 * time.Second

// healthz answers whether the process does its work: who fails should be
// restarted.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	c := check{Name: "alive", OK: true}
	if err := s.config.Node.Alive(ctx); err != nil {
		c.OK, c.Text = false, err.Error()
	}
	answerChecks(w, r, []check{c})
}

// readyz answers whether clients should be sent here: the node is a member of
// its ring, has all its copies, and takes inserts.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	st := s.config.Node.Status()
	checks := []check{
		{Name: "joined", OK: st.View.Phase == ring.Member && !st.Ready.IsZero(), Text: st.Doing},
		{Name: "synchronised", OK: st.Buckets.Wanted == 0, Text: fmt.Sprintf("%d buckets are to be filled", st.Buckets.Wanted)},
		{Name: "writable", OK: !st.Store.ReadOnly, Text: "the disk has no room for inserts"},
	}
	for i := range checks {
		if checks[i].OK {
			checks[i].Text = ""
		}
	}
	answerChecks(w, r, checks)
}

// answerChecks answers 200 where all hold and 503 where one does not: as JSON
// where that is asked for, else as text.
func answerChecks(w http.ResponseWriter, r *http.Request, checks []check) {
	code, verdict := http.StatusOK, "ok"
	for _, c := range checks {
		if !c.OK {
			code, verdict = http.StatusServiceUnavailable, "failed"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "application/json") || r.URL.Query().Get("format") == "json" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(struct {
			Status string  `json:"status"`
			Checks []check `json:"checks"`
		}{verdict, checks})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	for _, c := range checks {
		state := "ok"
		if !c.OK {
			state = "failed: " + c.Text
		}
		fmt.Fprintf(w, "%s %s\n", c.Name, state)
	}
}
