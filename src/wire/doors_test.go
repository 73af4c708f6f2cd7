package wire

import (
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

// far is a connection from an address, good for nothing.
type far struct {
	net.Conn
	from   string
	closed *bool
}

func (f far) RemoteAddr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", f.from)
	return a
}

func (f far) Close() error {
	*f.closed = true
	return nil
}

func knock(d *doors, from string) (*accepted, *bool) {
	closed := new(bool)
	return d.enter(far{from: from, closed: closed}), closed
}

// A flood from one address takes the places of that address alone.
func TestStrangersGiveWay(t *testing.T) {
	d := newDoors(16, &counts{})
	_, quiet := knock(d, "10.0.0.9:1")
	var flood []*bool
	for i := range 100 {
		_, closed := knock(d, fmt.Sprintf("10.0.0.1:%d", i+1))
		flood = append(flood, closed)
	}
	if *quiet || *flood[99] || !*flood[0] {
		t.Errorf("closed: who was there %v, the first %v, the last %v", *quiet, *flood[0], *flood[99])
	}
	if n := d.strangers.Len(); n != 4 || d.counts.connections.Load() != 4 {
		t.Errorf("%d strangers, %d connections", n, d.counts.connections.Load())
	}
}

// Clients leave room for nodes, and one address for others.
func TestRoomForNodes(t *testing.T) {
	d := newDoors(16, &counts{})
	enter := func(from string, p proof) error {
		a, _ := knock(d, from)
		if err := d.prove(a, p); err != nil {
			a.Close()
			return err
		}
		return nil
	}
	clients := 0
	for i := range 20 {
		if enter(fmt.Sprintf("10.0.0.%d:1", i%2), byClient) == nil {
			clients++
		}
	}
	if clients != 8 {
		t.Errorf("%d clients of two addresses", clients)
	}
	kind(t, enter("10.0.0.7:1", byClient), node.Overloaded)
	for i := range 4 {
		kind(t, enter("10.0.0.0:9", byClient), node.Overloaded)
		if err := enter(fmt.Sprintf("10.0.%d.0:9", i%2), byNode); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
	kind(t, enter("10.0.1.0:9", byNode), node.Overloaded)
	if len(d.hosts) != 3 || d.strangers.Len() != 0 {
		t.Errorf("%d hosts, %d strangers", len(d.hosts), d.strangers.Len())
	}
}

// A silent connection ends by itself, and keeps nobody out.
func TestManySilentConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, &fake{}, Options{Connections: 8})
		for range 50 {
			if _, err := n.dial(t.Context(), addr); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if _, err := n.peer(t, Options{}).Hello(t.Context()); err != nil {
			t.Errorf("beside silent ones: %v", err)
		}
		time.Sleep(greetTimeout)
		synctest.Wait()
		if now := s.Stats(); now.Connections != 1 || now.Shut < 40 {
			t.Errorf("%+v", now)
		}
	})
}

// Who has the room of clients for connections is told so, and nodes come in.
func TestManyClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{}, Options{Connections: 40})
		var err error
		for i := 0; i < 11 && err == nil; i++ {
			if _, err = n.client(t, Options{}).Status(t.Context()); err != nil && i < 10 {
				t.Errorf("client %d: %v", i, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err = n.client(t, Options{}).Status(ctx); err == nil {
			t.Error("one address has more than its part")
		}
	})
}

func TestNodePastClients(t *testing.T) {
	d := newDoors(8, &counts{})
	for i := range 4 {
		a, _ := knock(d, fmt.Sprintf("10.0.0.%d:1", i))
		if err := d.prove(a, byClient); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := knock(d, "10.0.0.8:1")
	kind(t, d.prove(a, byClient), node.Overloaded)
	if err := d.prove(a, byNode); err != nil {
		t.Error(err)
	}
	a.Close()
	a.Close()
	if d.peers != 0 || d.clients != 4 {
		t.Errorf("%d nodes, %d clients", d.peers, d.clients)
	}
}
