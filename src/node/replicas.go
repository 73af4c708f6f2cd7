package node

import (
	"context"
	"iter"

	"chord/member"
	"chord/value"
)

var errLater = failf(Unavailable, "not there yet")

// Operate carries out an operation for a client.
func (n *Node) Operate(ctx context.Context, op Op) (Result, error) {
	if op.Kind > Retrieve {
		return Result{}, errLater
	}
	return n.coordinate(ctx, op)
}

// Forget takes a member that is down out of the ring for ever.
func (n *Node) Forget(ctx context.Context, name string) error { return errLater }

func (n *Node) Write(ctx context.Context, w Write) error            { return errLater }
func (n *Node) Read(ctx context.Context, r Read) (ReadReply, error) { return ReadReply{}, errLater }
func (n *Node) Compare(ctx context.Context, c Compare) (CompareReply, error) {
	return CompareReply{}, errLater
}
func (n *Node) Keys(ctx context.Context, k Keys) (KeysReply, error)          { return KeysReply{}, errLater }
func (n *Node) Take(ctx context.Context, t Take) ([]BucketDigest, error)     { return nil, errLater }
func (n *Node) Seen(ctx context.Context, from member.Member) (uint64, error) { return 0, errLater }
func (n *Node) Fetch(ctx context.Context, f Fetch) iter.Seq2[value.Piece, error] {
	return func(yield func(value.Piece, error) bool) { yield(value.Piece{}, errLater) }
}
