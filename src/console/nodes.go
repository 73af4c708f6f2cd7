package console

import (
	"context"
	"iter"

	"chord/node"
	"chord/ring"
)

// DefaultPort is the port of a node where none is named, as it was in
// OpenChord.
const DefaultPort = 4242

// Data is what can be done with the keys of a ring. Its methods give up when
// ctx is done.
type Data interface {
	Insert(ctx context.Context, key, value []byte) error
	Remove(ctx context.Context, key, value []byte) error
	// Retrieve returns no values, and no error, for a key that has none.
	Retrieve(ctx context.Context, key []byte) ([][]byte, error)
	// Entries yields what this node holds, not what the ring holds.
	Entries(ctx context.Context) iter.Seq2[node.Entry, error]
}

// Node is a running node of a ring.
type Node interface {
	Data
	// View returns the node's pointers.
	View() ring.View
	// Leave hands over what the node holds and takes it out of its ring.
	Leave(ctx context.Context) error
	// Close ends the node, whether it left before or not, and frees what it uses.
	Close() error
}

// LocalNode is a node of the simulated network.
type LocalNode interface {
	Node
	// Crash ends the node at once, in the middle of whatever it does. It is
	// called instead of Close.
	Crash() error
}

// Remote makes nodes on the real network.
type Remote interface {
	// Join starts a node on the port and returns once it is a member of the ring
	// of the bootstrap node (host:port), or of a new ring where bootstrap is
	// empty. A node that does not get so far by the end of ctx is closed.
	Join(ctx context.Context, port int, bootstrap string) (Node, error)
}

// Local makes nodes of one simulated network inside this process.
type Local interface {
	// Create starts the node of that name and returns once it is a member of the
	// ring of the node called bootstrap, or of a new ring where bootstrap is
	// empty. A node that does not get so far by the end of ctx is closed.
	Create(ctx context.Context, name, bootstrap string) (LocalNode, error)
}
