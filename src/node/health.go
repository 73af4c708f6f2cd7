package node

import (
	"context"
	"fmt"
	"strings"

	"chord/member"
	"chord/ring"
)

// Health answers a probe: what is wrong, in the words of people, or nothing.
type Health struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons,omitempty"`
}

func healthOf(reasons []string) Health { return Health{OK: len(reasons) == 0, Reasons: reasons} }

// String returns "ok", or the reasons, one a line.
func (h Health) String() string {
	if h.OK {
		return "ok"
	}
	return strings.Join(h.Reasons, "\n")
}

// Healthy says whether the process does its work, whatever the ring is like: the
// event loop answers and a write reaches the disk before ctx is done. Who is not
// healthy is helped by a restart. It writes to the disk; see [Node.Alive].
func (n *Node) Healthy(ctx context.Context) Health {
	if err := n.Err(); err != nil {
		return healthOf([]string{"failed: " + err.Error()})
	}
	if err := n.Alive(ctx); err != nil {
		return healthOf([]string{err.Error()})
	}
	return Health{OK: true}
}

// Readiness says whether the node can do all that its clients may ask: it is a
// member of its ring, has all copies that it should have, and takes inserts. A
// node that is not ready answers nevertheless, as far as it can.
func (s Status) Readiness() Health {
	if s.Ready.IsZero() || s.View.Phase != ring.Member {
		return healthOf([]string{"not joined: " + s.waitsFor()})
	}
	var reasons []string
	if s.Self.State != member.Alive && s.Self.State != member.Suspect {
		reasons = append(reasons, "the node is "+s.Self.State.String())
	}
	if n := s.Buckets.Wanted; n > 0 {
		reasons = append(reasons, fmt.Sprintf("not synchronised: %d buckets are to be filled", n))
	}
	if s.Store.ReadOnly {
		reasons = append(reasons, "not writable: there is no room for inserts on the disk")
	}
	if n := s.Margin.Refused; n > 0 {
		reasons = append(reasons, fmt.Sprintf("not writable: too many members of the groups of %d buckets are down", n))
	}
	return healthOf(reasons)
}

func (s Status) waitsFor() string {
	if s.Doing == "" {
		return "on its way into the ring"
	}
	return s.Doing
}
