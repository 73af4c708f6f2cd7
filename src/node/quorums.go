package node

import (
	"context"
	"time"

	"chord/member"
	"chord/replica"
)

// checkQuorums refuses to work with others that count copies in another way:
// the one that starts ends.
func (n *Node) checkQuorums(h Hello) error {
	if h.Quorums == (replica.Quorums{}) || h.Quorums == n.cfg.Quorums {
		return nil
	}
	return &Error{
		Kind:   Invalid,
		Text:   "this node has quorums of " + n.cfg.Quorums.String() + ", and " + h.Member.Name + " of " + h.Quorums.String(),
		Remedy: "give all nodes of a ring the same numbers of copies and the same quorums",
	}
}

// greet asks somebody who is new here, or back, for its quorums, and what it saw of
// this node. Two that both run and
// differ serve nothing together; the operator hears of it.
func (n *Node) greet(m member.Member) {
	h, err := n.hello(m)
	for try := 0; err != nil && try < greetTries; try++ {
		select {
		case <-time.After(n.cfg.Period):
		case <-n.ctx.Done():
			return
		}
		h, err = n.hello(m)
	}
	if err != nil || h.Member.ID != m.ID {
		return
	}
	if err := n.checkQuorums(h); err != nil {
		n.mu.Lock()
		ready := !n.ready.IsZero()
		n.mu.Unlock()
		if !ready {
			n.fail(err)
			return
		}
		n.log.Error("a member counts copies in another way", "err", err)
	}
	n.askOlder(h.Member)
}

// greetTries is how often somebody is asked again who did not answer.
const greetTries = 10

func (n *Node) hello(m member.Member) (Hello, error) {
	ctx, cancel := context.WithTimeout(n.ctx, 2*n.cfg.Period)
	defer cancel()
	return n.cfg.Dialer.Dial(m.Addr).Hello(ctx)
}
