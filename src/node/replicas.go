package node

import "context"

var errLater = failf(Unavailable, "not there yet")

// Operate carries out an operation for a client.
func (n *Node) Operate(ctx context.Context, op Op) (Result, error) {
	if op.Kind > Retrieve {
		return Result{}, errLater
	}
	return n.coordinate(ctx, op)
}

func (n *Node) Write(ctx context.Context, w Write) error            { return errLater }
func (n *Node) Read(ctx context.Context, r Read) (ReadReply, error) { return ReadReply{}, errLater }
