package node

import (
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/value"
	"context"
	"iter"
)

type Recollection struct {
	Members []member.Member
	Buckets []Known
}
type Known struct {
	Range
	State replica.State
	Epoch uint64
	To    keyspace.ID
}

func (n *Node) Recall(ctx context.Context, from member.Member) (Recollection, error) {
	return Recollection{}, errLater
}
func (n *Node) Pull(ctx context.Context, p Pull) (PullReply, error) { return PullReply{}, errLater }
func (n *Node) Push(ctx context.Context, head Push, pieces iter.Seq2[value.Piece, error]) error {
	return errLater
}
