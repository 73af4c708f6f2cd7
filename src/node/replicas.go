package node

import "context"

var errLater = failf(Unavailable, "not there yet")

func (n *Node) Write(ctx context.Context, w Write) error            { return errLater }
func (n *Node) Read(ctx context.Context, r Read) (ReadReply, error) { return ReadReply{}, errLater }
