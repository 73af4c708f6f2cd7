package nodetest

import (
	"context"
	"path/filepath"

	"chord/node"
	"chord/store"
)

// database is the name of the file in a node's directory.
const database = "chord.db"

// Options say which node to make.
type Options struct {
	Dir        string // of the database; one that is there is opened again
	Ring, Name string
	Addr       string // host:port on the network, which may be made up
	Bootstrap  []string
	// Sync lets the database sync: a power cut then loses nothing, and every
	// write waits for the disk.
	Sync bool
	// Disk, where not nil, changes what the database is opened with.
	Disk func(*store.Options)
	// Adjust, where not nil, changes what the node is made with.
	Adjust func(*node.Config)
}

// Node is a node on a [Network] with its database.
type Node struct {
	*node.Node
	Store   *store.Store
	Options Options
	net     *Network
}

// NewNode opens the node's database, starts the node and attaches it to the
// network. It does not wait until the node is ready.
func NewNode(ctx context.Context, w *Network, o Options) (*Node, error) {
	so := store.Options{Ring: o.Ring, Name: o.Name, NoSync: !o.Sync}
	if o.Disk != nil {
		o.Disk(&so)
	}
	s, err := store.Open(filepath.Join(o.Dir, database), so)
	if err != nil {
		return nil, err
	}
	c := node.Config{Addr: o.Addr, Bootstrap: o.Bootstrap, Store: s, Dialer: w.Dialer(o.Addr)}
	if o.Adjust != nil {
		o.Adjust(&c)
	}
	n, err := node.New(c)
	if err != nil {
		s.Close()
		return nil, err
	}
	w.Attach(o.Addr, n)
	return &Node{n, s, o, w}, n.Start(ctx)
}

// Crash takes the node off the network in the middle of whatever it does, and
// closes its database. Nobody is told, as by a stop without leave.
func (n *Node) Crash() {
	n.net.Detach(n.Options.Addr, n.Node)
	n.Node.Close()
	n.Store.Close()
}
