package node

import (
	"context"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/ring"
)

// Lookup finds the successor of target on the ring. The membership table says
// whom to ask first; the asked node answers with what its own pointers say, or
// with hops that are nearer.
func (n *Node) Lookup(ctx context.Context, target keyspace.ID) (_ Trace, err error) {
	ctx, ended := n.step(ctx, true, "lookup", "")
	defer func() { ended(err) }()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultTimeout)
		defer cancel()
	}
	var local ring.Route
	if err := n.ask(ctx, func() { local = n.ring.Route(target) }); err != nil {
		return Trace{}, err
	}
	trace := Trace{Target: target}
	if local.Pending {
		return trace, &Error{Kind: Unavailable, Text: "this node has not joined its ring yet"}
	}
	if local.Found {
		trace.Owner, trace.Successors = local.Hops[0], local.Hops[1:]
		return trace, nil
	}
	s := ring.NewSearch(target, n.firstHops(target, local))
	for {
		p, more := s.Next()
		if !more {
			break
		}
		began := time.Now()
		err := n.askRoute(ctx, s, p, target)
		step := TraceStep{Asked: p, Took: time.Since(began)}
		if err != nil {
			step.Err = err.Error()
		}
		trace.Steps = append(trace.Steps, step)
		if ctx.Err() != nil {
			return trace, failf(Unavailable, "lookup of %s ran out of time", target.Short())
		}
	}
	owner, rest, done := s.Result()
	if !done {
		return trace, failf(Unavailable, "lookup of %s: nobody is left to ask", target.Short())
	}
	trace.Owner, trace.Successors = owner, rest
	return trace, nil
}

func (n *Node) askRoute(ctx context.Context, s *ring.Search, p ring.Peer, target keyspace.ID) error {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Period)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(p.Addr).Ring(ctx, ring.AskRoute{Target: target})
	route, ok := answer.(ring.Route)
	if err != nil || !ok {
		s.Fail(p)
		return err
	}
	s.Answer(p, route)
	return nil
}

// firstHops returns whom a lookup asks first: the member before the target, who
// knows its owner, then what the ring's own pointers say.
func (n *Node) firstHops(target keyspace.ID, local ring.Route) []ring.Peer {
	k := n.known.Load()
	if n.cfg.FingersOnly || k == nil {
		return local.Hops
	}
	before, ok := k.placement.Predecessor(target)
	m, _ := k.member(before)
	if !ok || before == n.cfg.ID || m.State == member.Down {
		return local.Hops
	}
	return append([]ring.Peer{peerOf(m)}, local.Hops...)
}
