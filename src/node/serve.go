package node

import (
	"context"

	"chord/member"
	"chord/ring"
)

// Hello says who this node is.
func (n *Node) Hello(context.Context) (Hello, error) {
	k := n.known.Load()
	if k == nil {
		return Hello{}, &Error{Kind: Unavailable, Text: "the node is starting"}
	}
	return Hello{Member: k.self, Process: n.process, Joined: k.view.Phase == ring.Member, Quorums: n.cfg.Quorums}, nil
}

// Ring answers for the ring's state machine.
func (n *Node) Ring(ctx context.Context, q ring.Request) (_ ring.Response, err error) {
	ctx, ended := n.step(ctx, false, "route", "")
	defer func() { ended(err) }()
	var answer ring.Response
	if err := n.ask(ctx, func() { answer = n.ring.Handle(q) }); err != nil {
		return nil, err
	}
	return answer, nil
}

// Member answers for the membership table. A ping for somebody else is passed
// on, and its answer passed back.
func (n *Node) Member(ctx context.Context, q member.Request) (member.Response, error) {
	var answer member.Response
	var relay *member.Relay
	if err := n.ask(ctx, func() { answer, relay = n.table.Handle(q) }); err != nil {
		return nil, err
	}
	if relay == nil {
		return answer, nil
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Period/2)
	defer cancel()
	answer, err := n.cfg.Dialer.Dial(relay.To.Addr).Member(ctx, relay.Ping)
	if err != nil {
		return nil, failf(Unavailable, "%s does not answer here either: %v", relay.To.Addr, err)
	}
	if ack, ok := answer.(member.Ack); ok {
		n.post(func() { n.table.Learn(ack.Gossip) })
	}
	return answer, nil
}
