package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"chord/node"
)

// checkTimeout is how long the node may take to show that it does its work.
const checkTimeout = 3 * time.Second

// healthz answers whether the process does its work: who does not should be
// restarted.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	answerHealth(w, r, s.config.Node.Healthy(ctx))
}

// readyz answers whether clients should be sent here: the node is a member of its
// ring, has all its copies, and takes inserts.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	answerHealth(w, r, s.config.Node.Status().Readiness())
}

// answerHealth answers 200 or 503 with the reasons: as JSON where that is asked
// for, else as text.
func answerHealth(w http.ResponseWriter, r *http.Request, h node.Health) {
	code := http.StatusOK
	if !h.OK {
		code = http.StatusServiceUnavailable
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		answer(w, code, h)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintln(w, h)
}
