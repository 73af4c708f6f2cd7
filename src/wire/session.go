package wire

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"chord/node"
	"chord/wire/chordpb"
)

// maxRefused is how many streams may close before an operation is heard.
const maxRefused = 3

// session is one stream of an exchange. The exchange's writer writes it, a
// goroutine of its own reads it. The exchange's lock guards its fields.
type session struct {
	*exchange
	stream  exchangeStream
	cancel  context.CancelFunc
	last    uint64             // the number given last
	pending map[uint64]*waiter // sent, or about to be
	closing bool               // takes no more operations
	ended   chan struct{}      // closed when it takes no more, or broke
}

// write sends what is queued until the session takes no more, or nothing was
// queued for a while: a stream that is open keeps a connection from idling.
func (s *session) write() {
	idle := time.NewTimer(exchangeIdle)
	defer idle.Stop()
	var m chordpb.OpBatch
	var batch []*waiter
	for {
		batch = s.take(batch[:0])
		if len(batch) > 0 {
			m.Ops = m.Ops[:0]
			for _, w := range batch {
				m.Ops = append(m.Ops, w.op)
			}
			if err := s.stream.Send(&m); err != nil { // the reader learns why
				<-s.ended
				return
			}
			clear(batch)
			clear(m.Ops)
			idle.Reset(exchangeIdle)
			continue
		}
		select {
		case <-s.wake:
			runtime.Gosched() // whoever is about to queue one more may do so
		case <-s.ended:
			return
		case <-idle.C:
			if s.quit() {
				return
			}
			idle.Reset(exchangeIdle)
		}
	}
}

// take moves the operations of the next message from the queue to those that
// are pending.
func (s *session) take(into []*waiter) []*waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return into
	}
	into = s.queue.next(into)
	for _, w := range into {
		s.last++
		w.op.Number, w.in = s.last, s
		s.pending[s.last] = w
	}
	return into
}

// quit ends an idle session and reports whether it was one.
func (s *session) quit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue.len() > 0 || len(s.pending) > 0 {
		return false
	}
	s.end()
	s.cancel()
	return true
}

// end makes the writer leave the session.
func (s *session) end() {
	if !s.closing {
		s.closing = true
		close(s.ended)
	}
}

// forget drops who waits no longer.
func (s *session) forget(w *waiter) {
	delete(s.pending, w.op.Number)
	s.settle()
}

// settle lets go of a stream that has nothing more to tell.
func (s *session) settle() {
	if s.closing && len(s.pending) == 0 {
		s.cancel()
	}
}

// read hands the answers out until the stream ends.
func (s *session) read() {
	defer s.cancel()
	for {
		m, err := s.stream.Recv()
		if err != nil {
			s.broke(err)
			return
		}
		s.deliver(m)
	}
}

// deliver tells the waiters. Numbers that nobody waits for are no fault: their
// waiters have left.
func (s *session) deliver(m *chordpb.ResultBatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range m.Results {
		if w := s.pending[r.Number]; w != nil {
			delete(s.pending, r.Number)
			w.answer <- answer{result: r}
		}
	}
	if m.Closing {
		s.end()
		s.putBack(m.Taken)
	}
	s.settle()
}

// putBack takes the operations that the other side did not hear for the next
// session.
func (s *session) putBack(taken uint64) {
	var back []*waiter
	for n, w := range s.pending {
		if n > taken {
			delete(s.pending, n)
			back = append(back, w)
		}
	}
	slices.SortFunc(back, func(a, b *waiter) int { return cmp.Compare(a.op.Number, b.op.Number) })
	again := back[:0]
	for _, w := range back {
		if w.refused++; w.refused < maxRefused {
			again = append(again, w)
			continue
		}
		w.answer <- answer{err: call{}.failf(node.Unavailable, "%s is stopping", s.to.addr)}
	}
	s.requeue(again)
}

// broke tells all that wait that the stream is no more: what was sent may have
// been done.
func (s *session) broke(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	why := status.New(codes.Unavailable, status.Convert(err).Message())
	for n, w := range s.pending {
		delete(s.pending, n)
		w.answer <- answer{err: call{addr: s.to.addr, write: changes(w.op), sent: true}.unanswered(why)}
	}
}
