package node_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

func start(t *testing.T, w *nodetest.Network, name, addr string, bootstrap ...string) *node.Node {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "chord.db"), store.Options{Ring: "test", Name: name, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.New(node.Config{Addr: addr, Bootstrap: bootstrap, Store: s, Dialer: w.Dialer(addr), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Attach(addr, n)
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close(); s.Close() })
	return n
}

func TestFourNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &nodetest.Network{Delay: time.Millisecond}
		began := time.Now()
		nodes := []*node.Node{start(t, w, "n0", "10.0.0.1:1")}
		for i := 1; i < 4; i++ {
			nodes = append(nodes, start(t, w, fmt.Sprint("n", i), fmt.Sprintf("10.0.0.%d:1", i+1), "10.0.0.1:1"))
		}
		for _, n := range nodes {
			select {
			case <-n.Ready():
			case <-n.Failed():
				t.Fatal(n.Err())
			}
			t.Log("ready after", time.Since(began))
		}
		for i := range 100 {
			key := fmt.Appendf(nil, "key %d", i)
			if err := nodes[i%4].Insert(t.Context(), key, []byte("v")); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 100 {
			key := fmt.Appendf(nil, "key %d", i)
			vs, err := nodes[(i+1)%4].Retrieve(t.Context(), key)
			if err != nil || len(vs) != 1 {
				t.Fatal(vs, err)
			}
		}
		for _, n := range nodes {
			s := n.Status()
			t.Logf("%+v %v", s.Buckets, s.Store.Keys)
		}
	})
}
