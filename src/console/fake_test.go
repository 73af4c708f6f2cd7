package console

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"chord/keyspace"
	"chord/node"
	"chord/ring"
)

// fakeNet is a network whose rings are always ideal. Addresses and keys that
// begin with "silent" never answer, those with "broken" fail.
type fakeNet struct {
	mu    sync.Mutex
	nodes []*fakeNode // by identifier
	ended []string    // what was called at the end of each node: "leave a", "close a"
}

type fakeNode struct {
	net     *fakeNet
	self    ring.Peer
	entries map[string][]string
	gone    bool
	views   atomic.Int32
	done    chan struct{} // closed when it ended
}

// A real node is what a [Remote] makes.
var _ Node = (*node.Node)(nil)

func (f *fakeNet) Join(ctx context.Context, port int, bootstrap string) (Node, error) {
	if bootstrap == "" {
		f = &fakeNet{}
	}
	return f.add(ctx, fmt.Sprintf("test1:%d", port), bootstrap)
}

func (f *fakeNet) Create(ctx context.Context, name, bootstrap string) (LocalNode, error) {
	return f.add(ctx, name+":4242", bootstrap)
}

func (f *fakeNet) add(ctx context.Context, addr, bootstrap string) (*fakeNode, error) {
	if err := trouble(ctx, bootstrap); err != nil {
		return nil, err
	}
	n := &fakeNode{net: f, self: ring.Peer{ID: keyspace.HashNode("ring", addr, 0), Addr: addr},
		entries: map[string][]string{}, done: make(chan struct{})}
	f.mu.Lock()
	f.nodes = append(f.nodes, n)
	slices.SortFunc(f.nodes, func(a, b *fakeNode) int { return a.self.ID.Compare(b.self.ID) })
	f.mu.Unlock()
	f.spread()
	return n, nil
}

func trouble(ctx context.Context, name string) error {
	switch {
	case strings.HasPrefix(name, "silent"):
		<-ctx.Done()
		return ctx.Err()
	case strings.HasPrefix(name, "broken"):
		return &node.Error{Kind: node.Unavailable, Text: "nobody answers\n at \x1b[2J" + name, Remedy: "start a node there"}
	case strings.HasPrefix(name, "unknown"):
		return &node.Error{Kind: node.Unknown}
	}
	return nil
}

// from returns the live nodes clockwise from the first at or after id.
func (f *fakeNet) from(id keyspace.ID) []*fakeNode {
	f.mu.Lock()
	defer f.mu.Unlock()
	var live []*fakeNode
	for _, n := range f.nodes {
		if !n.gone {
			live = append(live, n)
		}
	}
	i := slices.IndexFunc(live, func(n *fakeNode) bool { return id.Compare(n.self.ID) <= 0 })
	if i < 0 {
		return live
	}
	return append(slices.Clone(live[i:]), live[:i]...)
}

// fakeCopies is how many nodes keep each key.
const fakeCopies = 3

// holders returns the nodes that keep a key, the first of which answers for it.
func (n *fakeNode) holders(ctx context.Context, key []byte) ([]*fakeNode, error) {
	if err := trouble(ctx, string(key)); err != nil {
		return nil, err
	}
	live := n.net.from(keyspace.HashKey(key))
	return live[:min(fakeCopies, len(live))], nil
}

func (n *fakeNode) Insert(ctx context.Context, key, value []byte) error {
	holders, err := n.holders(ctx, key)
	for _, o := range holders {
		if !slices.Contains(o.entries[string(key)], string(value)) {
			o.entries[string(key)] = append(o.entries[string(key)], string(value))
		}
	}
	return err
}

func (n *fakeNode) Remove(ctx context.Context, key, value []byte) error {
	holders, err := n.holders(ctx, key)
	for _, o := range holders {
		o.entries[string(key)] = slices.DeleteFunc(o.entries[string(key)], func(v string) bool { return v == string(value) })
	}
	return err
}

func (n *fakeNode) Retrieve(ctx context.Context, key []byte) ([][]byte, error) {
	holders, err := n.holders(ctx, key)
	if err != nil {
		return nil, err
	}
	return bytesOf(holders[0].entries[string(key)]), nil
}

func bytesOf(values []string) [][]byte {
	var b [][]byte
	for _, v := range values {
		b = append(b, []byte(v))
	}
	return b
}

func (n *fakeNode) Entries(ctx context.Context) iter.Seq2[node.Entry, error] {
	return func(yield func(node.Entry, error) bool) {
		var all []node.Entry
		for key, values := range n.entries {
			if len(values) > 0 {
				all = append(all, node.Entry{ID: keyspace.HashKey([]byte(key)), Key: []byte(key), Values: bytesOf(values)})
			}
		}
		slices.SortFunc(all, func(a, b node.Entry) int { return a.ID.Compare(b.ID) })
		for _, e := range all {
			if err := trouble(ctx, string(e.Values[0])); err != nil {
				yield(node.Entry{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (n *fakeNode) View() ring.View {
	around := n.net.from(n.self.ID)
	v := ring.View{Self: n.self, Phase: ring.Member}
	if strings.HasPrefix(n.self.Addr, "lost") {
		v.Phase = ring.Joining
		return v
	}
	if n.views.Add(1) > 1 && strings.HasPrefix(n.self.Addr, "stuck") {
		<-n.done // the first answer, at the creation, comes
		return v
	}
	if len(around) == 1 {
		v.Successors = []ring.Peer{n.self}
		return v
	}
	v.Predecessor = around[len(around)-1].self
	for _, s := range around[1:] {
		v.Successors = append(v.Successors, s.self)
	}
	for k := range keyspace.Bits {
		p := n.net.from(n.self.ID.AddPower(k))[0].self
		if last := len(v.Fingers) - 1; last >= 0 && v.Fingers[last].Peer == p {
			v.Fingers[last].To = k
		} else {
			v.Fingers = append(v.Fingers, ring.Finger{From: k, To: k, Peer: p})
		}
	}
	return v
}

func (n *fakeNode) end(how string) {
	n.net.mu.Lock()
	if !n.gone {
		close(n.done)
	}
	n.gone = true
	n.net.ended = append(n.net.ended, how+" "+n.self.Addr)
	n.net.mu.Unlock()
	n.net.spread()
}

// spread brings every key to who is to keep it now, and takes it from the
// others. The last node keeps what it has.
func (f *fakeNet) spread() {
	if len(f.from(keyspace.ID{})) == 0 {
		return
	}
	f.mu.Lock()
	all := map[string][]string{}
	for _, n := range f.nodes {
		maps.Copy(all, n.entries)
		n.entries = map[string][]string{}
	}
	f.mu.Unlock()
	for key, values := range all {
		live := f.from(keyspace.HashKey([]byte(key)))
		for _, n := range live[:min(fakeCopies, len(live))] {
			n.entries[key] = slices.Clone(values)
		}
	}
}

func (n *fakeNode) Leave(ctx context.Context) error {
	if strings.HasSuffix(n.self.Addr, ":666") {
		return &node.Error{Kind: node.Unavailable, Text: "nobody takes the keys", Remedy: "try again later"}
	}
	n.end("leave")
	return nil
}
func (n *fakeNode) Close() error { n.end("close"); return nil }
func (n *fakeNode) Crash() error { n.end("crash"); return nil }
