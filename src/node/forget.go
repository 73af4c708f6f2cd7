package node

import (
	"context"

	"chord/member"
)

// Forget gives up a member that is down, with all that it holds: the others
// make copies in its place, and its database never comes back. What only that
// one held is lost.
func (n *Node) Forget(ctx context.Context, name string) error {
	var problem *Error
	if err := n.ask(ctx, func() {
		m, ok := n.table.ByName(name)
		switch {
		case !ok:
			problem = &Error{Kind: Invalid, Text: "no member is called " + name, Remedy: "the status of any node lists the members"}
		case m.State == member.Forgotten || m.State == member.Left:
		case m.State != member.Down:
			problem = &Error{Kind: Invalid, Text: name + " is " + m.State.String() + ", only who is down can be forgotten", Remedy: "let it leave; or stop it, and wait until it counts as down"}
		case !n.table.Forget(m.ID):
			problem = failf(Unavailable, "%s came back this moment", name)
		}
	}); err != nil {
		return err
	}
	if problem != nil {
		return problem
	}
	n.log.Warn("a member is forgotten, with all that only it held", "name", name)
	n.announce(nil)
	return nil
}

// forgottenError says that this node was given up.
func (n *Node) forgottenError() *Error {
	return &Error{
		Kind:   Invalid,
		Text:   "the ring has forgotten " + n.cfg.Store.Identity().Name + ", with what its database held",
		Remedy: "move its database away and start it again: it joins as a new node",
	}
}
