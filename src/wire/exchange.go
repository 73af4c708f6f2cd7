package wire

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"chord/node"
	"chord/wire/chordpb"
)

// exchange is where callers of one connection put their operations: all that
// queued up while one message was sent goes in the next. There is one for each
// service; it is safe for concurrent use.
//
// Invariant: an operation is in the queue, or pending in one session, or its
// waiter has been told, and never two of these.
type exchange struct {
	to    remote
	open  func(context.Context, ...grpc.CallOption) (exchangeStream, error)
	slots slots
	met   atomic.Bool // the other side has answered a greeting
	// wake tells the writer that something was put into the queue.
	wake chan struct{}

	mu      sync.Mutex
	queue   lanes[*waiter]
	running bool // there is a writer
}

type exchangeStream = grpc.BidiStreamingClient[chordpb.OpBatch, chordpb.ResultBatch]

// waiter is an operation and who waits for its answer.
type waiter struct {
	op   *chordpb.NumberedOp
	size int
	// in is where it is pending; nil before it is sent.
	in      *session
	queued  bool        // was put into the queue
	refused int         // how often it came back unheard
	answer  chan answer // takes the one answer without waiting
}

type answer struct {
	result *chordpb.NumberedResult
	err    error
}

func newExchange(to remote, slots slots, open func(context.Context, ...grpc.CallOption) (exchangeStream, error)) *exchange {
	return &exchange{to: to, open: open, slots: slots, wake: make(chan struct{}, 1)}
}

// start queues an operation of about that many bytes, which belongs to the exchange
// from now on, and does not wait. Where there is no room its wait queues it.
func (x *exchange) start(ctx context.Context, m *chordpb.NumberedOp, size int) *waiter {
	w := &waiter{op: m, size: size + opOverhead, answer: make(chan answer, 1)}
	if w.size <= maxRequest && ctx.Err() == nil && x.slots.of(w.size).tryEnter() {
		x.enqueue(ctx, w)
	}
	return w
}

func (x *exchange) enqueue(ctx context.Context, w *waiter) {
	if until, ok := ctx.Deadline(); ok {
		w.op.Remaining = uint64(max(1, time.Until(until)))
	}
	w.queued = true
	x.put(w)
}

// wait waits for the answer to an operation that was started, until ctx is done.
func (x *exchange) wait(ctx context.Context, w *waiter) (*chordpb.NumberedResult, error) {
	if w.size > maxRequest {
		return nil, call{}.failf(node.TooLarge, "a request of %d bytes to %s, the limit is %d", w.size, x.to.addr, maxRequest)
	}
	room := x.slots.of(w.size)
	if !w.queued {
		switch err := room.enter(ctx); err {
		case nil:
			x.enqueue(ctx, w)
		case errCrowd:
			return nil, call{}.failf(node.Overloaded, "%d requests to %s are on their way already", cap(room.room)+cap(room.crowd), x.to.addr)
		default:
			return nil, x.gaveUp(w.op, false, err)
		}
	}
	defer room.exit()
	select {
	case a := <-w.answer:
		until, ok := ctx.Deadline()
		return x.read(w, a, ok && !time.Now().Before(until))
	case <-ctx.Done():
		return x.leave(w, ctx.Err())
	}
}

func (x *exchange) put(w *waiter) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queue.put(w, w.size)
	if !x.running {
		x.running = true
		go x.run()
	}
	signal(x.wake)
}

// signal leaves one token in c.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// leave ends the wait for an answer. The other side is told nothing: it works
// on for as long as it was told, and what it answers is dropped.
func (x *exchange) leave(w *waiter, why error) (*chordpb.NumberedResult, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	select {
	case a := <-w.answer: // in the meantime
		return x.read(w, a, true)
	default:
	}
	if w.in == nil {
		x.queue.drop(w, w.size)
		return nil, x.gaveUp(w.op, false, why)
	}
	w.in.forget(w)
	return nil, x.gaveUp(w.op, true, why)
}

// gaveUp is the error of who waits no longer.
func (x *exchange) gaveUp(m *chordpb.NumberedOp, sent bool, why error) error {
	return call{addr: x.to.addr, write: changes(m), sent: sent}.fromStatus(status.FromContextError(why).Err())
}

// read checks an answer. Where it is an error that came when the caller's time
// was over, both sides gave up in the same moment: the caller's words are taken,
// or it would be chance which.
func (x *exchange) read(w *waiter, a answer, late bool) (*chordpb.NumberedResult, error) {
	switch {
	case a.err != nil:
		return nil, a.err
	case a.result.Error == nil:
		return a.result, nil
	case late:
		return nil, x.gaveUp(w.op, true, context.DeadlineExceeded)
	}
	return nil, decodeError(a.result.Error)
}

// run sends what is queued, over one session after the other, until nothing is.
func (x *exchange) run() {
	for more := true; more; {
		if s, err := x.connect(); err != nil {
			x.failQueue(err)
		} else {
			go s.read()
			s.write()
		}
		x.mu.Lock()
		more = x.queue.len() > 0
		x.running = more
		x.mu.Unlock()
	}
}

// connect opens a stream and waits until the other side has answered its
// greeting: before that nothing is sent, so that whatever goes wrong up to here
// had no effect.
func (x *exchange) connect() (*session, error) {
	ctx, cancel := context.WithCancel(context.Background())
	late := time.AfterFunc(greetTimeout, cancel)
	stream, err := x.open(x.to.greet(ctx))
	if err == nil {
		header, _ := stream.Header()
		if header == nil {
			_, err = stream.Recv() // tells why there is none
		} else {
			err = x.to.check(header)
		}
	}
	if !late.Stop() {
		err = status.Errorf(codes.Unavailable, "no greeting came back for %v", greetTimeout)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	x.met.Store(true)
	return &session{
		exchange: x, stream: stream, cancel: cancel,
		pending: make(map[uint64]*waiter), ended: make(chan struct{}),
	}, nil
}

// requeue puts operations that had no effect before those that wait.
func (x *exchange) requeue(list []*waiter) {
	items := make([]sized[*waiter], len(list))
	for i, w := range list {
		w.in = nil
		items[i] = sized[*waiter]{w, w.size}
	}
	x.queue.putBack(items)
	if len(items) > 0 && !x.running {
		x.running = true
		go x.run()
	}
	signal(x.wake)
}

// failQueue tells all that wait to be sent that they cannot.
func (x *exchange) failQueue(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	err = call{addr: x.to.addr}.fromStatus(err)
	for x.queue.len() > 0 {
		for _, w := range x.queue.next(nil) {
			w.answer <- answer{err: err}
		}
	}
}

// opOverhead is about what an operation takes in a message beside key and value.
const opOverhead = 32
