package wire

import (
	age "container/list"
	"net"
	"sync"

	"chord/node"
	"chord/share"
)

// proof is what the calls on a connection have shown of who is at its other end.
type proof int

const (
	unproven proof = iota // nothing yet
	byClient
	byNode
)

// doors bounds the accepted connections. Half of the room is for clients, a
// quarter for strangers, and the rest is kept for nodes: neither a flood nor a crowd
// of clients keeps them out. A stranger never has to wait: it takes the place of the
// oldest one of the address that has the most of them, so that who comes from
// elsewhere has the time to say who it is.
type doors struct {
	room   int // of all
	counts *counts

	mu        sync.Mutex
	strangers age.List // of *accepted, by age
	hosts     map[string]*guests
	clients   int
	peers     int
}

// guests are the connections of one address.
type guests struct{ strangers, clients, peers int }

// accepted is a connection that came in. doors guards what follows its word.
type accepted struct {
	net.Conn
	doors *doors
	host  string

	word  [1]byte // the first that was read, while spoke
	spoke bool

	proof     proof
	gone      bool
	place     *age.Element // among the strangers
	exchanges int          // streams of operations
}

func newDoors(room int, c *counts) *doors {
	return &doors{room: room, counts: c, hosts: make(map[string]*guests)}
}

// enter takes a connection in, of a stranger. Where there are too many of them it
// closes another.
func (d *doors) enter(c net.Conn) *accepted {
	a := &accepted{Conn: c, doors: d, host: share.HostOf(c.RemoteAddr())}
	d.counts.accepted.Add(1)
	d.counts.connections.Add(1)
	d.mu.Lock()
	var out *accepted
	if d.strangers.Len() >= max(1, d.room/4) {
		out = d.oldest()
	}
	a.place = d.strangers.PushBack(a)
	d.count(a, 1)
	d.mu.Unlock()
	if out != nil {
		d.counts.shut.Add(1)
		out.Close()
	}
	return a
}

// ofOneAddress is how many clients one may have.
func (d *doors) ofOneAddress() int { return max(1, d.room/4) }

// makeRoom closes the oldest stranger, if there is one.
func (d *doors) makeRoom() {
	d.mu.Lock()
	out := d.oldest()
	d.mu.Unlock()
	if out != nil {
		d.counts.shut.Add(1)
		out.Close()
	}
}

// oldest returns the oldest stranger of the address that has the most.
func (d *doors) oldest() *accepted {
	most, crowd := "", 0
	for host, g := range d.hosts {
		if g.strangers > crowd {
			most, crowd = host, g.strangers
		}
	}
	return d.oldestOf(most)
}

func (d *doors) oldestOf(host string) *accepted {
	for e := d.strangers.Front(); e != nil; e = e.Next() {
		if a := e.Value.(*accepted); a.host == host {
			return a
		}
	}
	return nil
}

// prove notes who is at the other end of a connection, and says why there is no
// room for one.
func (d *doors) prove(a *accepted, p proof) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.gone || a.proof >= p {
		return nil
	}
	others := d.clients + d.peers
	if a.proof == byClient {
		others--
	}
	full := p == byClient && (d.clients >= d.room/2 || d.hosts[a.host].clients >= d.ofOneAddress())
	if full || others >= d.room-d.room/4 {
		return &node.Error{
			Kind:   node.Overloaded,
			Text:   "the node has too many connections",
			Remedy: "close those that are not needed, or ask another node",
		}
	}
	d.count(a, -1)
	a.proof = p
	if a.place != nil {
		d.strangers.Remove(a.place)
		a.place = nil
	}
	d.count(a, 1)
	return nil
}

// count adds a connection to the counts that it belongs to, or takes it out.
func (d *doors) count(a *accepted, by int) {
	g := d.hosts[a.host]
	if g == nil {
		g = &guests{}
		d.hosts[a.host] = g
	}
	switch a.proof {
	case unproven:
		g.strangers += by
	case byClient:
		g.clients += by
		d.clients += by
	case byNode:
		g.peers += by
		d.peers += by
	}
	if *g == (guests{}) {
		delete(d.hosts, a.host)
	}
}

// leave forgets a connection that is closed.
func (d *doors) leave(a *accepted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.gone {
		return
	}
	a.gone = true
	if a.place != nil {
		d.strangers.Remove(a.place)
	}
	d.count(a, -1)
	d.counts.connections.Add(-1)
}

func (a *accepted) Read(b []byte) (int, error) {
	if a.spoke && len(b) > 0 {
		a.spoke = false
		b[0] = a.word[0]
		return 1, nil
	}
	return a.Conn.Read(b)
}

func (a *accepted) Close() error {
	a.doors.leave(a)
	return a.Conn.Close()
}

// RemoteAddr knows its connection: gRPC shows calls where they come from.
func (a *accepted) RemoteAddr() net.Addr { return origin{a.Conn.RemoteAddr(), a} }

type origin struct {
	net.Addr
	conn *accepted
}
