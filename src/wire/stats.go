package wire

import (
	"sync/atomic"

	"chord/node"
)

// Stats is a snapshot of what a server works on and has turned away since its
// start.
type Stats struct {
	// Clients, Nodes and Copies are the requests that it works on: of clients, of
	// nodes for their clients or to fill their copies, and of coordinators on its
	// own copies.
	Clients, Nodes, Copies int
	Connections            int    // open
	Accepted               uint64 // connections ever
	// Refused counts, by kind of error, requests and streams that were turned away
	// before they were looked at.
	Refused map[node.Kind]uint64
	Shut    uint64 // connections closed, and calls refused, for want of room before anything was read
	Faults  uint64 // requests that met a fault of the program
}

// counts are what Stats is made of.
type counts struct {
	connections      atomic.Int64
	accepted, faults atomic.Uint64
	shut             atomic.Uint64
	refused          [node.Behind + 1]atomic.Uint64
}

// refuse counts a request that is turned away.
func (c *counts) refuse(err error) error {
	c.refused[node.KindOf(err)].Add(1)
	return err
}

// Stats returns a snapshot.
func (s *Server) Stats() Stats {
	now := Stats{
		Clients: int(s.inFlight[asked].Load()), Nodes: int(s.inFlight[forwarded].Load()), Copies: int(s.inFlight[replicated].Load()),
		Connections: int(s.counts.connections.Load()), Accepted: s.counts.accepted.Load(),
		Refused: make(map[node.Kind]uint64), Faults: s.counts.faults.Load(), Shut: s.counts.shut.Load(),
	}
	for kind := range s.counts.refused {
		if n := s.counts.refused[kind].Load(); n > 0 {
			now.Refused[node.Kind(kind)] = n
		}
	}
	return now
}

// Outgoing is a snapshot of what a dialer has under way.
type Outgoing struct {
	Connections int
	Queued      int // operations that wait to be sent
	Pending     int // that were sent and are not answered
}

// Stats returns a snapshot.
func (d *Dialer) Stats() (o Outgoing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o.Connections = len(d.conns)
	for _, c := range d.conns {
		for _, x := range []*exchange{c.clients, c.nodes, c.copies} {
			queued, pending := x.lengths()
			o.Queued, o.Pending = o.Queued+queued, o.Pending+pending
		}
	}
	return o
}

// lengths returns how many operations wait to be sent and to be answered.
func (x *exchange) lengths() (queued, pending int) {
	x.mu.Lock()
	queued = x.queue.len()
	x.mu.Unlock()
	return queued, max(0, len(x.slots.small.room)+len(x.slots.large.room)-queued)
}
