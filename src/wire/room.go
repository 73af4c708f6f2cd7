package wire

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"chord/node"
	"chord/wire/chordpb"
)

// proof is what a call of a service shows of its caller.
func (r rules) proof() proof {
	if r.rank == asked && !r.liveness {
		return byClient
	}
	return byNode
}

// prove notes who is at the other end of a call's connection.
func (s *Server) prove(v visitor, p proof) error {
	if v.conn == nil {
		return nil
	}
	if err := s.doors.prove(v.conn, p); err != nil {
		return s.counts.refuse(err)
	}
	return nil
}

// enter counts one more request in flight, or says that there are too many.
func (s *Server) enter(r rank, who string, size int) error {
	if r == asked && !s.clients.Enter(who) {
		return s.crowded()
	}
	n, bytes := s.inFlight[r].Add(1), s.taken[r].Add(int64(size))
	if n > int64(s.options.InFlight) || bytes > maxTaken && n > 1 {
		s.exit(r, who, size)
		return s.crowded()
	}
	return nil
}

func (s *Server) crowded() error {
	return s.counts.refuse(&node.Error{
		Kind:   node.Overloaded,
		Text:   fmt.Sprintf("the node already works on %d requests, or on large ones", s.options.InFlight),
		Remedy: "try again in a moment, or ask another node",
	})
}

// exit ends what enter began.
func (s *Server) exit(r rank, who string, size int) {
	s.inFlight[r].Add(-1)
	s.taken[r].Add(-int64(size))
	if r == asked {
		s.clients.Exit(who)
	}
}

// watch counts one more stream of a client's that may take long: they leave room
// for what is short.
func (s *Server) watch(v visitor, r rules) (done func(), err error) {
	if r.rank != asked || r.liveness {
		return func() {}, nil
	}
	if !s.watching.Enter(v.name) {
		return nil, s.crowded()
	}
	return func() { s.watching.Exit(v.name) }, nil
}

// hold ends a call that is no stream: at once, or where the answer is large once
// the other side has taken it, for until then it is kept here.
func (s *Server) hold(ctx context.Context, size int, done func()) error {
	if size < largeItem {
		done()
		return nil
	}
	if s.unsent.Add(int64(size)) > 2*maxUnsentAll {
		s.unsent.Add(-int64(size))
		done()
		return s.crowded()
	}
	context.AfterFunc(ctx, func() {
		s.unsent.Add(-int64(size))
		done()
	})
	return nil
}

// sizeOf returns how many bytes a message takes.
func sizeOf(m any) int {
	if p, ok := m.(proto.Message); ok {
		return proto.Size(p)
	}
	return 0
}

// opSize is about how many bytes an operation takes.
func opSize(m *chordpb.NumberedOp) int {
	n := opOverhead + len(m.Key) + len(m.Value)
	if m.Write != nil && m.Write.Delta != nil {
		n += len(m.Write.Before) + len(m.Write.Delta.Key) + len(m.Write.Delta.Context)
		for _, e := range m.Write.Delta.Elements {
			n += len(e)
		}
	}
	return n
}

// sit counts one more stream of operations on a connection.
func (d *doors) sit(a *accepted) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.exchanges >= maxSittings {
		return false
	}
	a.exchanges++
	return true
}

func (d *doors) rise(a *accepted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.exchanges--
}
