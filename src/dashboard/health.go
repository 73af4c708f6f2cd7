package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"chord/node"
)

const (
	// checkTimeout is how long the node may take to show that it does its work.
	checkTimeout = 3 * time.Second
	// checkEvery is how long the answer is good: a check writes to the disk, which a
	// flood of questions shall not.
	checkEvery = time.Second
)

// checkup is the node's last check of itself, which all who ask share.
type checkup struct {
	mu   sync.Mutex // held while a check runs: who comes meanwhile gets its answer
	at   time.Time
	last node.Health
}

// healthz answers whether the process does its work: who does not should be
// restarted.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	answerHealth(w, r, s.checkup.of(s.config.Node))
}

func (c *checkup) of(n Node) node.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || time.Since(c.at) >= checkEvery {
		ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
		defer cancel()
		c.last = n.Healthy(ctx)
		c.at = time.Now()
	}
	return c.last
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
