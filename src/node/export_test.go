package node

import "context"

// RetrieveWith is a retrieve at this coordinator that is interrupted once it
// knows what a read quorum knows.
func (n *Node) RetrieveWith(ctx context.Context, key []byte, interrupt func()) ([][]byte, error) {
	op := Op{Kind: Retrieve, Key: key}
	at, err := n.coordinates(op)
	if err != nil {
		return nil, err
	}
	seen, err := n.quorumReadOf(ctx, at, op)
	if err != nil {
		return nil, err
	}
	interrupt()
	r, err := n.readBack(ctx, at, op, seen)
	return r.Values, err
}
